import type { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { contract } from '../../apps/cost/contract';
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
    volumes: [],
    dataTransferGiB: {},
    budgetMonthlyUsd: environment.budget.monthlyUsd,
  };
}

/** A Deployment's requests and the replicas that it, or the scaler that owns it, asks for. */
function workloadOf(object: Manifest, objects: readonly Manifest[]): PricedWorkload[] {
  if (object.kind !== 'Deployment') return [];
  const { name, namespace = 'default' } = object.metadata;
  const scaler = objects.find((other) => ['ScaledObject', 'HorizontalPodAutoscaler'].includes(other.kind)
    && other.metadata.namespace === namespace && other.spec?.scaleTargetRef?.name === name)?.spec;
  const replicas = Number(object.spec?.replicas ?? 1);
  const containers: { resources?: { requests?: { cpu?: string; memory?: string } } }[] = object.spec.template.spec.containers;
  const requests = containers.map((container) => container.resources?.requests ?? {});
  return [{
    name,
    namespace,
    cpuMillicores: requests.reduce((sum, each) => sum + millicores(each.cpu ?? '0'), 0),
    memoryMiB: requests.reduce((sum, each) => sum + mebibytes(each.memory ?? '0'), 0),
    minReplicas: scaler?.minReplicaCount ?? scaler?.minReplicas ?? replicas,
    maxReplicas: scaler?.maxReplicaCount ?? scaler?.maxReplicas ?? replicas,
  }];
}

function millicores(quantity: string): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
}

const UNITS: Readonly<Record<string, number>> = { Ki: 1 / 1024, Mi: 1, Gi: 1024, k: 1e3 / 2 ** 20, M: 1e6 / 2 ** 20, G: 1e9 / 2 ** 20, '': 1 / 2 ** 20 };

function mebibytes(quantity: string): number {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|k|M|G|)$/.exec(quantity);
  return match ? Number(match[1]) * UNITS[match[2]!]! : NaN;
}
