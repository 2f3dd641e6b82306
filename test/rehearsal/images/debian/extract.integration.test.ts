import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { extract, INDEX, PackageEntry } from '../../../../rehearsal/images/debian/extract';

const here = existsSync('/usr/bin/dpkg-deb');
const LONG = `usr/share/${'long-name/'.repeat(20)}file`;

describe.skipIf(!here)('taking a package apart (needs dpkg-deb)', () => {
  let folder: string;
  const tree = (...path: string[]) => join(folder, 'tree', ...path);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'debian-extract-'));
    write('DEBIAN/control', 'Package: sample\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: a sample\n');
    write('DEBIAN/postinst', `#!/bin/sh\ntouch ${join(folder, 'script-ran')}\n`, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(path: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(tree(path)), { recursive: true });
    writeFileSync(tree(path), content, { mode });
  }

  function build(): string {
    const archive = join(folder, 'sample.deb');
    execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree(), archive], { stdio: 'ignore' });
    return archive;
  }

  async function extracted(): Promise<{ readonly entries: ReadonlyMap<string, PackageEntry>; readonly content: (path: string) => string }> {
    const out = join(folder, 'out');
    await extract(build(), out);
    const entries = new Map((JSON.parse(readFileSync(join(out, INDEX), 'utf8')) as PackageEntry[]).map((entry) => [entry.path, entry]));
    return { entries, content: (path) => readFileSync(join(out, entries.get(path)!.file!), 'utf8') };
  }

  test('keeps content, owners, permissions, links and long names, and runs no script', async () => {
    write('usr/bin/tool', '#!/bin/sh\n');
    execFileSync('chmod', ['4755', tree('usr/bin/tool')]);
    linkSync(tree('usr/bin/tool'), tree('usr/bin/tool-again'));
    symlinkSync('tool', tree('usr/bin/link'));
    write(LONG, 'far down');
    write('bin/sh', 'shell', 0o755);
    const { entries, content } = await extracted();
    expect(entries.get('usr/bin/tool')).toMatchObject({ type: 'file', mode: 0o4755, uid: 0, gid: 0 });
    expect(content('usr/bin/tool-again')).toBe('#!/bin/sh\n');
    expect(entries.get('usr/bin/tool-again')).toMatchObject({ mode: 0o4755 });
    expect(entries.get('usr/bin/link')).toMatchObject({ type: 'symlink', target: 'tool' });
    expect(content(LONG)).toBe('far down');
    expect(content('usr/bin/sh')).toBe('shell');
    expect(entries.has('bin/sh')).toBe(false);
    expect(existsSync(join(folder, 'script-ran'))).toBe(false);
  });

  test('leaves manuals and translations out, and licences in', async () => {
    for (const path of ['usr/share/man/man1/a.1', 'usr/share/locale/de/a.mo', 'usr/share/doc/a/README', 'usr/share/doc/a/copyright', 'usr/share/manual/kept', 'usr/share/perl/5/kept']) write(path, 'x');
    const { entries } = await extracted();
    expect([...entries].filter(([, { type }]) => type === 'file').map(([path]) => path).sort()).toEqual(['usr/share/doc/a/copyright', 'usr/share/manual/kept', 'usr/share/perl/5/kept']);
  });

  test('a large file comes out byte for byte', async () => {
    const large = Buffer.alloc(5_000_001, 'abc\n');
    mkdirSync(tree('usr'), { recursive: true });
    writeFileSync(tree('usr/large'), large);
    expect((await extracted()).content('usr/large')).toBe(large.toString());
  });

  test('a broken archive leaves nothing, and says what is wrong with it', async () => {
    write('usr/file', 'x'.repeat(100_000));
    const archive = build();
    writeFileSync(archive, readFileSync(archive).subarray(0, 300));
    await expect(extract(archive, join(folder, 'out'))).rejects.toThrow(/archive|dpkg-deb/);
    expect(readdirSync(folder).sort()).toEqual(['sample.deb', 'tree']);
  });

  test('ended in the middle it leaves nothing', async () => {
    write('usr/file', 'x');
    const archive = build();
    const controller = new AbortController();
    const extracting = extract(archive, join(folder, 'out'), controller.signal);
    controller.abort(new Error('stopped'));
    await expect(extracting).rejects.toThrow('stopped');
    expect(readdirSync(folder).sort()).toEqual(['sample.deb', 'tree']);
  });
});
