import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeFileAtomic } from '../../base/atomic-file';

/** What the file system says instead of writing; and how many bytes it takes at once. */
const disk = vi.hoisted(() => ({ failure: undefined as { at: string; code: string } | undefined, bytesAtOnce: Infinity }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const fails = (at: string) => {
    if (disk.failure?.at === at) throw Object.assign(new Error(`${disk.failure.code}: as the test wants`), { code: disk.failure.code });
  };
  return {
    ...fs,
    openSync: (...args: Parameters<typeof fs.openSync>) => { fails('open'); return fs.openSync(...args); },
    // Half of it is on the disk when the disk turns out to be full.
    writeSync: (handle: number, bytes: Uint8Array, offset = 0) => {
      const written = fs.writeSync(handle, bytes, offset, Math.min(bytes.length - offset, disk.failure ? 3 : disk.bytesAtOnce));
      if (offset + written > 3) fails('write');
      return written;
    },
    fsyncSync: (handle: number) => { fails('flush'); fs.fsyncSync(handle); },
    renameSync: (...args: Parameters<typeof fs.renameSync>) => { fails('rename'); fs.renameSync(...args); },
  };
});

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'tideline-atomic-')); });
afterEach(() => {
  disk.failure = undefined;
  disk.bytesAtOnce = Infinity;
  rmSync(folder, { recursive: true, force: true });
});

describe('writeFileAtomic', () => {
  test('writes texts and bytes, makes the folder, replaces what was there', () => {
    const path = join(folder, 'a/b/report.json');
    writeFileAtomic(path, '{"ä":1}');
    expect(readFileSync(path, 'utf8')).toBe('{"ä":1}');
    writeFileAtomic(path, new Uint8Array([0, 255, 10]));
    expect([...readFileSync(path)]).toEqual([0, 255, 10]);
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['report.json']);
  });

  test('writes everything where the disk takes a little at a time', () => {
    disk.bytesAtOnce = 2;
    writeFileAtomic(join(folder, 'x'), 'more than two bytes');
    expect(readFileSync(join(folder, 'x'), 'utf8')).toBe('more than two bytes');
  });

  test('gives the mode asked for', () => {
    writeFileAtomic(join(folder, 'key'), 'x', 0o600);
    expect((statSync(join(folder, 'key')).mode % 0o1000).toString(8)).toBe('600');
  });

  test.each([
    ['write', 'ENOSPC', 'no space left'], ['flush', 'ENOSPC', 'no space left'], ['write', 'EDQUOT', 'no space left'], ['open', 'EACCES', 'refuses writing (EACCES)'],
    ['open', 'EROFS', 'refuses writing (EROFS)'], ['rename', 'EPERM', 'refuses writing (EPERM)'], ['rename', 'EISDIR', 'something else stands in the way'],
  ])('a failing %s (%s) leaves the old content, nothing else, and says so in four parts', (at, code, got) => {
    const path = join(folder, 'report.json');
    writeFileSync(path, 'old');
    disk.failure = { at, code };
    expect(() => writeFileAtomic(path, 'new content')).toThrow(new RegExp(`\\[${path}\\] got: .*${got.replace(/[()]/g, '\\$&')}.*; allowed: .+; do: .+`));
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['report.json']);
  });

  test('what is no matter of the disk is thrown as it is', () => {
    disk.failure = { at: 'flush', code: 'EIO' };
    expect(() => writeFileAtomic(join(folder, 'x'), 'y')).toThrow('EIO: as the test wants');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a file where a folder should be is said', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeFileAtomic(join(folder, 'file/x'), 'y')).toThrow(/got: something else stands in the way/);
    mkdirSync(join(folder, 'taken'));
    expect(() => writeFileAtomic(join(folder, 'taken'), 'y')).toThrow(/got: something else stands in the way/);
    expect(readdirSync(folder).sort()).toEqual(['file', 'taken']);
  });

  test('a process that is killed half way leaves the old content under the name', () => {
    const path = join(folder, 'report.json');
    writeFileSync(path, 'old');
    const script = join(folder, 'killed.cjs');
    const root = resolve(__dirname, '../..');
    writeFileSync(script, `
      const fs = require('node:fs');
      const { fsyncSync } = fs;
      fs.fsyncSync = (handle) => { fsyncSync(handle); process.kill(process.pid, 'SIGKILL'); };
      require(${JSON.stringify(join(root, 'node_modules/tsx/dist/cjs/index.cjs'))});
      require(${JSON.stringify(join(root, 'base/atomic-file.ts'))}).writeFileAtomic(${JSON.stringify(path)}, 'new content');
    `);
    const child = spawnSync(process.execPath, [script], { timeout: 20_000, encoding: 'utf8' });
    expect(child.stderr).toBe('');
    expect(child.signal).toBe('SIGKILL');
    expect(readFileSync(path, 'utf8')).toBe('old');
    // The half is still there, under a name that nobody reads: the kill is known to have come in between.
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
  });
});
