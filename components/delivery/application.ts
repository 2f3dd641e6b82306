import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Fault, refuse, show } from '../../base/faults';
import { LABEL_PREFIX, ownerLabels, Ownership } from '../labels';

/** Where Argo CD runs, and its Application objects live. */
export const ARGOCD_NAMESPACE = 'argocd';

/** The cluster that Argo CD runs in, by the address under which it knows it. */
export const CLUSTER = 'https://kubernetes.default.svc';

/** Props of {@link Application}. */
export interface ApplicationProps extends Ownership {
  /** Unique in the cluster. */
  readonly name: string;
  /** AppProject it belongs to. */
  readonly project: string;
  /** Git repository. */
  readonly repository: string;
  /** Branch, tag or commit; never HEAD. */
  readonly revision: string;
  /** Folder in the repository. */
  readonly path: string;
  /** Namespace for objects that name none. Argo CD refuses an Application without one unless its project permits every namespace. */
  readonly namespace: string;
  /** Applied after every smaller wave is healthy. */
  readonly wave: number;
  /** Deployments whose replicas a scaler owns: Argo CD must not write them back. @default - none */
  readonly scaledDeployments?: readonly { readonly namespace: string; readonly name: string }[];
  /** Whether it holds custom resources whose definitions come from another Application. @default false */
  readonly customResources?: boolean;
  /** API groups whose definitions it brings from elsewhere than this repository; noted on the object for whoever checks the order. @default - none */
  readonly defines?: readonly string[];
  /** Whether objects that leave Git are deleted. @default true */
  readonly prune?: boolean;
}

/** An Argo CD Application: one folder of manifests that is kept in sync. */
export class Application extends Construct {
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: ApplicationProps) {
    super(scope, id);
    const faults: Fault[] = [];
    const path = this.node.path;
    if (props.revision === '' || props.revision === 'HEAD') {
      faults.push({ where: `${path} revision`, got: show(props.revision), allowed: 'a branch, tag or commit', do: 'name what Argo CD follows' });
    }
    if (!Number.isInteger(props.wave)) faults.push({ where: `${path} wave`, got: show(props.wave), allowed: 'a whole number', do: 'derive it with waves()' });
    refuse(`the application ${props.name} cannot be built`, faults);
    const scaled = props.scaledDeployments ?? [];
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: {
        name: props.name,
        namespace: ARGOCD_NAMESPACE,
        labels: ownerLabels(props),
        annotations: {
          'argocd.argoproj.io/sync-wave': String(props.wave),
          ...(props.defines?.length ? { [`${LABEL_PREFIX}/defines`]: props.defines.join(',') } : {}),
        },
        finalizers: ['resources-finalizer.argocd.argoproj.io'], // deleting an Application deletes what it deployed
      },
      spec: {
        project: props.project,
        source: { repoURL: props.repository, targetRevision: props.revision, path: props.path }, // not its subfolders: that is the default, and Argo CD drops a default that is said
        destination: { server: CLUSTER, namespace: props.namespace },
        syncPolicy: {
          automated: { prune: props.prune ?? true, selfHeal: true },
          syncOptions: [
            'ServerSideApply=true', // also the only way for objects above 256 KiB, as large definitions are
            ...(scaled.length > 0 ? ['RespectIgnoreDifferences=true'] : []),
            ...(props.customResources ? ['SkipDryRunOnMissingResource=true'] : []),
          ],
          // Without end: a revision whose retries are used up is not tried again, and what an Application waits for (a wave before it, a node) may take its time.
          retry: { limit: -1, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } },
        },
        ...(scaled.length > 0 ? {
          ignoreDifferences: scaled.map(({ namespace, name }) => ({ group: 'apps', kind: 'Deployment', namespace, name, jsonPointers: ['/spec/replicas'] })),
        } : {}),
      },
    });
  }
}
