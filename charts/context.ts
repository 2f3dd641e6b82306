import type { Chart } from 'cdk8s';
import { Flow, labelsOf, Ownership } from '../components';
import type { Environment } from '../config';
import { contract as forecaster } from '../forecaster/contract';

/** Namespaces, decided once. */
export const NAMESPACES = { catalog: 'catalog', cost: 'cost', forecaster: 'forecaster', keda: 'keda', loadgen: 'loadgen', observability: 'observability' } as const;

/** The namespaces that an environment has. */
export function namespacesOf({ services }: Environment): readonly (keyof typeof NAMESPACES)[] {
  return (Object.keys(NAMESPACES) as (keyof typeof NAMESPACES)[]).filter((key) => key !== 'loadgen' || services.loadgen !== undefined);
}

/** Address of the environment's Prometheus. */
export const PROMETHEUS = { url: 'http://prometheus.observability.svc:9090', peer: { namespace: NAMESPACES.observability, name: 'prometheus' }, port: 9090 } as const;

/** The StorageClass of volumes. */
export const ENCRYPTED_VOLUMES = 'encrypted';

/**
 * KEDA's way to the forecaster where demand is asked of it over gRPC. The Secrets come from the secret store, each with tls.crt, tls.key and ca.crt: the
 * authority of the other side.
 */
export const SCALER = {
  address: `${forecaster.name}.${NAMESPACES.forecaster}.svc:${forecaster.grpcPort}`,
  port: forecaster.grpcPort,
  peer: { namespace: NAMESPACES.forecaster, name: forecaster.name },
  serverCertificate: 'forecaster-scaler',
  /** Where that Secret is mounted. */
  folder: '/certificates/scaler',
  clientCertificate: 'forecaster-scaler-client',
} as const;

/** Whether KEDA asks the forecaster itself in an environment. */
export function asksForecaster({ scaling }: Environment): boolean {
  return scaling.mode === 'predictive' && scaling.demandSource === 'external';
}

/** What one Argo CD Application is made of. */
export interface ApplicationSpec {
  /** Its name, and its folder in dist/. */
  readonly name: string;
  /** Whether an environment has it. @default - every environment does */
  readonly on?: (environment: Environment) => boolean;
  /** Builds its objects into the chart. */
  readonly build: (chart: Chart, environment: Environment) => void;
}

/**
 * Something that has to be there before Argo CD can sync, in `bootstrap/` of an environment. No Application syncs it. On EKS it comes otherwise, by a stack or as an add-on;
 * elsewhere these objects are applied as they are.
 */
export type BootstrapSpec = Pick<ApplicationSpec, 'name' | 'build'>;

/**
 * The Kubernetes API, which no pod selector reaches, on whatever cluster: where it is not EKS it often listens on another port than its Service, and most network plug-ins judge
 * by that.
 */
export const KUBERNETES_API: readonly Flow[] = [{ port: 443 }, { port: 6443 }];

/** Labels of what an environment starts from: it belongs to the platform, and Argo CD does not manage it. */
export function bootstrapLabels(name: string, environment: Environment, component: string): Record<string, string> {
  return { ...labelsOf(name, ownershipOf(environment, 'platform'), component), 'app.kubernetes.io/managed-by': 'bootstrap' };
}

/** Who answers for objects that belong to a team. */
export function ownershipOf(environment: Environment, owner: string): Ownership {
  return { owner, environment: environment.name, costCentre: environment.costCentre };
}
