import type { KubeObject } from '../../control-plane/kube-objects';
import { POSTGRES } from '../../images/infrastructure';
import { ownWorkload, REHEARSAL_NAMESPACE } from './own-workload';

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
  return {
    url: (name) => `postgres://${USER}:${password}@${NAME}.${REHEARSAL_NAMESPACE}.svc:${PORT}/${name}`,
    objects: [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: NAME, namespace: REHEARSAL_NAMESPACE }, stringData: { password } },
      ...ownWorkload({
        name: NAME,
        image: POSTGRES.reference,
        user: 999, // who the image's server runs as
        port: { name: 'postgres', number: PORT },
        env: [
          { name: 'POSTGRES_USER', value: USER },
          { name: 'POSTGRES_DB', value: database },
          { name: 'POSTGRES_PASSWORD_FILE', value: '/run/secrets/postgres/password' },
          { name: 'PGDATA', value: '/var/lib/postgresql/data/rehearsal' },
        ],
        ready: { exec: { command: ['pg_isready', '--host=127.0.0.1', `--username=${USER}`, `--dbname=${database}`] } },
        requests: { cpu: '50m', memory: '64Mi' },
        memoryLimit: '256Mi',
        volumes: {
          data: { path: '/var/lib/postgresql/data', source: { emptyDir: {} } },
          tmp: { path: '/tmp', source: { emptyDir: {} } },
          password: { path: '/run/secrets/postgres', source: { secret: { secretName: NAME } } },
        },
      }),
    ],
  };
}
