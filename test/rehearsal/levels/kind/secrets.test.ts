import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../../../../config';
import { KubeObject } from '../../../../rehearsal/control-plane/kube-objects';
import { ClusterSecrets, clusterSecrets } from '../../../../rehearsal/levels/kind/secrets';
import { loadObjects } from '../../../../verify';

interface Container { readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string } } }[] }

const objects = loadObjects(join(__dirname, '../../../../dist')).objects.filter((each) => each.environment === 'dev').map(({ object }) => object as KubeObject);

describe('the secrets of a cluster', () => {
  let made: ClusterSecrets;
  beforeAll(async () => { made = await clusterSecrets(environment('dev'), objects); });

  it('are all that containers read from the environment or mount, and no workload can start without', () => {
    const elsewhere = (object: KubeObject) => (object.metadata.annotations?.['tideline.dev/provided-elsewhere'] ?? '').split(',');
    const asked = objects.flatMap((object) => {
      const pod = object.spec?.template?.spec;
      const named = [
        ...((pod?.containers ?? []) as Container[]).flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)),
        ...(pod?.volumes ?? []).map((volume: { secret?: { secretName: string } }) => volume.secret?.secretName),
      ];
      return named.filter((name) => name !== undefined && elsewhere(object).includes(`Secret/${name}`)).map((name) => `${object.metadata.namespace}/${String(name)}`);
    });
    const given = made.objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(new Set(given).size).toBe(given.length);
    // KEDA's operator makes its own certificates.
    expect(given).toEqual(expect.arrayContaining([...new Set(asked)].filter((name) => name !== 'keda/kedaorg-certs')));
    expect(asked).toContain('forecaster/forecaster-scaler');
  });

  it('name the database that runs in the cluster, with its password', () => {
    const url = new URL(made.value('catalog', 'catalog', 'database-url'));
    expect(url).toMatchObject({ protocol: 'postgres:', hostname: 'postgres.rehearsal.svc', port: '5432', pathname: '/catalog' });
    const secret = made.database.objects.find(({ kind }) => kind === 'Secret');
    expect(secret?.stringData.password).toBe(url.password);
  });

  it('let KEDA and the forecaster trust each other and nobody else', () => {
    const server = new X509Certificate(made.value('forecaster', 'forecaster-scaler', 'tls.crt'));
    const client = made.objects.find(({ metadata }) => metadata.name === 'forecaster-scaler-client')!.stringData;
    const authority = new X509Certificate(client['ca.crt']);
    expect(server.checkHost('forecaster.forecaster.svc')).toBe('forecaster.forecaster.svc');
    for (const certificate of [server, new X509Certificate(client['tls.crt'])]) expect(certificate.verify(authority.publicKey)).toBe(true);
  });

  it('are others in each run, each listed as no value of dist/', async () => {
    const again = await clusterSecrets(environment('dev'), objects);
    expect(again.value('forecaster', 'forecaster', 'token')).not.toBe(made.value('forecaster', 'forecaster', 'token'));
    expect(made.substitutions.map(({ object }) => object)).toEqual(made.objects.map(({ metadata }) => `Secret ${metadata.namespace}/${metadata.name}`));
    expect(JSON.stringify(made.substitutions)).not.toContain(made.value('forecaster', 'forecaster', 'token'));
  });

  it('say which key nobody asked for', () => {
    expect(() => made.value('catalog', 'catalog', 'no-such-key')).toThrow(/no-such-key of Secret catalog\/catalog/);
  });
});
