import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GetMetricSpecResponse, IsActiveResponse } from '../../../../forecaster/service/scaler/interface';
import { ownerOf } from '../../../../forecaster/service/shards';
import type { ScalerServer } from '../../../../forecaster/service/scaler/scaler-server';
import { failureOf, KedaClient, REF, serve, sourceOf, teach, withMetadata, world, type World } from './support';

const CATALOG = { namespace: 'shop', service: 'catalog', metric: 'requests' } as const;
const FLAT = Array.from({ length: 180 }, (_, minute) => 100 + (minute % 5));

let here: World;
let server: ScalerServer;
let keda: KedaClient;
const calls: string[] = [];

beforeEach(async () => {
  here = world();
  calls.length = 0;
  server = await serve({ source: sourceOf(here), onCall: (method, code) => calls.push(`${method} ${code}`), streamIntervalMs: 60_000, mostStreams: 3 });
  keda = new KedaClient(server.port!);
});
afterEach(async () => {
  keda.close();
  await server.stop();
});

describe('GetMetricSpec', () => {
  it('gives the target per replica, also to a KEDA that knows whole numbers only', async () => {
    expect(await keda.call('GetMetricSpec', withMetadata({ target: '39.2' }))).toEqual({ metricSpecs: [{ metricName: 'tideline-demand-requests', targetSize: 39, targetSizeFloat: 39.2 }] });
    expect(await keda.call('GetMetricSpec', withMetadata({ target: '0.0142857', metric: 'memory' }))).toEqual({ metricSpecs: [{ metricName: 'tideline-demand-memory', targetSize: 1, targetSizeFloat: 0.0142857 }] });
  });

  it('needs neither a series nor Prometheus: KEDA drops a metric from the autoscaler whose spec it cannot get', async () => {
    here.ready = false;
    here.now = undefined;
    here.silentSeconds = Infinity;
    expect((await keda.call('GetMetricSpec', REF)).metricSpecs).toHaveLength(1);
  });
});

describe('GetMetrics', () => {
  it('gives demand in the unit of the metric', async () => {
    const entry = teach(here, CATALOG, FLAT);
    const { value } = entry.forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9, now: here.now });
    expect(await keda.demand()).toEqual({ metricValues: [{ metricName: 'tideline-demand-requests', metricValue: Math.ceil(value), metricValueFloat: value }] });
    expect(value).toBeGreaterThan(90);
    expect(calls).toEqual(['GetMetrics OK']);
  });

  it('takes quantile and lead time from the trigger', async () => {
    const entry = teach(here, CATALOG, Array.from({ length: 600 }, (_, minute) => 100 + minute));
    const ask = async (metadata: Record<string, string>) => (await keda.demand(withMetadata(metadata))).metricValues[0]!.metricValueFloat;
    const own = await ask({ quantile: '0.99', leadTimeSeconds: '1800' });
    expect(own).toBe(entry.forecaster.demand({ leadTimeSeconds: 1800, quantile: 0.99, now: here.now }).value);
    expect(own).toBeGreaterThan(await ask({}));
  });

  it('takes service and namespace from the trigger, else from the ScaledObject', async () => {
    teach(here, { namespace: 'other', service: 'front', metric: 'requests' }, FLAT);
    expect((await failureOf(keda.demand())).code).toBe('NOT_FOUND');
    expect((await keda.demand(withMetadata({ service: 'front', namespace: 'other' }))).metricValues).toHaveLength(1);
  });

  it('scales on memory in bytes', async () => {
    teach(here, { ...CATALOG, metric: 'memory' }, FLAT.map((value) => value * 1e9));
    const { metricValues: [value] } = await keda.demand(withMetadata({ metric: 'memory', target: '5e8' }), 'tideline-demand-memory');
    expect(value!.metricValueFloat).toBeGreaterThan(9e10);
    expect(value!.metricValue).toBe(Math.ceil(value!.metricValueFloat));
  });

  const missing: [string, (target: World) => void, string, RegExp][] = [
    ['a service nobody records', (target) => target.entries.clear(), 'NOT_FOUND', /requests of shop\/catalog\] got: no values; allowed: .+; do: correct service/],
    ['anything before the first refresh', (target) => { target.entries.clear(); target.ready = false; }, 'UNAVAILABLE', /got: no refresh from Prometheus yet; allowed: .+; do: wait/],
    ['a series that ended', (target) => { target.now = target.now! + 360; }, 'UNAVAILABLE', /got: a newest value that is 420 s old; allowed: 300 s; do: /],
    ['a Prometheus that is silent', (target) => { target.silentSeconds = 301; }, 'UNAVAILABLE', /got: no refresh from Prometheus for 301 s; allowed: 5 missed refreshes; do: /],
    ['a clock of metrics nobody knows', (target) => { target.now = undefined; }, 'UNAVAILABLE', /got: no refresh from Prometheus/],
  ];
  it.each(missing)('fails for %s, so that KEDA falls back: it never gives a low number', async (_, break_, code, message) => {
    teach(here, CATALOG, FLAT);
    break_(here);
    const failure = await failureOf(keda.demand());
    expect(failure.code).toBe(code);
    expect(failure.details).toMatch(message);
    expect(calls).toEqual([`GetMetrics ${code}`]);
  });

  it('comes back as soon as values do', async () => {
    teach(here, CATALOG, FLAT);
    here.silentSeconds = 1000;
    expect((await failureOf(keda.demand())).code).toBe('UNAVAILABLE');
    here.silentSeconds = 0;
    expect((await keda.demand()).metricValues).toHaveLength(1);
  });

  it('fails for a series whose forecasts are not trusted', async () => {
    teach(here, CATALOG, FLAT);
    const wary = await serve({ source: sourceOf(here, { mayScale: () => false }) });
    const client = new KedaClient(wary.port!);
    const failure = await failureOf(client.demand());
    expect(failure).toMatchObject({ code: 'UNAVAILABLE', details: expect.stringContaining('not trusted') });
    client.close();
    await wary.stop();
  });

  it('says which shard has a service that it does not have itself', async () => {
    const owner = ownerOf('shop', 'catalog', 3);
    const part = await serve({ source: sourceOf(here, { shard: { index: (owner + 1) % 3, count: 3 } }) });
    const client = new KedaClient(part.port!);
    expect(await failureOf(client.demand())).toMatchObject({ code: 'UNAVAILABLE', details: expect.stringContaining(`do: ask shard ${owner}`) });
    client.close();
    await part.stop();
  });

  it('knows no metric but the one it names', async () => {
    teach(here, CATALOG, FLAT);
    expect(await failureOf(keda.demand(REF, 's1-tideline-demand-requests'))).toMatchObject({ code: 'INVALID_ARGUMENT', details: expect.stringContaining('allowed: tideline-demand-requests') });
  });

  it('fails without telling why when the reason is our own', async () => {
    const errors: unknown[] = [];
    const broken = await serve({ source: { demand: () => { throw new Error('secret detail'); }, surelyIdle: () => false }, onError: (error) => errors.push(error) });
    const client = new KedaClient(broken.port!);
    const failure = await failureOf(client.demand());
    expect(failure.code).toBe('INTERNAL');
    expect(failure.details).not.toContain('secret');
    expect(errors).toHaveLength(1);
    client.close();
    await broken.stop();
  });
});

