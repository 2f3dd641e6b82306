import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseChallenge, Registries } from '../../../rehearsal/images/registry';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let handler: Handler;
let asked: string[];
/** Registries speak TLS on hosts of their own; all of them are this server here. */
let toServer: typeof fetch;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers['x-host']}${request.url}`);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  toServer = (input, init) => {
    const url = new URL(String(input));
    return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${url.pathname}${url.search}`, { ...init, headers: { ...init?.headers as Record<string, string>, 'x-host': url.host } });
  };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const answer = (status: number, headers: Record<string, string> = {}, body = ''): Handler => (_, response) => void response.writeHead(status, headers).end(body);

describe('a registry', () => {
  test('that has an image tells its digest', async () => {
    handler = (request, response) => answer(200, request.url === '/v2/' ? {} : { 'docker-content-digest': 'sha256:abc' })(request, response);
    await expect(new Registries({ fetch: toServer }).ask('quay.io/argoproj/argocd:v3.2.5')).resolves.toEqual({ found: true, digest: 'sha256:abc' });
    expect(asked).toEqual(['HEAD quay.io/v2/', 'HEAD quay.io/v2/argoproj/argocd/manifests/v3.2.5']);
  });

  test('that wants a token gets the one that whoever it names gives to everybody', async () => {
    handler = (request, response) => {
      if (request.url!.startsWith('/token')) answer(200, {}, JSON.stringify({ token: 'for-everybody' }))(request, response);
      else if (request.headers.authorization === 'Bearer for-everybody') answer(200)(request, response);
      else answer(401, { 'www-authenticate': 'Bearer realm="https://auth.example/token",service="hub",scope="repository:library/busybox:pull"' })(request, response);
    };
    await expect(new Registries({ fetch: toServer }).ask('busybox:1')).resolves.toMatchObject({ found: true });
    expect(asked).toEqual([
      'HEAD registry-1.docker.io/v2/', 'HEAD registry-1.docker.io/v2/library/busybox/manifests/1',
      'GET auth.example/token?service=hub&scope=repository%3Alibrary%2Fbusybox%3Apull', 'HEAD registry-1.docker.io/v2/library/busybox/manifests/1',
    ]);
  });

  test.each([[404, 'quay.io has no such image'], [403, 'quay.io answered 403: it gives it only to those it knows'], [429, 'quay.io answered 429']])('that answers %i does not have it', async (status, why) => {
    handler = (request, response) => answer(request.url === '/v2/' ? 200 : status)(request, response);
    await expect(new Registries({ fetch: toServer }).ask('quay.io/a/b:1')).resolves.toEqual({ found: false, why });
  });

  test('that is broken or cannot be reached is asked once for all its images', async () => {
    handler = answer(503);
    const registries = new Registries({ fetch: toServer });
    const answers = await Promise.all(['quay.io/a/b:1', 'quay.io/a/c:1', 'ghcr.io/d:2'].map((each) => registries.ask(each)));
    expect(answers.map((each) => !each.found && each.why)).toEqual(['quay.io answered 503', 'quay.io answered 503', 'ghcr.io answered 503']);
    expect(asked.sort()).toEqual(['HEAD ghcr.io/v2/', 'HEAD quay.io/v2/']);
  });

  test('nobody waits for one that does not answer', async () => {
    handler = () => undefined;
    await expect(new Registries({ fetch: toServer, timeoutMs: 100 }).ask('quay.io/a/b:1')).resolves.toEqual({ found: false, why: 'quay.io did not answer in time' });
  });

  test('that refuses connections is named with the reason', async () => {
    server.close();
    const port = (server.address() as AddressInfo | null)?.port ?? 1;
    const refused = (_: unknown, init?: RequestInit) => fetch(`http://127.0.0.1:${port}`, init);
    await expect(new Registries({ fetch: refused as typeof fetch }).ask('quay.io/a/b:1')).resolves.toMatchObject({ found: false, why: expect.stringMatching(/^quay.io cannot be reached \(/) });
  });

  test('an end that is asked for is no answer', async () => {
    const stop = new AbortController();
    handler = () => stop.abort(new Error('Ctrl-C'));
    await expect(new Registries({ fetch: toServer, signal: stop.signal }).ask('quay.io/a/b:1')).rejects.toThrow('Ctrl-C');
  });
});

test('a challenge is followed only over TLS', () => {
  expect(parseChallenge('Bearer realm="https://a/t",service="s"')).toEqual({ realm: 'https://a/t', service: 's', scope: undefined });
  expect(parseChallenge('Bearer realm="http://a/t"')).toBeUndefined();
  expect(parseChallenge('Basic realm="https://a/t"')).toBeUndefined();
  expect(parseChallenge(null)).toBeUndefined();
});
