import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arrange, directory, file, LayerEntry, symlink } from '../../../rehearsal/images/layer';
import { tar } from '../../../rehearsal/images/tar';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tar-'));
});
afterEach(() => {
  execFileSync('chmod', ['-R', 'u+rwx', folder]);
  rmSync(folder, { recursive: true });
});

async function bytesOf(entries: readonly LayerEntry[]): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of tar(entries)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What the tar program of this machine makes of an archive. */
function unpacked(archive: Buffer): Map<string, string> {
  const target = mkdtempSync(join(folder, 'out-'));
  execFileSync('tar', ['-xpf', '-', '-C', target], { input: archive });
  const found = new Map<string, string>();
  const visit = (below: string) => {
    for (const name of readdirSync(join(target, below)).sort()) {
      const path = below === '' ? name : `${below}/${name}`;
      const status = lstatSync(join(target, path));
      const mode = (status.mode % 0o10000).toString(8);
      if (status.isSymbolicLink()) found.set(path, `-> ${readlinkSync(join(target, path))}`);
      else if (status.isDirectory()) found.set(path, `${mode}/`);
      else found.set(path, `${mode} ${readFileSync(join(target, path)).toString('base64')}`);
      if (status.isDirectory()) visit(path);
    }
  };
  visit('');
  return found;
}

describe('an archive, read by the tar program', () => {
  test('holds files, folders and links as they were given', async () => {
    const onDisk = join(folder, 'content');
    writeFileSync(onDisk, 'x'.repeat(3_000_001));
    const found = unpacked(await bytesOf([directory('a'), file('a/exactly-one-block', Buffer.alloc(512, 7)), file('a/large', { file: onDisk }, 0o755), symlink('b', 'a/large')]));
    expect([...found.keys()]).toEqual(['a', 'a/exactly-one-block', 'a/large', 'b']);
    expect(found.get('a/exactly-one-block')).toBe(`644 ${Buffer.alloc(512, 7).toString('base64')}`);
    expect(found.get('a/large')).toBe(`755 ${readFileSync(onDisk).toString('base64')}`);
    expect(found.get('b')).toBe('-> a/large');
  });

  test('holds names of any length and letters, whatever their number of bytes', async () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '.', '-', ' ', 'ö', '€', '😀'), minLength: 1, maxLength: 50 }).filter((name) => !/^\.+$/.test(name));
    const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
    await fc.assert(fc.asyncProperty(path, path, fc.string({ maxLength: 1100 }), async (name, target, text) => {
      const entries = arrange([file(`files/${name}`, Buffer.from(text)), symlink('link', target)]);
      const found = unpacked(await bytesOf(entries));
      expect(found.get(`files/${name}`)).toBe(`644 ${Buffer.from(text).toString('base64')}`);
      expect(found.get('link')).toBe(`-> ${target}`);
      expect(found.size).toBe(entries.length);
    }), { numRuns: 40 });
  });

  test('says nothing of when and by whom it was written', async () => {
    const listed = execFileSync('tar', ['--numeric-owner', '-tvf', '-'], { input: await bytesOf([{ ...file('a', Buffer.from('1')), uid: 65532, gid: 1000000 }]), encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
    expect(listed).toMatch(/65532[/ ]+1000000/);
    expect(listed).toMatch(/1970/);
  });

  test('a file that grows or shrinks while it is read is a fault, not a broken archive', async () => {
    const path = join(folder, 'changing');
    writeFileSync(path, Buffer.alloc(5_000_000));
    const pieces = tar([file('changing', { file: path })]);
    await pieces.next(); // its size has been written
    truncateSync(path, 1000);
    await expect((async () => {
      for await (const _ of pieces);
    })()).rejects.toThrow(/\/changing.*changed while it was read/);
  });

  test('a file that is not there is a fault that names it', async () => {
    await expect(bytesOf([file('a', { file: join(folder, 'nowhere') })])).rejects.toThrow(/\/a\].*nowhere: ENOENT/);
  });

  test('ends when it is told to', async () => {
    const stop = new AbortController();
    const pieces = tar([file('a', Buffer.alloc(10)), file('b', Buffer.alloc(10))], stop.signal);
    await pieces.next();
    stop.abort(new Error('enough'));
    await expect((async () => {
      for await (const _ of pieces);
    })()).rejects.toThrow('enough');
  });
});
