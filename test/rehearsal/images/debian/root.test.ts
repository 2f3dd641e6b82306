import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { INDEX, PackageEntry, united } from '../../../../rehearsal/images/debian/extract';
import { copyrightOf, rootOf } from '../../../../rehearsal/images/debian/root';
import { arrange } from '../../../../rehearsal/images/layer';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'debian-root-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A package as the cache keeps it: files by path, links as `-> target`. */
function unpacked(name: string, content: Readonly<Record<string, string>>, mode = 0o644) {
  const entries = Object.entries(content).map(([path, text], index): PackageEntry => {
    if (text === '/') return { path, type: 'directory', mode, uid: 0, gid: 0 };
    if (text.startsWith('-> ')) return { path, type: 'symlink', mode: 0o777, uid: 0, gid: 0, target: text.slice(3) };
    const file = `files/${index}`;
    mkdirSync(dirname(join(folder, name, file)), { recursive: true });
    writeFileSync(join(folder, name, file), text);
    return { path, type: 'file', mode, uid: 0, gid: 0, file };
  });
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, INDEX), JSON.stringify(entries));
  return { name, folder: join(folder, name) };
}

const byPath = (entries: ReturnType<typeof rootOf>) => new Map(entries.map((entry) => [entry.path, entry]));

describe('a root file system', () => {
  test('unites /bin and the like with /usr, and links them where there is something', () => {
    expect(['bin/sh', 'lib64/ld.so', 'lib', 'library/x', 'usr/bin/x', 'sbin/init'].map(united)).toEqual(['usr/bin/sh', 'usr/lib64/ld.so', 'usr/lib', 'library/x', 'usr/bin/x', 'usr/sbin/init']);
    const root = byPath(rootOf([unpacked('a', { 'usr/bin/sh': 'shell', 'usr/lib64/ld.so': '-> elsewhere' })]));
    expect(root.get('bin')).toMatchObject({ type: 'symlink', target: 'usr/bin' });
    expect(root.get('lib64')).toMatchObject({ type: 'symlink', target: 'usr/lib64' });
    expect(root.has('sbin')).toBe(false);
  });

  test('is a layer as it stands: every folder is there, before what is in it, and nothing twice', () => {
    const entries = rootOf([unpacked('a', { 'usr/share/deep/er/file': 'x' }), unpacked('b', { usr: '/', 'usr/share': '/', 'usr/share/deep/file': 'y' })]);
    expect(arrange(entries)).toEqual(entries);
    expect(byPath(entries).get('usr/share/deep/er')).toMatchObject({ type: 'directory', mode: 0o755 });
  });

  test('the later package wins a file, nobody a folder', () => {
    const root = byPath(rootOf([unpacked('a', { 'etc/x': 'first', srv: '/' }, 0o700), unpacked('b', { 'etc/x': 'second', srv: '/' })]));
    expect(root.get('etc/x')).toMatchObject({ content: { file: expect.stringContaining('/b/files/') as string } });
    expect(root.get('srv')).toMatchObject({ mode: 0o700 });
  });

  test('has the bundle of certificates that a maintainer script would make, in the order of their names', () => {
    const root = byPath(rootOf([unpacked('ca', { 'usr/share/ca-certificates/mozilla/B.crt': 'BBB\n', 'usr/share/ca-certificates/mozilla/A.crt': 'AAA' })]));
    expect(String(root.get('etc/ssl/certs/ca-certificates.crt')?.content)).toBe('AAA\nBBB\n');
    expect(byPath(rootOf([])).has('etc/ssl/certs/ca-certificates.crt')).toBe(false);
  });

  test('knows the user that images run as', () => {
    expect(String(byPath(rootOf([])).get('etc/passwd')?.content)).toMatch(/^nonroot:x:65532:65532:/m);
  });
});

test('a copyright file may lie in the folder that a package\'s own is a link to', () => {
  const root = byPath(rootOf([unpacked('libx', { 'usr/share/doc/libx': '-> x-base' }), unpacked('x-base', { 'usr/share/doc/x-base/copyright': 'free' })]));
  expect(copyrightOf('libx', root)).toBe('free');
  expect(copyrightOf('other', root)).toBeUndefined();
});
