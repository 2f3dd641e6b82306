import type { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { contract } from '../../apps/cost/contract';
import { labelsOf, Manifest, WebService } from '../../components';
import type { Environment } from '../../config';
import type { EnvironmentModel } from '../../pricing/contract';
import { environmentModelOf } from '../../pricing/manifests/contract';
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
  return environmentModelOf({
    name: environment.name,
    region: environment.region,
    controlPlanes: 1,
    natGateways: environment.network.nat === 'single' ? 1 : environment.network.availabilityZones,
    nodePools: environment.nodePools.map((pool) => ({ ...pool })),
    dataTransferGiB: {},
    budgetMonthlyUsd: environment.budget.monthlyUsd,
  }, objects);
}
