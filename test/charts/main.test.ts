import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifestFaults, updateManifests } from '../../charts/main';
import { synthesize } from '../../charts/synthesize';
import { environments } from '../../config';

const ROOT = resolve(__dirname, '..', '..');
const files = synthesize(environments());
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-manifests-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program as `npx projen synth` and `verify:manifests` do. */
function run(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, ['--import', 'tsx', 'charts/main.ts', ...args], { cwd: ROOT, encoding: 'utf8' });
}
const found = () => manifestFaults(folder, files).map(({ where, got }) => `${where.slice(folder.length + 1)}: ${got}`);

describe('the committed manifests', () => {
  it('are what the charts give', () => {
    expect(manifestFaults(join(ROOT, 'dist'), files)).toEqual([]);
  });
});

describe('manifestFaults', () => {
  beforeEach(() => updateManifests(folder, files));

  it('is silent about a folder that was just written', () => {
    expect(found()).toEqual([]);
  });

  it('names the file with one byte too many, one that is gone, and one that nobody gave', () => {
    appendFileSync(join(folder, 'dev/root.yaml'), '\n');
    rmSync(join(folder, 'prod/catalog/service-catalog.yaml'));
    writeFileSync(join(folder, 'staging/extra.yaml'), '');
    expect(found()).toEqual(['prod/catalog/service-catalog.yaml: no such file', 'dev/root.yaml: other bytes than the charts give', 'staging/extra.yaml: a file the charts do not give']);
  });

  it('finds every file missing where there is no folder', () => {
    expect(manifestFaults(join(folder, 'nowhere'), files)).toHaveLength(files.size);
  });
});

describe('updateManifests', () => {
  it('writes what is given, byte for byte, into a folder that need not be there', () => {
    const target = join(folder, 'deep', 'dist');
    updateManifests(target, new Map([['dev/a/x.yaml', 'x: ü\n'], ['dev/b.yaml', '']]));
    expect(readFileSync(join(target, 'dev/a/x.yaml'), 'utf8')).toBe('x: ü\n');
    expect(readdirSync(target, { recursive: true }).sort()).toEqual(['dev', 'dev/a', 'dev/a/x.yaml', 'dev/b.yaml']);
  });

  it('removes what is no longer given, and folders that this empties, but not the folder itself', () => {
    updateManifests(folder, new Map([['dev/a/x.yaml', '1'], ['dev/a/y.yaml', '1'], ['qa/a/x.yaml', '1']]));
    updateManifests(folder, new Map([['dev/a/y.yaml', '2']]));
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['dev', 'dev/a', 'dev/a/y.yaml']);
    expect(readFileSync(join(folder, 'dev/a/y.yaml'), 'utf8')).toBe('2');
    updateManifests(folder, new Map());
    expect(readdirSync(folder)).toEqual([]);
  });

  it('touches nothing in a folder that is somebody else\'s', () => {
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/notes.txt'), 'mine');
    writeFileSync(join(folder, 'old.yaml'), 'mine');
    expect(() => updateManifests(folder, new Map([['dev/a.yaml', '1']]))).toThrow(/src\/notes.txt\] got: a file that is no manifest;.*do: choose another folder with --out/);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['old.yaml', 'src', 'src/notes.txt']);
  });
});

describe('the program', () => {
  it('passes a true copy of dist/, and fails naming the file as soon as one byte is another', () => {
    cpSync(join(ROOT, 'dist'), folder, { recursive: true });
    expect(run('--check', '--out', folder)).toMatchObject({ status: 0, stdout: `${folder}: ${files.size} files, as the charts give them\n` });

    const broken = join(folder, 'prod/catalog/deployment-catalog.yaml');
    const bytes = readFileSync(broken);
    bytes[10] = bytes[10] === 0x2e ? 0x2f : 0x2e;
    writeFileSync(broken, bytes);
    const { status, stderr } = run('--check', '--out', folder);
    expect(status).toBe(1);
    expect(stderr).toContain(`[${broken}] got: other bytes than the charts give; allowed: what the charts give; do: run npx projen update:manifests and commit dist/`);
    expect(stderr.match(/got:/g)).toHaveLength(1);
    expect(readFileSync(broken)).toEqual(bytes); // a check mends nothing
  });

  it('writes dist/ as it is committed, mending what is there', () => {
    mkdirSync(join(folder, 'dev'));
    writeFileSync(join(folder, 'dev/stale.yaml'), 'stale');
    expect(run('--out', folder)).toMatchObject({ status: 0, stdout: `${folder}: ${files.size} files\n` });
    expect(found()).toEqual([]);
    expect(existsSync(join(folder, 'dev/stale.yaml'))).toBe(false);
  });

  it('says which option it does not know', () => {
    const { status, stderr } = run('--chekc');
    expect(status).toBe(1);
    expect(stderr).toContain("'--chekc'");
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
