import { k8s } from 'cdk8s-plus-28';

/** What the Pod Security level `restricted` asks of a pod, and a user that is not root. */
export const RESTRICTED_POD: k8s.PodSecurityContext = {
  runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' },
};

/** What `restricted` asks of a container, and a root file system that nothing writes to. */
export const RESTRICTED_CONTAINER: k8s.SecurityContext = {
  allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ['ALL'] },
};
