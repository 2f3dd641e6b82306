import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { ownerLabels } from '../labels';
import { Application, ApplicationProps, ARGOCD_NAMESPACE, CLUSTER } from './application';

/** Props of {@link AppOfApps}. */
export interface AppOfAppsProps extends Omit<ApplicationProps, 'wave' | 'scaledDeployments' | 'customResources' | 'namespace'> {
  /** Repositories that Applications of the project may read besides `repository`. @default - none */
  readonly otherRepositories?: readonly string[];
  /** Namespaces the project may deploy to. */
  readonly namespaces: readonly string[];
  /** Kinds outside namespaces that the project may deploy besides those of every platform, e.g. those of a controller. @default - none */
  readonly clusterKinds?: readonly { readonly group: string; readonly kind: string }[];
}

/** The root of an environment: an AppProject that says what may be deployed from where to where, and the Application that holds all others. */
export class AppOfApps extends Construct {
  readonly project: ApiObject;
  readonly root: Application;

  constructor(scope: Construct, id: string, props: AppOfAppsProps) {
    super(scope, id);
    this.project = new ApiObject(this, 'Project', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: {
        name: props.project,
        namespace: ARGOCD_NAMESPACE,
        labels: ownerLabels(props),
        annotations: { 'argocd.argoproj.io/sync-wave': '-1' }, // Applications name it
      },
      spec: {
        description: `What ${props.environment} may run`,
        sourceRepos: [props.repository, ...(props.otherRepositories ?? [])],
        destinations: [ARGOCD_NAMESPACE, ...props.namespaces].map((namespace) => ({ server: CLUSTER, namespace })),
        clusterResourceWhitelist: [
          { group: '', kind: 'Namespace' },
          { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
          { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
          { group: 'rbac.authorization.k8s.io', kind: 'ClusterRoleBinding' },
          { group: 'apiregistration.k8s.io', kind: 'APIService' },
          { group: 'storage.k8s.io', kind: 'StorageClass' },
          ...(props.clusterKinds ?? []).map((each) => ({ ...each })),
        ],
      },
    });
    this.root = new Application(this, 'Root', { ...props, wave: 0, namespace: ARGOCD_NAMESPACE });
  }
}
