import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ScalerServer } from '../../../../forecaster/service/scaler/scaler-server';
import { Authority, type KeyPair } from '../../../../rehearsal/control-plane/authority';
import { failureOf, KedaClient, REF, serve, SETTINGS, sourceOf, world } from './support';

let ours: Authority;
let strange: Authority;
let server: KeyPair;
let renewed: KeyPair;
let client: KeyPair;
let stranger: KeyPair;
let folder: string;
const running: ScalerServer[] = [];
const clients: KedaClient[] = [];

beforeAll(async () => {
  [ours, strange] = await Promise.all([Authority.create('scaler clients'), Authority.create('somebody')]);
  const names = ['localhost'];
  [server, renewed, client, stranger] = await Promise.all([
    ours.issue({ commonName: 'forecaster', names }), ours.issue({ commonName: 'forecaster renewed', names }), ours.issue({ commonName: 'keda' }), strange.issue({ commonName: 'keda' }),
  ]);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-scaler-'));
  mount(server);
});
afterEach(async () => {
  clients.splice(0).forEach((each) => each.close());
  await Promise.all(running.splice(0).map((each) => each.stop()));
  rmSync(folder, { recursive: true, force: true });
});

function mount({ certPem, keyPem }: KeyPair): void {
  writeFileSync(join(folder, 'tls.crt'), certPem);
  writeFileSync(join(folder, 'tls.key'), keyPem);
  writeFileSync(join(folder, 'ca.crt'), ours.certPem);
}

async function secured(errors: unknown[] = []): Promise<number> {
  const each = await serve({ source: sourceOf(world()), settings: { ...SETTINGS, scaler: 'mutual-tls', scalerCertificates: folder }, certificateRefreshMs: 10, onError: (error) => errors.push(error) });
  running.push(each);
  return each.port!;
}

function keda(port: number, pair?: KeyPair, authority = ours): KedaClient {
  const channel = credentials.createSsl(Buffer.from(authority.certPem), pair ? Buffer.from(pair.keyPem) : null, pair ? Buffer.from(pair.certPem) : null);
  const each = new KedaClient(port, channel, { 'grpc.use_local_subchannel_pool': 1, 'grpc.ssl_target_name_override': 'localhost' });
  clients.push(each);
  return each;
}

describe('mutual TLS', () => {
  it('answers a client of its authority', async () => {
    expect((await keda(await secured(), client).call('GetMetricSpec', REF)).metricSpecs).toHaveLength(1);
  });

  it('answers nobody else: no certificate, one of a strange authority, plaintext', async () => {
    const port = await secured();
    const plain = new KedaClient(port);
    clients.push(plain);
    for (const each of [keda(port), keda(port, stranger), plain]) expect((await failureOf(each.call('GetMetricSpec', REF))).code).toBe('UNAVAILABLE');
  });

  it('is not believed by a client of another authority', async () => {
    expect((await failureOf(keda(await secured(), client, strange).call('GetMetricSpec', REF))).code).toBe('UNAVAILABLE');
  });

  it('takes up renewed certificates while it runs', async () => {
    const port = await secured();
    await keda(port, client).call('GetMetricSpec', REF);
    const next = await Authority.create('the next authority');
    const [served, asked] = await Promise.all([next.issue({ commonName: 'forecaster', names: ['localhost'] }), next.issue({ commonName: 'keda' })]);
    mount(served);
    writeFileSync(join(folder, 'ca.crt'), next.certPem);
    for (;;) {
      const answer = await keda(port, asked, next).call('GetMetricSpec', REF).catch(() => undefined);
      if (answer) break;
    }
    expect((await failureOf(keda(port, client).call('GetMetricSpec', REF))).code).toBe('UNAVAILABLE');
  });

  it('keeps the old certificate while the files do not fit together, as in the middle of a renewal', async () => {
    const errors: unknown[] = [];
    const port = await secured(errors);
    writeFileSync(join(folder, 'tls.crt'), renewed.certPem);
    while (errors.length === 0) await new Promise((done) => setTimeout(done, 5));
    expect(String(errors[0])).toMatch(/no usable certificate[^]*do: renew the three together/);
    expect((await keda(port, client).call('GetMetricSpec', REF)).metricSpecs).toHaveLength(1);
  });

  it('does not start without its files, naming each', async () => {
    rmSync(folder, { recursive: true });
    await expect(secured()).rejects.toThrow(/tls\.crt\] got: ENOENT[^]*tls\.key\] got: ENOENT[^]*ca\.crt\] got: ENOENT/);
  });

  it.each([['tls.crt', 'no certificate'], ['tls.key', 'no key'], ['ca.crt', 'no authority']])('does not start with a %s that is none', async (file, content) => {
    writeFileSync(join(folder, file), content);
    await expect(secured()).rejects.toThrow(/the scaler has no usable certificate/);
  });

  it('does not start with the key of another certificate', async () => {
    writeFileSync(join(folder, 'tls.key'), renewed.keyPem);
    await expect(secured()).rejects.toThrow(/key values mismatch/);
  });
});
