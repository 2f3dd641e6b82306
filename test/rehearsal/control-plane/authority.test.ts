import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { servingNames } from '../../../rehearsal/control-plane';
import { Authority } from '../../../rehearsal/control-plane/authority';
import { createPki, kubeConfig } from '../../../rehearsal/control-plane/pki';

const modeOf = (path: string) => statSync(path).mode.toString(8).slice(-3);

test('a certificate holds the user, the groups and the names, and stands up to its authority only', async () => {
  const now = new Date('2030-01-01T12:00:00Z');
  const [authority, other] = await Promise.all([Authority.create('ours', now), Authority.create('theirs', now)]);
  const { certPem } = await authority.issue({ commonName: 'system:kube-scheduler', groups: ['a', 'b'], names: ['localhost', '127.0.0.1', 'x.y.svc'] });
  const certificate = new X509Certificate(certPem);
  expect(certificate.subject.split('\n').sort()).toEqual(['CN=system:kube-scheduler', 'O=a', 'O=b']);
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, DNS:x.y.svc');
  expect(certificate.verify(new X509Certificate(authority.certPem).publicKey)).toBe(true);
  expect(certificate.verify(new X509Certificate(other.certPem).publicKey)).toBe(false);
  expect([Date.parse(certificate.validFrom) < now.getTime(), Date.parse(certificate.validTo) - now.getTime()]).toEqual([true, 30 * 86_400_000]);
  expect(certificate.ca).toBe(false);
});

test('a server with such a certificate is trusted by those who trust the authority, and asks clients for theirs', async () => {
  const authority = await Authority.create('ours');
  const [server, client, stranger] = await Promise.all([
    authority.issue({ commonName: 'server', names: servingNames('metrics.k8s.io') }),
    authority.issue({ commonName: 'client' }),
    (await Authority.create('theirs')).issue({ commonName: 'client' }),
  ]);
  const listening = createServer({ cert: server.certPem, key: server.keyPem, ca: authority.certPem, requestCert: true, rejectUnauthorized: true }, (_, response) => response.end('hello'));
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const ask = (pair: { certPem: string; keyPem: string }) => new Promise<number | string>((resolve) => {
    get({ host: '127.0.0.1', port: (listening.address() as AddressInfo).port, servername: 'metrics-k8s-io.tideline-rehearsal.svc', ca: authority.certPem, cert: pair.certPem, key: pair.keyPem, agent: false },
      (response) => resolve(response.resume().statusCode ?? 0)).on('error', (error) => resolve(error.message));
  });
  try {
    expect(await ask(client)).toBe(200);
    expect(await ask(stranger)).not.toBe(200);
  } finally {
    listening.closeAllConnections();
    listening.close();
  }
});

test('keys and credentials are readable by this user only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tideline-pki-'));
  try {
    const pki = await createPki(folder);
    expect(readdirSync(folder).length).toBeGreaterThan(8);
    for (const name of readdirSync(folder)) expect(modeOf(join(folder, name)), name).toBe('600');
    expect(new X509Certificate(pki.authority.certPem).ca).toBe(true);
    expect(pki.frontProxyAuthority.certPem).not.toBe(pki.authority.certPem);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a kubeconfig holds everything itself', () => {
  const config = JSON.parse(kubeConfig('https://127.0.0.1:1', 'CA', { certPem: 'CERT', keyPem: 'KEY' }));
  expect(config.clusters[0].cluster).toEqual({ server: 'https://127.0.0.1:1', 'certificate-authority-data': Buffer.from('CA').toString('base64') });
  expect(Buffer.from(config.users[0].user['client-key-data'], 'base64').toString()).toBe('KEY');
  expect(JSON.parse(kubeConfig('https://x', 'CA', { token: 'T' })).users[0].user).toEqual({ token: 'T' });
});
