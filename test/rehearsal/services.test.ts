import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Services, ServiceSpec } from '../../rehearsal/services';

let folder: string;
let services: Services;
const ended: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-services-'));
  ended.length = 0;
  services = new Services(folder, join(folder, 'run'), (name, how) => ended.push(`${name} ${how}`));
});
afterEach(async () => {
  await services.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

const LISTEN = `require('node:http').createServer((request, response) => response.writeHead(request.url === '/ready' ? 200 : 404).end()).listen(Number(process.env.PORT), '127.0.0.1');`;

/** Writes a service and bundles it. */
async function service(source: string): Promise<ServiceSpec> {
  writeFileSync(join(folder, 'server.ts'), source);
  const spec = { name: 'shop', entry: 'server.ts', ready: '/ready', settings: ({ port, token }: { port: number; token: string }) => ({ PORT: String(port), TOKEN: token }) };
  await services.bundle([spec]);
  return spec;
}

describe('Services', () => {
  it('starts a service on a free port with a token of its own, and waits until it is ready', async () => {
    const spec = await service(`setTimeout(() => { ${LISTEN} }, 200);`);
    const [one, other] = [await services.start(spec), await services.start({ ...spec })];
    expect((await fetch(`${one.url}/ready`)).status).toBe(200);
    expect(other.url).not.toBe(one.url);
    expect(other.token).not.toBe(one.token);
  });

  it('tells of a service that ends by itself, and not of one that was asked to', async () => {
    const spec = await service(LISTEN);
    const asked = await services.start(spec);
    await services.stop(asked);
    const killed = await services.start(spec);
    process.kill(killed.process.pid, 'SIGKILL');
    await killed.process.ended;
    const running = await services.start(spec);
    await services.stopAll();
    await running.process.ended;
    expect(ended).toEqual(['shop ended by SIGKILL']);
  });

  it('names a service that ends before it is ready, with its last words', async () => {
    const spec = await service('console.error("no database"); process.exit(7);');
    await expect(services.start(spec)).rejects.toThrow(/the service shop did not start\n.*server\.ts \(log: .*shop\.log\).*got: ended with status 7: no database; allowed: 2xx from \/ready; do: /);
    expect(ended).toEqual([]);
  });

  it('names a service that never answers', async () => {
    const spec = await service('setInterval(() => {}, 1000);');
    await expect(services.start(spec, { timeoutSeconds: 1 })).rejects.toThrow('no answer from /ready within 1 s: it said nothing');
  });

  it('tries another port when somebody took the first in between', async () => {
    const marker = JSON.stringify(join(folder, 'tried'));
    const spec = await service(`const fs = require('node:fs');
      if (!fs.existsSync(${marker})) { fs.writeFileSync(${marker}, process.env.PORT!); console.error('listen EADDRINUSE: address already in use 127.0.0.1'); process.exit(1); }
      ${LISTEN}`);
    const running = await services.start(spec);
    expect((await fetch(`${running.url}/ready`)).ok).toBe(true);
    expect(ended).toEqual([]);
  });

  it('can be interrupted while it waits', async () => {
    const spec = await service('setInterval(() => {}, 1000);');
    const interrupting = new AbortController();
    const starting = services.start(spec, { signal: interrupting.signal });
    setTimeout(() => interrupting.abort(), 200);
    await expect(starting).rejects.toThrow(/abort/i);
  });
});
