import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NodeRuntime, nodeRuntime } from '../../../rehearsal/images/node-runtime';

const here = existsSync('/usr/bin/apt-get') && existsSync('/usr/share/keyrings/debian-archive-keyring.gpg');

describe.skipIf(!here)('Node.js for images (needs apt-get, the keys of Debian\'s archive and npm)', () => {
  const cacheRoot = mkdtempSync(join(tmpdir(), 'node-runtime-'));
  let runtime: NodeRuntime;
  beforeAll(async () => {
    runtime = await nodeRuntime({ cacheRoot });
  });
  afterAll(() => rmSync(cacheRoot, { recursive: true, force: true }));
  const inRoot = (pattern: RegExp) => runtime.entries.find(({ path, type }) => type === 'file' && pattern.test(path));

  test('is the release that it says', () => {
    const node = inRoot(/^usr\/bin\/node$/)!;
    expect(node.mode).toBe(0o755);
    expect(execFileSync((node.content as { file: string }).file, ['--version']).toString()).toBe(`v${runtime.version}\n`);
  });

  test.each(['libc\\.so\\.6', 'libm\\.so\\.6', 'libstdc\\+\\+\\.so\\.6[.0-9]*', 'libgcc_s\\.so\\.1', 'ld-linux-[^/]+'])('has the library %s', (name) => {
    expect(inRoot(new RegExp(`^usr/lib(64|/.+)?/${name}$`))).toBeDefined();
  });

  test('comes out of the cache the second time, the same', async () => {
    const told: string[] = [];
    expect(await nodeRuntime({ cacheRoot, onProgress: (detail) => told.push(detail) })).toEqual(runtime);
    expect(told).toEqual([]);
    expect(readdirSync(join(cacheRoot, 'node'))).toEqual([expect.stringMatching(/^node-\d/)]);
  });
});