describe('a trigger that cannot be served', () => {
  const bad: [string, Record<string, string>, string][] = [
    ['no target', { target: '' }, 'metadata target'],
    ['a target of 0', { target: '0' }, 'metadata target'],
    ['a negative target', { target: '-5' }, 'metadata target'],
    ['a target that is no number', { target: '10rps' }, 'metadata target'],
    ['an infinite target', { target: '1e400' }, 'metadata target'],
    ['a quantile below the median', { quantile: '0.1' }, 'metadata quantile'],
    ['certainty', { quantile: '1' }, 'metadata quantile'],
    ['a lead time beyond the horizon', { leadTimeSeconds: '7200' }, 'metadata leadTimeSeconds'],
    ['a ratio', { metric: 'cpu' }, 'metadata metric'],
    ['an unknown metric', { metric: '__proto__' }, 'metadata metric'],
    ['a service that is no name', { service: 'catalog"}) or vector(0' }, 'metadata service'],
    ['a namespace that is no name', { namespace: '../etc' }, 'metadata namespace'],
    ['a misspelt key', { leadTime: '300' }, 'metadata leadTime'],
  ];
  it.each(bad)('with %s is refused by every call, in four parts', async (_, metadata, where) => {
    teach(here, CATALOG, FLAT);
    const ref = withMetadata(metadata);
    for (const call of [keda.call('GetMetricSpec', ref), keda.call('IsActive', ref), keda.demand(ref)]) {
      const failure = await failureOf(call);
      expect(failure.code).toBe('INVALID_ARGUMENT');
      expect(failure.details).toContain(`[${where}] got: `);
      expect(failure.details).toMatch(/; allowed: .+; do: .+/);
    }
    expect(await keda.watch('StreamIsActive', ref).ended).toMatchObject({ code: 3 });
  });

  it('is told everything at once', async () => {
    const { details } = await failureOf(keda.call('GetMetricSpec', withMetadata({ target: 'x', quantile: 'y', metric: 'z', what: 'w' })));
    for (const key of ['target', 'quantile', 'metric', 'what']) expect(details).toContain(`[metadata ${key}]`);
  });

  it('may be empty altogether', async () => {
    expect((await failureOf(keda.call('GetMetricSpec', {}))).details).toMatch(/metadata service[^]*metadata namespace[^]*metadata target/);
    expect((await failureOf(keda.call('GetMetrics', {}))).code).toBe('INVALID_ARGUMENT');
  });
});

