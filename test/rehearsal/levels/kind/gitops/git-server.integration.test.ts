import { ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../../../../../rehearsal/control-plane/authority';
import { FAST_IMPORT_OPTIONS, fastImport } from '../../../../../rehearsal/levels/kind/gitops/fast-import';
import { lighttpdConfig } from '../../../../../rehearsal/levels/kind/gitops/git-server';

const LIGHTTPD = '/usr/sbin/lighttpd';
const here = existsSync(LIGHTTPD) && existsSync('/usr/lib/git-core/git-http-backend') && existsSync('/usr/lib/lighttpd/mod_openssl.so');

describe.skipIf(!here)('the Git server (needs lighttpd with mod_openssl and Git)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'git-server-'));
  const path = (...parts: string[]) => join(folder, ...parts);
  let server: ChildProcess;
  let port = 0;
  const environment = () => ({ PATH: process.env.PATH, HOME: folder, GIT_SSL_CAINFO: path('ca.crt'), GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: path('askpass'), GIT_CONFIG_NOSYSTEM: '1' });
  const git = (...args: string[]) => promisify(execFile)('git', args, { env: environment() });

  beforeAll(async () => {
    for (const name of ['tls', 'users', 'git']) mkdirSync(path(name));
    const authority = await Authority.create('git');
    const pair = await authority.issue({ commonName: 'git', names: ['localhost', '127.0.0.1'] });
    writeFileSync(path('ca.crt'), authority.certPem);
    writeFileSync(path('tls', 'tls.crt'), pair.certPem);
    writeFileSync(path('tls', 'tls.key'), pair.keyPem);
    writeFileSync(path('users', 'users'), 'tideline:right\n');
    writeFileSync(path('askpass'), '#!/bin/sh\ncase "$1" in Username*) echo tideline;; *) cat "$HOME/password";; esac\n', { mode: 0o700 });
    port = await freePort();
    writeFileSync(path('lighttpd.conf'), lighttpdConfig({ tls: path('tls'), users: path('users'), repositories: path('git'), bind: '127.0.0.1', port }));
    await git('init', '--quiet', '--bare', '--initial-branch=main', path('git/example/tideline.git'));
    server = spawn(LIGHTTPD, ['-D', '-f', path('lighttpd.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
    await new Promise<void>((resolve, reject) => {
      server.once('exit', (status) => reject(new Error(`lighttpd ended with ${status}`)));
      server.stderr!.setEncoding('utf8').on('data', (text: string) => { if (text.includes('server started')) resolve(); });
    });
  });
  afterAll(() => {
    server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function commit(files: Record<string, string>, onTop = false, ref = 'refs/heads/main'): Promise<string> {
    const repository = path('git/example/tideline.git');
    const importing = promisify(execFile)('git', ['-C', repository, 'fast-import', ...FAST_IMPORT_OPTIONS], { env: environment() });
    importing.child.stdin!.end(fastImport({ ref, message: 'a change', files: new Map(Object.entries(files)), onTop }));
    await importing;
    return (await git('-C', repository, 'rev-parse', `${ref}^{commit}`)).stdout.trim();
  }
  const url = () => `https://127.0.0.1:${port}/example/tideline.git`;

  it('serves what was imported, byte for byte, and the same tree is the same commit', async () => {
    const files = { 'dist/dev/a.yaml': 'word: größe\n', 'dist/dev/b.yaml': 'no newline at the end', 'odd "name".txt': '' };
    const first = await commit(files);
    expect(await commit(files)).toBe(first);
    const listed = (await git('ls-remote', url(), 'refs/heads/main')).stdout;
    expect(listed).toContain(first);
    await git('clone', '--quiet', url(), path('clone'));
    for (const [name, content] of Object.entries(files)) {
      expect((await git('-C', path('clone'), 'show', `HEAD:${name}`)).stdout).toBe(content);
    }
  });

  it('adds a commit on top that changes only what it names', async () => {
    const before = await commit({ 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' });
    const after = await commit({ 'a.yaml': 'a: 2\n' }, true);
    const repository = path('git/example/tideline.git');
    expect((await git('-C', repository, 'rev-parse', 'main^')).stdout.trim()).toBe(before);
    expect((await git('-C', repository, 'diff', '--name-only', before, after)).stdout).toBe('a.yaml\n');
  });

  it('serves a tag that an Application follows', async () => {
    const commitOfTag = await commit({ 'config/crd/bases/x.yaml': 'kind: X\n' }, false, 'refs/tags/v1.2.3');
    expect((await git('ls-remote', url(), 'v1.2.3')).stdout).toBe(`${commitOfTag}\trefs/tags/v1.2.3\n`);
  });

  it('accepts a push with the password only', async () => {
    await commit({ 'a.yaml': 'a: 1\n' });
    await git('clone', '--quiet', url(), path('pusher'));
    const inClone = (...args: string[]) => git('-C', path('pusher'), '-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args);
    await inClone('commit', '--quiet', '--allow-empty', '-m', 'mine');
    writeFileSync(path('password'), 'wrong\n');
    await expect(inClone('push', '--quiet', 'origin', 'main')).rejects.toThrow(/Authentication failed|401|403/);
    writeFileSync(path('password'), 'right\n');
    await inClone('push', '--quiet', 'origin', 'main');
    expect((await git('ls-remote', url(), 'refs/heads/main')).stdout).toContain((await inClone('rev-parse', 'HEAD')).stdout.trim());
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
