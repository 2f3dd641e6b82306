import { randomBytes } from 'node:crypto';
import type { Environment } from '../../../config';
import { contract as catalog } from '../../../apps/catalog/contract';
import { contract as forecaster } from '../../../forecaster/contract';
import { Authority } from '../../control-plane/authority';
import type { KubeObject } from '../../control-plane/kube-objects';
import type { Substitution } from '../../report/schema';
import { asksForecaster } from '../scaler-identity';
import { identities, standIns } from '../substitutions';
import { Database, rehearsalDatabase } from './database';

/** What the secret store of a cloud would give the cluster, made for one run. It goes to the cluster directly and never through Git. */
export interface ClusterSecrets {
  /** Secrets, in the namespaces of those who read them. */
  readonly objects: readonly KubeObject[];
  readonly substitutions: readonly Substitution[];
  /** Stands for the database of the cloud. */
  readonly database: Database;
  /** Value of a key; a secret. @throws Error if no workload asked for it */
  value(namespace: string, name: string, key: string): string;
}

const DATABASE = catalog.name;

/**
 * Makes every Secret that the workloads say comes from elsewhere: random values, the address of the database that runs here, and the certificates by which KEDA and the forecaster know each other.
 *
 * @param objects of `dist/<environment>`
 */
export async function clusterSecrets(environment: Environment, objects: readonly KubeObject[]): Promise<ClusterSecrets> {
  const database = rehearsalDatabase(DATABASE, randomBytes(24).toString('hex'));
  const made = objects.flatMap(standIns);
  for (const { metadata, stringData } of made) {
    if (metadata.name === catalog.name && stringData?.['database-url'] !== undefined) stringData['database-url'] = database.url(DATABASE);
  }
  if (asksForecaster(environment)) {
    const authority = await Authority.create('tideline-rehearsal-scaler');
    const service = `${forecaster.name}.${forecaster.name}`;
    const [server, client] = await Promise.all([
      authority.issue({ commonName: forecaster.name, names: [`${service}.svc`, `${service}.svc.cluster.local`] }), authority.issue({ commonName: 'keda-operator' }),
    ]);
    const pair = (of: { readonly certPem: string; readonly keyPem: string }) => ({ 'tls.crt': of.certPem, 'tls.key': of.keyPem, 'ca.crt': authority.certPem });
    made.push(
      ...objects.flatMap((object) => (object.kind === 'TriggerAuthentication' ? identities(object, pair(client)) : [])),
      ...objects.flatMap((object) => mounted(object, forecaster.name, pair(server))),
    );
  }
  const unique = [...new Map(made.map((secret) => [`${secret.metadata.namespace}/${secret.metadata.name}`, secret])).values()];
  return {
    objects: unique,
    substitutions: unique.map(({ metadata }) => ({
      object: `Secret ${metadata.namespace}/${metadata.name}`, path: '(whole object)', from: 'the secret store', to: 'values of this run', why: 'no secret store is reachable from here, and no value of one is needed',
    })),
    database,
    value: (namespace, name, key) => {
      const value: unknown = unique.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name)?.stringData?.[key];
      if (typeof value !== 'string') throw new Error(`no workload asks for key ${key} of Secret ${namespace}/${name}`);
      return value;
    },
  };
}

/** The Secrets that a workload mounts as files and says come from elsewhere. */
function mounted(object: KubeObject, workload: string, values: Readonly<Record<string, string>>): KubeObject[] {
  if (object.metadata.name !== workload) return [];
  const elsewhere = (object.metadata.annotations?.['tideline.dev/provided-elsewhere'] ?? '').split(',');
  const volumes = (object.spec?.template?.spec?.volumes ?? []) as { secret?: { secretName: string } }[];
  return volumes.flatMap(({ secret }) => (secret && elsewhere.includes(`Secret/${secret.secretName}`)
    ? [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: secret.secretName, namespace: object.metadata.namespace }, stringData: { ...values } }] : []));
}
