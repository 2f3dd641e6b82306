import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { FaultError } from '../../../base/faults';
import type { Credentials } from '../../control-plane';

interface KubeConfigFile {
  readonly clusters?: readonly { readonly cluster?: { readonly server?: string; readonly 'certificate-authority-data'?: string } }[];
  readonly users?: readonly { readonly user?: { readonly 'client-certificate-data'?: string; readonly 'client-key-data'?: string } }[];
}

/**
 * Credentials out of the file that kind wrote, which holds one cluster and one user.
 *
 * @throws FaultError when it does not
 */
export function credentialsIn(path: string): Credentials {
  const file = parse(readFileSync(path, 'utf8')) as KubeConfigFile | null;
  const cluster = file?.clusters?.[0]?.cluster;
  const user = file?.users?.[0]?.user;
  const pem = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString('utf8');
  const credentials = { url: cluster?.server ?? '', caCertPem: pem(cluster?.['certificate-authority-data']), certPem: pem(user?.['client-certificate-data']), keyPem: pem(user?.['client-key-data']) };
  const missing = Object.entries(credentials).filter(([, value]) => value === '').map(([name]) => name);
  if (missing.length === 0) return credentials;
  throw new FaultError('the cluster cannot be reached', [
    { where: path, got: `no ${missing.join(', ')}`, allowed: 'a kubeconfig as kind writes it', do: 'remove the cluster (`npx projen rehearse:down`) and run again' },
  ]);
}
