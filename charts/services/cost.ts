import type { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { contract } from '../../apps/cost/contract';
import { FaultError } from '../../base/faults';
import { labelsOf, Manifest, WebService } from '../../components';
import type { Environment } from '../../config';
import type { EnvironmentModel, PricedWorkload } from '../../pricing/contract';
import { NAMESPACES, ownershipOf } from '../context';
import { serviceImage } from './service-image';

/** ConfigMap that holds what the cost service prices; rehearsals read it too. */
const MODELS = 'cost-environments';
const MODELS_PATH = '/etc/tideline/environments';

/** The cost service, given what its environment consists of. */
export function buildCost(chart: Chart, environment: Environment, others: readonly Manifest[]): void {
  const ownership = ownershipOf(environment, contract.owner);
  const service = new WebService(chart, 'cost', {
    ...ownership,
    contract,
    namespace: NAMESPACES.cost,
    image: serviceImage(environment, 'cost'),
    replicas: environment.services.cost.minReplicas,
    settings: { environmentsDir: MODELS_PATH, token: { secret: 'cost', key: 'token' } },
    config: [{ configMap: MODELS, path: MODELS_PATH }],
  });
  const objects = [...others, service.deployment.toJson() as Manifest];
  new k8s.KubeConfigMap(chart, 'models', {
    metadata: { name: MODELS, namespace: NAMESPACES.cost, labels: labelsOf(contract.name, ownership, 'model') },
    data: { [`${environment.name}.json`]: `${JSON.stringify(environmentModel(environment, objects), null, 2)}\n` },
  });
}

/** What an environment consists of, for pricing: decided facts, and the workloads as they were synthesized. */
export function environmentModel(environment: Environment, objects: readonly Manifest[]): EnvironmentModel {
  return {
    version: 1,
    name: environment.name,
    region: environment.region,
    controlPlanes: 1,
    natGateways: environment.network.nat === 'single' ? 1 : environment.network.availabilityZones,
    loadBalancers: objects.filter((object) => object.kind === 'Service' && object.spec?.type === 'LoadBalancer').length,
    nodePools: environment.nodePools.map((pool) => ({ ...pool })),
    workloads: objects.flatMap((object) => workloadOf(object, objects)),
    volumes: objects.flatMap(volumesOf),
    dataTransferGiB: {},
    budgetMonthlyUsd: environment.budget.monthlyUsd,
  };
}

/** A workload's requests and the replicas that it, or the scaler that owns it, asks for; a DaemonSet has one on every node. */
function workloadOf(object: Manifest, objects: readonly Manifest[]): PricedWorkload[] {
  if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind)) return [];
  const { name, namespace = 'default' } = object.metadata;
  const scaler = objects.find((other) => ['ScaledObject', 'HorizontalPodAutoscaler'].includes(other.kind)
    && other.metadata.namespace === namespace && other.spec?.scaleTargetRef?.name === name && (other.spec.scaleTargetRef.kind ?? 'Deployment') === object.kind)?.spec;
  const replicas = Number(object.spec?.replicas ?? 1);
  const containers: { name: string; resources?: { requests?: { cpu?: string; memory?: string } } }[] = object.spec.template.spec.containers;
  const total = (resource: 'cpu' | 'memory') => containers.reduce((sum, { name: container, resources }) => {
    return sum + amount(resources?.requests?.[resource] ?? '0', `${object.kind} ${namespace}/${name}, container ${container}, request of ${resource}`);
  }, 0);
  return [{
    name,
    namespace,
    cpuMillicores: Number((total('cpu') * 1000).toPrecision(12)), // sums of tenths are not exact
    memoryMiB: total('memory') / 2 ** 20,
    minReplicas: scaler?.minReplicaCount ?? scaler?.minReplicas ?? replicas,
    maxReplicas: scaler?.maxReplicaCount ?? scaler?.maxReplicas ?? replicas,
    ...(object.kind === 'DaemonSet' ? { perNode: true } : {}),
  }];
}

/** What the replicas of a workload keep. */
function volumesOf(object: Manifest): { name: string; type: 'gp3'; sizeGiB: number }[] {
  if (object.kind !== 'StatefulSet') return [];
  const { name, namespace = 'default' } = object.metadata;
  const claims: { metadata: { name: string }; spec: { resources: { requests: { storage: string } } } }[] = object.spec.volumeClaimTemplates ?? [];
  return claims.map((claim) => {
    const title = `${namespace}/${name} ${claim.metadata.name}`;
    return { name: title, type: 'gp3', sizeGiB: (amount(claim.spec.resources.requests.storage, `volume ${title}`) * Number(object.spec.replicas ?? 1)) / 2 ** 30 };
  });
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** A Kubernetes quantity in its base unit: cores or bytes. What cannot be read must not be priced as nothing. */
function amount(quantity: string | number, where: string): number {
  const match = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti|)$/.exec(String(quantity));
  if (match) return match[2] === 'm' ? Number(match[1]) / 1000 : Number(match[1]) * UNITS[match[2]!]!;
  throw new FaultError('a workload cannot be priced', [
    { where, got: String(quantity), allowed: 'a quantity such as 500m or 256Mi', do: 'write the request in one of the usual units' },
  ]);
}
