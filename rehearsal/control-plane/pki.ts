import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import { Authority, createSigningKeys, KeyPair, Subject } from './authority';

/** Paths of a certificate and its key. */
export interface KeyPairFiles {
  readonly cert: string;
  readonly key: string;
}

/** Every certificate of a control plane, as files that only this user can read. */
export interface Pki {
  readonly authority: Authority;
  /** Signs what the API server presents to servers behind it; not the cluster's own authority, or any client could pose as any user there. */
  readonly frontProxyAuthority: Authority;
  readonly caFile: string;
  readonly frontProxyCaFile: string;
  readonly etcd: KeyPairFiles;
  readonly apiServer: KeyPairFiles;
  readonly frontProxyClient: KeyPairFiles;
  readonly serviceAccountPublicKey: string;
  readonly serviceAccountPrivateKey: string;
  /** The administrator's pair. */
  readonly admin: KeyPair;
}

/** The name under which the API server speaks to the servers behind it. */
export const FRONT_PROXY_CLIENT = 'front-proxy-client';

/** Creates the authorities and the certificates that the programs start with. */
export async function createPki(folder: string): Promise<Pki> {
  const [authority, frontProxyAuthority] = await Promise.all([Authority.create('tideline-rehearsal'), Authority.create('tideline-rehearsal-front-proxy')]);
  const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileAtomic(path, content, 0o600);
    return path;
  };
  const issue = async (from: Authority, name: string, subject: Subject): Promise<KeyPairFiles> => {
    const pair = await from.issue(subject);
    return { cert: write(`${name}.crt`, pair.certPem), key: write(`${name}.key`, pair.keyPem) };
  };
  const local = ['localhost', '127.0.0.1'];
  const [etcd, apiServer, frontProxyClient, admin] = await Promise.all([
    issue(authority, 'etcd', { commonName: 'etcd', names: local }),
    issue(authority, 'kube-apiserver', {
      commonName: 'kube-apiserver',
      names: [...local, 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', '10.96.0.1'],
    }),
    issue(frontProxyAuthority, FRONT_PROXY_CLIENT, { commonName: FRONT_PROXY_CLIENT }),
    authority.issue({ commonName: 'tideline-rehearsal', groups: ['system:masters'] }),
  ]);
  const { publicPem, privatePem } = createSigningKeys();
  return {
    authority,
    frontProxyAuthority,
    caFile: write('ca.crt', authority.certPem),
    frontProxyCaFile: write('front-proxy-ca.crt', frontProxyAuthority.certPem),
    etcd,
    apiServer,
    frontProxyClient,
    serviceAccountPublicKey: write('service-account.pub', publicPem),
    serviceAccountPrivateKey: write('service-account.key', privatePem),
    admin,
  };
}

/** How a client of the API server proves who it is. */
export type ClientIdentity = KeyPair | { readonly token: string };

/** A kubeconfig, as JSON (which is YAML), with everything embedded. */
export function kubeConfig(url: string, caCertPem: string, identity: ClientIdentity): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const user = 'token' in identity
    ? { token: identity.token }
    : { 'client-certificate-data': base64(identity.certPem), 'client-key-data': base64(identity.keyPem) };
  const name = 'tideline-rehearsal';
  return `${JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': base64(caCertPem) } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  }, undefined, 2)}\n`;
}
