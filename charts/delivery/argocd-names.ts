import { ARGOCD_NAMESPACE } from '../../components';
import type { Environment } from '../../config';
import { bootstrapLabels } from '../context';

/** Where Argo CD runs. */
export const namespace = ARGOCD_NAMESPACE;

/** Its programs, by the names of their pods. */
export const CONTROLLER = 'argocd-application-controller';
export const REPO_SERVER = 'argocd-repo-server';
export const SERVER = 'argocd-server';
export const REDIS = 'argocd-redis';

/** Ports they listen on. */
export const PORTS = {
  [CONTROLLER]: { metrics: 8082 },
  [REPO_SERVER]: { server: 8081, metrics: 8084 },
  [SERVER]: { server: 8080, metrics: 8083 },
  [REDIS]: { redis: 6379 },
} as const;

/** ConfigMaps it reads. */
export const CONFIG = {
  settings: 'argocd-cm', parameters: 'argocd-cmd-params-cm', rights: 'argocd-rbac-cm', certificates: 'argocd-tls-certs-cm', sshHosts: 'argocd-ssh-known-hosts-cm', signers: 'argocd-gpg-keys-cm',
} as const;

/** Labels of its objects. By `part-of` it finds its own ConfigMaps and Secrets, and no others. */
export function argocdLabels(name: string, environment: Environment, component: string): Record<string, string> {
  return { ...bootstrapLabels(name, environment, component), 'app.kubernetes.io/part-of': 'argocd' };
}
