import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildLoadgenService } from '../../../apps/loadgen/app';
import { contract } from '../../../apps/loadgen/contract';
import { loadgenSettings } from '../../../apps/loadgen/settings';
import type { Service } from '../../../apps/http/serve';
import type { ServiceContract } from '../../../components';

let target: Server;
let service: Service;
beforeEach(async () => {
  target = createServer((_request, answer) => answer.end('ok'));
  await new Promise<void>((done) => target.listen(0, '127.0.0.1', done));
  service = await buildLoadgenService(loadgenSettings({
    LOADGEN_TARGET: `http://127.0.0.1:${(target.address() as AddressInfo).port}/products`, LOADGEN_TOKEN: 's3cret', LOG_LEVEL: 'silent',
  }));
});
afterEach(async () => {
  await service.app.close();
  await service.release();
  target.closeAllConnections();
  target.close();
});

const ask = (method: 'GET' | 'POST' | 'DELETE', payload?: object, token = 's3cret') => service.app.inject({ method, url: '/run', headers: { authorization: `Bearer ${token}` }, ...(payload ? { payload } : {}) });
const steady = (seconds: number) => ({ shape: { kind: 'steady', ratePerSecond: 50, seconds }, spacing: 'even' });

describe('the load generator', () => {
  it('satisfies what the platform asks of a service', () => {
    const promised: ServiceContract = contract;
    expect(promised.port).toBeGreaterThan(1023);
  });

  it('names every setting that is missing', () => {
    expect(() => loadgenSettings({})).toThrow(/LOADGEN_TARGET[^]*LOADGEN_TOKEN/);
  });

  it('runs what it is asked, reports it, and counts it', async () => {
    expect((await ask('GET')).statusCode).toBe(404);
    expect((await ask('POST', steady(1))).statusCode).toBe(201);
    expect((await ask('POST', steady(1))).json()).toMatchObject({ error: { code: 'run_exists' } });
    await expect.poll(async () => (await ask('GET')).json().state, { timeout: 5000 }).toBe('finished');
    expect((await ask('GET')).json()).toMatchObject({ requests: 50, outstanding: 0, summary: { outcomes: { ok: 50 } } });
    expect((await service.app.inject('/metrics')).body).toContain('loadgen_requests_total{outcome="ok"} 50');
  });

  it('is stopped when it is told to, and can be started again', async () => {
    await ask('POST', steady(600));
    expect((await ask('DELETE')).json()).toMatchObject({ state: 'stopped', totalSeconds: 600 });
    expect((await ask('POST', steady(1))).statusCode).toBe(201);
  });

  it.each(['GET', 'POST', 'DELETE'] as const)('answers %s to nobody without the token', async (method) => {
    expect((await ask(method, method === 'POST' ? steady(1) : undefined, 'guessed')).statusCode).toBe(401);
  });

  it.each<[object, number]>([
    [{ shape: { kind: 'steady', ratePerSecond: 50 } }, 400],
    [{ shape: { kind: 'steady', ratePerSecond: 1e9, seconds: 1 } }, 400],
    [{ ...steady(1), target: 'http://elsewhere.example/' }, 400],
    [{ shape: { kind: 'burst', ratePerSecond: 1, burstPerSecond: 2, burstAtSeconds: 9, burstSeconds: 5, seconds: 10 } }, 422],
    [{ shape: { kind: 'trace', ratesPerSecond: [30_000], stepSeconds: 60 } }, 422],
  ])('refuses %j', async (body, status) => {
    const answer = await ask('POST', body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error.faults.length).toBeGreaterThan(0);
    expect((await ask('GET')).statusCode).toBe(404);
  });
});
