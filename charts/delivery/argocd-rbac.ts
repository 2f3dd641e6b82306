import type { k8s } from 'cdk8s-plus-28';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', ...READ, 'update', 'patch', 'delete'];
const OWN_KINDS: k8s.PolicyRule = { apiGroups: ['argoproj.io'], resources: ['applications', 'applicationsets', 'appprojects'], verbs: WRITE };
const EVENTS: k8s.PolicyRule = { apiGroups: [''], resources: ['events'], verbs: ['create', 'list'] };

/** What a program of Argo CD may do: what upstream's own manifests ask for at the catalogued version, no more and no less. A test compares them. */
interface Rights {
  /** In its own namespace. */
  readonly own: k8s.PolicyRule[];
  /** Everywhere. @default - nothing */
  readonly cluster?: k8s.PolicyRule[];
}

/** It applies whatever Git holds, so it may do everything: what it is allowed to apply, the AppProject says. */
export const CONTROLLER_RIGHTS: Rights = {
  own: [
    { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: READ }, OWN_KINDS, EVENTS,
    { apiGroups: ['apps'], resources: ['deployments'], verbs: READ },
  ],
  cluster: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, { nonResourceUrLs: ['*'], verbs: ['*'] }],
};

/** It shows what was deployed, and acts on it for whoever may. */
export const SERVER_RIGHTS: Rights = {
  own: [{ apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: WRITE }, OWN_KINDS, EVENTS],
  cluster: [
    { apiGroups: ['*'], resources: ['*'], verbs: ['delete', 'get', 'patch'] },
    { apiGroups: [''], resources: ['events'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get'] },
    { apiGroups: ['argoproj.io'], resources: ['applications', 'applicationsets'], verbs: READ },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] },
    { apiGroups: ['argoproj.io'], resources: ['workflows'], verbs: ['create'] },
  ],
};

/** The first start of the cache makes its password. */
export const REDIS_RIGHTS: Rights = {
  own: [
    { apiGroups: [''], resources: ['secrets'], resourceNames: ['argocd-redis'], verbs: ['get'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
  ],
};
