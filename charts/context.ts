import type { Chart } from 'cdk8s';
import { Ownership } from '../components';
import type { Environment } from '../config';

/** Namespaces, decided once. */
export const NAMESPACES = { catalog: 'catalog', cost: 'cost', forecaster: 'forecaster', keda: 'keda', observability: 'observability' } as const;

/** Address of the environment's Prometheus. */
export const PROMETHEUS = { url: 'http://prometheus.observability.svc:9090', peer: { namespace: NAMESPACES.observability, name: 'prometheus' }, port: 9090 } as const;

/** What one Argo CD Application is made of. */
export interface ApplicationSpec {
  /** Its name, and its folder in dist/. */
  readonly name: string;
  /** Builds its objects into the chart. */
  readonly build: (chart: Chart, environment: Environment) => void;
}

/** Who answers for objects that belong to a team. */
export function ownershipOf(environment: Environment, owner: string): Ownership {
  return { owner, environment: environment.name, costCentre: environment.costCentre };
}
