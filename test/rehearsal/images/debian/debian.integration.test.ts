import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { debianRoot, DebianRoot } from '../../../../rehearsal/images/debian';

const here = existsSync('/usr/bin/apt-get') && existsSync('/usr/share/keyrings/debian-archive-keyring.gpg');

describe.skipIf(!here)('a root of Debian packages (needs apt-get and the keys of Debian\'s archive)', () => {
  const cacheRoot = mkdtempSync(join(tmpdir(), 'debian-'));
  const before = ownState();
  let root: DebianRoot;
  beforeAll(async () => {
    root = await debianRoot(['dash', 'ca-certificates'], { cacheRoot });
  });
  afterAll(() => rmSync(cacheRoot, { recursive: true, force: true }));

  /** What this machine's own apt-get keeps. */
  function ownState(): string {
    return ['/var/lib/apt', '/var/lib/apt/lists', '/var/cache/apt', '/var/cache/apt/archives', '/var/lib/dpkg'].filter((path) => existsSync(path)).map((path) => `${path} ${statSync(path).mtimeMs}`).join('\n');
  }

  test('holds the packages and what they depend on, whatever this machine has installed', () => {
    const names = root.packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['ca-certificates', 'dash', 'libc6']));
    expect(names).not.toContain('debconf');
    expect(root.packages.find(({ name }) => name === 'dash')?.licence).toContain('BSD-3-Clause');
  });

  test('its programs run with its libraries', () => {
    const copied = (name: string, pattern: RegExp) => {
      const { content } = root.entries.find(({ path, type }) => type === 'file' && pattern.test(path))!;
      const path = join(cacheRoot, name);
      copyFileSync((content as { file: string }).file, path);
      chmodSync(path, 0o755);
      return path;
    };
    const [loader, dash] = [copied('loader', /\/ld-linux-[^/]+$/), copied('dash', /^usr\/bin\/dash$/)];
    copied('libc.so.6', /\/libc\.so\.6$/);
    expect(execFileSync(loader, ['--library-path', cacheRoot, dash, '-c', 'echo hello from "$0"', 'the cache']).toString()).toBe('hello from the cache\n');
  });

  test('has the certificates of the world', () => {
    const bundle = root.entries.find(({ path }) => path === 'etc/ssl/certs/ca-certificates.crt');
    expect(String(bundle?.content)).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });

  test('the second time nothing is asked for, and the result is the same', async () => {
    const told: string[] = [];
    const again = await debianRoot(['ca-certificates', 'dash'], { cacheRoot, onProgress: (detail) => told.push(detail) });
    expect(told).toEqual([]);
    expect(again).toEqual(root);
  });

  test('a package that can be done without is left out with what only it needs', async () => {
    const { packages, key } = await debianRoot(['dash'], { cacheRoot, without: ['libc6'] });
    expect(packages.map(({ name }) => name)).toEqual(['dash']);
    expect(key).not.toBe(root.key);
  });

  test('a name that is no package is a fault that says so', async () => {
    await expect(debianRoot(['dash', 'no-such-package-of-debian'], { cacheRoot })).rejects.toMatchObject({
      faults: [{ where: 'packages dash no-such-package-of-debian', got: expect.stringContaining('Unable to locate package no-such-package-of-debian') as string }],
    });
  });

  test('leaves no archives, and this machine\'s own packages alone', () => {
    expect(readdirSync(join(cacheRoot, 'debian', 'apt-bookworm-amd64', 'archives')).filter((name) => name.endsWith('.deb'))).toEqual([]);
    expect(ownState()).toBe(before);
  });

  test('a machine without apt-get is told what can be done', async () => {
    vi.stubEnv('PATH', join(cacheRoot, 'nothing-here'));
    try {
      await expect(debianRoot(['tini'], { cacheRoot })).rejects.toMatchObject({ faults: [{ where: 'this machine', got: 'no apt-get', do: expect.stringContaining('--images pull') as string }] });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('a mirror that does not answer is a fault, and is asked again the next time', async () => {
    const offline = join(cacheRoot, 'offline');
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    vi.stubEnv('https_proxy', 'http://127.0.0.1:1');
    try {
      await expect(debianRoot(['catatonit'], { cacheRoot: offline })).rejects.toMatchObject({ faults: [{ where: 'the index of packages', got: expect.stringContaining('Failed to fetch') as string }] });
    } finally {
      vi.unstubAllEnvs();
    }
    expect((await debianRoot(['catatonit'], { cacheRoot: offline })).packages.map(({ name }) => name)).toEqual(['catatonit']);
  });

  test('ended before it began, it leaves its lock free', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(debianRoot(['dash', 'tini'], { cacheRoot, signal })).rejects.toThrow('stopped');
    expect(existsSync(join(cacheRoot, 'debian', 'lock'))).toBe(false);
  });
});
