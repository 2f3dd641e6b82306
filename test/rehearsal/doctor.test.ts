import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = resolve(__dirname, '..', '..');
let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'tideline-doctor-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the doctor as the program it is, on a machine that has this PATH, an empty home and nothing else. */
function doctor(args: readonly string[] = [], settings: Readonly<Record<string, string>> = {}) {
  mkdirSync(join(folder, 'home'), { recursive: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'rehearsal/doctor.ts', ...args], {
    cwd: ROOT, encoding: 'utf8', env: { PATH: join(folder, 'bin'), HOME: join(folder, 'home'), TMPDIR: folder, ...settings },
  });
  return { status, stdout, stderr };
}

/** A program on PATH that says one line and ends with a status. */
function install(name: string, line: string, status = 0): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\necho '${line}'\nexit ${status}\n`, { mode: 0o755 });
}

interface Diagnosis {
  readonly levels: readonly { readonly level: string; readonly runs: boolean; readonly why: string }[];
  readonly findings: readonly { readonly what: string; readonly found: string; readonly adds?: string }[];
}
const diagnosis = (settings: Readonly<Record<string, string>> = {}): Diagnosis => {
  const { stdout, stderr } = doctor(['--json'], settings);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Diagnosis;
};

describe('npx projen doctor', () => {
  it('says on a bare machine what runs, what does not, and what to install', () => {
    const { status, stdout, stderr } = doctor();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^can run +simulate: /m);
    expect(stdout).toMatch(/^cannot run control-plane: .*no Go on PATH.*do: install Go/m);
    for (const program of ['terraform', 'docker', 'go']) expect(stdout).toMatch(new RegExp(`^${program} +not found \\(it would add .+\\)$`, 'm'));
    expect(stdout).toMatch(/^free disk +[\d.]+ GB$/m);
    expect(stdout).toMatch(/^memory +[\d.]+ GB/m);
  });

  it('changes nothing', () => {
    doctor();
    expect(readdirSync(join(folder, 'home'))).toEqual([]);
    expect(existsSync(join(folder, 'home', '.cache'))).toBe(false);
  });

  it('gives the same as JSON', () => {
    const { levels, findings } = diagnosis();
    expect(levels).toEqual([
      { level: 'simulate', runs: true, why: expect.any(String) },
      { level: 'control-plane', runs: false, why: expect.stringContaining('no Go on PATH') },
      { level: 'kind', runs: false, why: expect.stringContaining('install Docker') },
    ]);
    expect(findings.find((each) => each.what === 'programs of images')?.found).toMatch(/^0 of \d+ built, not yet: .*argocd/);
    expect(findings.find((each) => each.what === 'node')?.found).toBe(process.versions.node);
    expect(findings.find((each) => each.what === 'kube-apiserver')?.found).toMatch(/^missing: /);
    expect(findings.find((each) => each.what === 'docker')).toMatchObject({ found: 'not found', adds: expect.any(String) });
  });

  it('takes what is installed', () => {
    install('terraform', 'Terraform v1.11.4');
    const { findings } = diagnosis();
    expect(findings.find((each) => each.what === 'terraform')).toEqual({ what: 'terraform', found: join(folder, 'bin', 'terraform') });
  });

  it('tells a Go that is too old from one that will do', () => {
    install('go', 'go version go1.19.8 linux/amd64');
    expect(diagnosis().levels[1]).toMatchObject({ runs: false, why: expect.stringMatching(/got: Go 1\.19\.8; allowed: .*; do: /) });
    install('go', 'go version go1.99.0 linux/amd64');
    const { findings } = diagnosis();
    expect(findings.find((each) => each.what === 'etcd')?.found).toMatch(/^go: Go 1\.99\.0 will build it/);
  });

  it('says what level kind needs: Docker, kind, and Go for images without a registry', () => {
    install('docker', 'Docker version 20.10.24');
    expect(diagnosis().levels[2]).toMatchObject({ level: 'kind', runs: false, why: expect.stringContaining('no Go on PATH') });
    install('go', 'go version go1.99.0 linux/amd64');
    const { levels, findings } = diagnosis();
    expect(levels[2]!.why).toMatch(/kind will be built first; without an image registry \d+ programs of its images will be built first$|of disk/);
    expect(findings.find((each) => each.what === 'kind')?.found).toMatch(/^go: /);
  });

  it('survives a Go that does not work', () => {
    install('go', 'cannot execute', 1);
    expect(diagnosis().levels[1]).toMatchObject({ runs: false, why: expect.stringContaining('go version') });
  });

  it('names a setting that cannot be used', () => {
    expect(diagnosis({ TIDELINE_CACHE: 'relative' }).levels).toEqual([
      expect.objectContaining({ level: 'simulate', runs: true }),
      { level: 'control-plane', runs: false, why: expect.stringContaining('[TIDELINE_CACHE] got: "relative"') },
      expect.objectContaining({ level: 'kind', runs: false }),
    ]);
  });

  it('refuses what it does not know, all at once', () => {
    const { status, stdout, stderr } = doctor(['--jsn', 'now']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/"--jsn"[^]*"now"/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
