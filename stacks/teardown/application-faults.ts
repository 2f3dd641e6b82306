import { Fault, show } from '../../base/faults';

/** A Kubernetes object, as far as teardown goes. */
export interface DeployedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>>; readonly finalizers?: readonly string[] };
  readonly spec?: { readonly type?: string };
}

/** An Argo CD Application with what it deploys. */
export interface DeployedApplication {
  readonly application: DeployedObject;
  readonly objects: readonly DeployedObject[];
}

/** Objects for which a controller makes something in AWS, and the Deployment that is needed to remove it. */
const CONTROLLED: readonly { readonly what: string; readonly is: (object: DeployedObject) => boolean; readonly controller: string }[] = [
  { what: 'nodes', is: ({ kind }) => ['NodePool', 'EC2NodeClass'].includes(kind), controller: 'karpenter' },
  { what: 'load balancers', is: ({ kind, spec }) => kind === 'Ingress' || kind === 'TargetGroupBinding' || (kind === 'Service' && spec?.type === 'LoadBalancer'), controller: 'aws-load-balancer-controller' },
];

const FINALIZER = 'resources-finalizer.argocd.argoproj.io';

/**
 * Proves that the Applications of an environment go in an order in which nothing is orphaned. Argo CD deletes what an Application deployed by waves, the last first, and waits for
 * each; so what a controller made for goes in a later wave than the controller, and every Application removes what it deployed.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
 */
export function applicationFaults(environment: string, applications: readonly DeployedApplication[]): Fault[] {
  const wave = ({ metadata }: DeployedObject) => Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
  return applications.flatMap(({ application, objects }): Fault[] => {
    const where = `${environment} Application ${application.metadata.name}`;
    const finalizers = application.metadata.finalizers ?? [];
    return [
      ...(finalizers.includes(FINALIZER) ? [] : [{ where, got: `finalizers ${show(finalizers)}`, allowed: FINALIZER, do: 'add it: without it Argo CD forgets what it deployed instead of removing it' }]),
      ...CONTROLLED.filter(({ is }) => objects.some(is)).flatMap(({ what, controller }) => applications
        .filter((other) => other.objects.some(({ kind, metadata }) => kind === 'Deployment' && metadata.name === controller))
        .filter((other) => other.application === application || wave(other.application) >= wave(application))
        .map((other): Fault => ({
          where, got: `wave ${wave(application)}, and ${controller} is in wave ${wave(other.application)} (${other.application.metadata.name})`,
          allowed: `a later wave than what removes its ${what}`, do: `let its wave follow that of ${other.application.metadata.name}`,
        }))),
    ];
  });
}
