import { number, readSettings, type SettingsOf, text } from '../../../base/settings';

/** What Kubernetes gives to every pod. */
const SPEC = {
  host: text({ env: 'KUBERNETES_SERVICE_HOST', description: 'address of the API server' }),
  port: number({ env: 'KUBERNETES_SERVICE_PORT', description: 'TCP port of the API server', min: 1, max: 65_535, integer: true }),
  account: text({ env: 'KUBERNETES_ACCOUNT_DIR', description: 'folder of the token and the authority of the pod', fallback: '/var/run/secrets/kubernetes.io/serviceaccount' }),
} as const;

export type ClusterSettings = SettingsOf<typeof SPEC>;

/**
 * How the API server is reached.
 *
 * @throws FaultError when the process runs in no pod
 */
export function clusterSettings(environment: Readonly<Record<string, string | undefined>> = process.env): ClusterSettings {
  return readSettings(SPEC, environment);
}