describe('IsActive', () => {
  it('is true while anything is asked of the service', async () => {
    teach(here, CATALOG, FLAT);
    expect(await keda.call('IsActive', REF)).toEqual({ result: true });
  });

  it('is false only when nothing is asked and nothing is expected', async () => {
    teach(here, CATALOG, Array.from({ length: 2000 }, () => 0));
    expect(await keda.call('IsActive', REF)).toEqual({ result: false });
  });

  it('is true where a lull is no certainty', async () => {
    teach(here, CATALOG, [...FLAT, 0]);
    expect(await keda.call('IsActive', REF)).toEqual({ result: true });
  });

  it('is true where nothing is known: switching off is the greater harm', async () => {
    expect(await keda.call('IsActive', REF)).toEqual({ result: true });
    teach(here, CATALOG, Array.from({ length: 2000 }, () => 0));
    here.silentSeconds = Infinity;
    expect(await keda.call('IsActive', REF)).toEqual({ result: true });
  });
});

describe('streams', () => {
  it('tell their state when they open, and again when it changes', async () => {
    teach(here, CATALOG, Array.from({ length: 2000 }, () => 0));
    const stream = keda.watch<IsActiveResponse>('StreamIsActive', REF);
    await stream.count(1);
    server.changed(); // nothing has
    teach(here, CATALOG, FLAT);
    server.changed();
    await stream.count(2);
    expect(stream.messages).toEqual([{ result: false }, { result: true }]);
    stream.cancel();
    await stream.ended;
  });

  it('tell it on an interval too', async () => {
    const busy = await serve({ source: sourceOf(here), streamIntervalMs: 20 });
    const client = new KedaClient(busy.port!);
    const stream = client.watch<GetMetricSpecResponse>('StreamMetricSpec', REF);
    await stream.count(4);
    expect(stream.messages[3]).toEqual(stream.messages[0]);
    stream.cancel();
    await stream.ended;
    client.close();
    await busy.stop();
  });

  it('end cleanly when the service stops, and nothing answers after that', async () => {
    const streams = [keda.watch('StreamIsActive', REF), keda.watch('StreamMetricSpec', REF)];
    await Promise.all(streams.map((stream) => stream.count(1)));
    await server.stop();
    expect(await Promise.all(streams.map((stream) => stream.ended))).toEqual([undefined, undefined]);
    expect((await failureOf(keda.call('IsActive', REF))).code).toBe('UNAVAILABLE');
  });

  it('are refused beyond a number, and make room when they go', async () => {
    const open = [1, 2, 3].map(() => keda.watch('StreamIsActive', REF));
    await Promise.all(open.map((stream) => stream.count(1)));
    expect(await keda.watch('StreamIsActive', REF).ended).toMatchObject({ code: 8 });
    open[0]!.cancel();
    await open[0]!.ended;
    for (;;) { // the server learns of it a moment later
      const again = keda.watch('StreamIsActive', REF);
      if (await Promise.race([again.count(1).then(() => true), again.ended.then(() => false)])) break;
    }
    expect(calls).toContain('StreamIsActive RESOURCE_EXHAUSTED');
  });

  it('that are cancelled leave the others alone', async () => {
    const [one, other] = [keda.watch('StreamIsActive', REF), keda.watch<IsActiveResponse>('StreamIsActive', REF)];
    await Promise.all([one.count(1), other.count(1)]);
    one.cancel();
    await one.ended;
    teach(here, CATALOG, Array.from({ length: 2000 }, () => 0));
    server.changed();
    await other.count(2);
    expect(other.messages).toEqual([{ result: true }, { result: false }]);
  });
});

describe('limits', () => {
  it('refuses a message that KEDA would never send', async () => {
    expect((await failureOf(keda.call('GetMetricSpec', withMetadata({ service: 'x'.repeat(100_000) })))).code).toBe('RESOURCE_EXHAUSTED');
    expect((await keda.call('GetMetricSpec', REF)).metricSpecs).toHaveLength(1);
  });

  it('says so when its port is taken', async () => {
    await expect(serve({ source: sourceOf(here), settings: { host: '127.0.0.1', scaler: 'plaintext', scalerPort: server.port!, scalerCertificates: '', demandQuantile: 0.9, leadTimeSeconds: 300 } }))
      .rejects.toThrow(/the scaler cannot listen[^]*EADDRINUSE|No address added/);
  });
});
