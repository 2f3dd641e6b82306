import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { httpTarget } from '../../../apps/loadgen/http-target';

let connections = 0;
const server = createServer((_request, response) => response.end('ok'));
server.on('connection', () => { connections += 1; });
afterEach(() => new Promise((done) => {
  server.close(done);
  server.closeAllConnections();
}));

it('closes a connection after some requests, so that replicas that come later are asked too', async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const target = httpTarget({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requestsPerConnection: 5 });
  const { signal } = new AbortController();
  for (let index = 0; index < 20; index += 1) expect(await target.send(signal)).toBe('ok');
  target.close();
  expect(connections).toBe(4);
});
