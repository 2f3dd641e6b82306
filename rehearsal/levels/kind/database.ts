import { POSTGRES } from '../../images/infrastructure';
import type { KubeObject } from '../../control-plane/kube-objects';
import { REHEARSAL_NAMESPACE } from './gitops/git-server';

const NAME = 'postgres';
const PORT = 5432;
const USER = 'tideline';

/** PostgreSQL in the cluster, where the environment has a database of the cloud. Its data lives as long as its pod. */
export interface Database {
  /** Without the namespace they are in. */
  readonly objects: readonly KubeObject[];
  /** Address of a database of the server, with the password in it; a secret. */
  url(database: string): string;
}

/**
 * @param database the one that is made at the start
 * @param password of the run
 */
export function rehearsalDatabase(database: string, password: string): Database {
  const metadata = { name: NAME, namespace: REHEARSAL_NAMESPACE };
  const selector = { 'app.kubernetes.io/name': NAME };
  const identity = { runAsUser: 999, runAsGroup: 999 };
  return {
    url: (name) => `postgres://${USER}:${password}@${NAME}.${REHEARSAL_NAMESPACE}.svc:${PORT}/${name}`,
    objects: [
      { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password } },
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector, ports: [{ name: 'postgres', port: PORT, targetPort: 'postgres' }] } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { ...metadata, labels: selector },
        spec: {
          replicas: 1, // the data is the pod's own
          strategy: { type: 'Recreate' },
          selector: { matchLabels: selector },
          template: {
            metadata: { labels: selector },
            spec: {
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: { runAsNonRoot: true, ...identity, fsGroup: identity.runAsGroup, seccompProfile: { type: 'RuntimeDefault' } },
              containers: [{
                name: NAME,
                image: POSTGRES.reference,
                env: [
                  { name: 'POSTGRES_USER', value: USER },
                  { name: 'POSTGRES_DB', value: database },
                  { name: 'POSTGRES_PASSWORD_FILE', value: '/run/secrets/postgres/password' },
                  { name: 'PGDATA', value: '/var/lib/postgresql/data/rehearsal' },
                ],
                ports: [{ name: 'postgres', containerPort: PORT }],
                readinessProbe: { exec: { command: ['pg_isready', '--host=127.0.0.1', `--username=${USER}`, `--dbname=${database}`] }, periodSeconds: 1 },
                resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
                securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
                volumeMounts: [
                  { name: 'data', mountPath: '/var/lib/postgresql/data' }, { name: 'tmp', mountPath: '/tmp' },
                  { name: 'password', mountPath: '/run/secrets/postgres', readOnly: true },
                ],
              }],
              volumes: [{ name: 'data', emptyDir: {} }, { name: 'tmp', emptyDir: {} }, { name: 'password', secret: { secretName: NAME } }],
            },
          },
        },
      },
    ],
  };
}
