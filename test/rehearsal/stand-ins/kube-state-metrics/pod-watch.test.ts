import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Authority } from '../../../../rehearsal/control-plane/authority';
import { ApiServer } from '../../../../rehearsal/stand-ins/kube-state-metrics/api-server';
import type { Pod } from '../../../../rehearsal/stand-ins/kube-state-metrics/pod';
import { PodStore, watchPods } from '../../../../rehearsal/stand-ins/kube-state-metrics/pod-watch';

const pod = (name: string, resourceVersion: string): Pod => ({ metadata: { name, namespace: 'shop', uid: name, resourceVersion }, spec: { containers: [] } });

/** What the store was told, in order. */
class Told implements PodStore {
  readonly events: string[] = [];
  replace(pods: readonly Pod[]): void { this.events.push(`all ${pods.map(({ metadata }) => metadata.name).join()}`); }
  set({ metadata }: Pod): void { this.events.push(`set ${metadata.name}@${metadata.resourceVersion}`); }
  delete({ metadata }: Pod): void { this.events.push(`gone ${metadata.name}`); }
}

type Answer = (response: ServerResponse, asked: URL) => void;

describe('what follows pods', () => {
  let server: Server;
  let folder: string;
  let api: ApiServer;
  let stop: AbortController;
  let watching: Promise<void>;
  /** Requests so far, and what each is answered: what an API server says, put on its wire by hand. */
  let asked: { readonly url: URL; readonly token: string | undefined }[];
  let answers: Answer[];
  const told = () => new Told();
  const problems: string[] = [];
  const start = (store: PodStore) => { watching = watchPods(api, store, stop.signal, (error) => problems.push(error.message), 1); };
  const list = (items: readonly Pod[], metadata: object): Answer => (response) => void response.end(JSON.stringify({ metadata, items }));
  /** A watch that says these and stays open. */
  const open = (...events: readonly object[]): Answer => (response) => void response.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const ended = (...events: readonly object[]): Answer => (response) => void response.end(events.map((event) => `${JSON.stringify(event)}\n`).join(''));

  beforeEach(async () => {
    const authority = await Authority.create('cluster');
    const { certPem, keyPem } = await authority.issue({ commonName: 'api', names: ['127.0.0.1'] });
    folder = mkdtempSync(join(tmpdir(), 'tideline-account-'));
    writeFileSync(join(folder, 'ca.crt'), authority.certPem);
    writeFileSync(join(folder, 'token'), 'first\n');
    asked = [];
    answers = [];
    problems.length = 0;
    server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      const url = new URL(request.url!, 'https://api');
      asked.push({ url, token: request.headers.authorization });
      const answer = answers.shift();
      if (answer) answer(response, url);
      else response.write('\n'); // a watch in which nothing happens
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    api = new ApiServer({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, account: folder });
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await watching;
    api.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(folder, { recursive: true, force: true });
  });

  it('lists page by page, then follows from where the list ended', async () => {
    answers.push(list([pod('a', '1')], { resourceVersion: '7', continue: 'next' }), list([pod('b', '2')], { resourceVersion: '7' }), open({ type: 'ADDED', object: pod('c', '8') }, { type: 'DELETED', object: pod('a', '9') }));
    const store = told();
    start(store);
    await vi.waitFor(() => expect(store.events).toEqual(['all a,b', 'set c@8', 'gone a']));
    expect(asked.map(({ url }) => [url.pathname, url.searchParams.get('continue'), url.searchParams.get('watch'), url.searchParams.get('resourceVersion')])).toEqual([
      ['/api/v1/pods', null, null, null], ['/api/v1/pods', 'next', null, null], ['/api/v1/pods', null, '1', '7'],
    ]);
  });

  it('goes on from the last version it was told, bookmarks included, when a watch ends', async () => {
    answers.push(list([], { resourceVersion: '7' }), ended({ type: 'MODIFIED', object: pod('a', '8') }, { type: 'BOOKMARK', object: { metadata: { resourceVersion: '12' } } }));
    const store = told();
    start(store);
    await vi.waitFor(() => expect(asked).toHaveLength(3));
    expect(store.events).toEqual(['all ', 'set a@8']);
    expect(asked[2]!.url.searchParams.get('resourceVersion')).toBe('12');
    expect(problems).toEqual([]);
  });

  it.each([
    ['in the stream', ended({ type: 'ERROR', object: { code: 410, message: 'too old resource version' } })],
    ['at once', ((response) => void response.writeHead(410).end('{}')) as Answer],
  ])('lists anew where the server no longer knows what happened, which it says %s', async (_, gone) => {
    answers.push(list([pod('a', '1')], { resourceVersion: '7' }), gone, list([pod('b', '2')], { resourceVersion: '90' }));
    const store = told();
    start(store);
    await vi.waitFor(() => expect(store.events).toEqual(['all a', 'all b']));
    await vi.waitFor(() => expect(asked.at(-1)!.url.searchParams.get('resourceVersion')).toBe('90'));
    expect(problems).toEqual([]);
  });

  it.each<[string, Answer, string]>([
    ['refuses', (response) => void response.writeHead(403).end('{"message":"pods is forbidden"}'), '403'],
    ['breaks off', (response) => void response.destroy(), 'socket hang up'],
    ['answers with a page', (response) => void response.end('<html>'), 'JSON'],
  ])('tells and tries again where the server %s', async (_, failure, message) => {
    answers.push(failure, failure, list([pod('a', '1')], { resourceVersion: '7' }));
    const store = told();
    start(store);
    await vi.waitFor(() => expect(store.events).toEqual(['all a']));
    expect(problems).toEqual([expect.stringContaining(message), expect.stringContaining(message)]);
  });

  it('shows the token that lies there now', async () => {
    answers.push(list([], { resourceVersion: '7' }), (response) => {
      writeFileSync(join(folder, 'token'), 'renewed\n');
      response.end();
    });
    start(told());
    await vi.waitFor(() => expect(asked).toHaveLength(3));
    expect(asked.map(({ token }) => token)).toEqual(['Bearer first', 'Bearer first', 'Bearer renewed']);
  });
});
