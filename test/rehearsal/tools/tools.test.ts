import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { identityOf, isAlive, PROGRAMS, readToolSettings } from '../../../rehearsal/tools';
import { executableName } from '../../../rehearsal/tools/build';
import { BuildCache, cacheKey, readPinned } from '../../../rehearsal/tools/cache';
import { ASSETS, linkerFlags, pinsOf } from '../../../rehearsal/tools/catalogue';
import { compilerEnvironment } from '../../../rehearsal/tools/go';
import { goFailed } from '../../../rehearsal/tools/tool-faults';
import { compareVersions, goVersionOf, minorOf } from '../../../rehearsal/tools/version';

const toolsFolder = resolve(__dirname, '..', '..', '..', 'tools');

test('versions compare by number', () => {
  expect(compareVersions('1.9.0', '1.10.0')).toBeLessThan(0);
  expect(compareVersions('v1.36.3', '1.36.3')).toBe(0);
  expect(compareVersions('1.24', '1.24.0')).toBe(0);
  expect(compareVersions('1.27rc1', '1.26.9')).toBeGreaterThan(0);
  expect(compareVersions('1.31.0-eks-1', '1.30.9')).toBeGreaterThan(0);
  expect(minorOf('v1.36.3')).toBe('1.36');
});

test.each([
  ['go version go1.26.8 linux/amd64', '1.26.8'],
  ['go version go1.24 darwin/arm64', '1.24'],
  ['go version go1.27rc1 linux/amd64', '1.27'],
  ['go version devel go1.28-abcdef Mon', '1.28'],
  ['command not found', undefined],
])('%s', (output, version) => {
  expect(goVersionOf(output)).toBe(version);
});

test('each part of the input makes another key, and parts do not run into each other', () => {
  const input = { modules: ['a', 'b'], flags: ['c'], platform: 'linux-x64' };
  const keys = [
    input, { ...input, modules: ['a', 'B'] }, { ...input, modules: ['ab', ''] }, { ...input, flags: ['d'] }, { ...input, platform: 'darwin-arm64' },
  ].map(cacheKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(cacheKey({ ...input })).toBe(keys[0]);
});

test('every program and every file is pinned in tools/', () => {
  const { pins, goVersion, key } = readPinned(toolsFolder, 'linux-x64');
  for (const module of [...PROGRAMS, ...ASSETS].map((each) => each.module)) expect(pins.get(module), module).toMatch(/^v\d+\.\d+\.\d+$/);
  expect(goVersion).toMatch(/^1\.\d+/);
  expect(key).toHaveLength(16);
  expect(readPinned(toolsFolder, 'linux-arm64').key).not.toBe(key);
});

test('the staging modules of Kubernetes are those of its own version', () => {
  const goMod = readFileSync(join(toolsFolder, 'go.mod'), 'utf8');
  const [, minor, patch] = /k8s\.io\/kubernetes v1\.(\d+)\.(\d+)/.exec(goMod)!;
  const replaced = [...goMod.matchAll(/^\tk8s\.io\/([\w-]+) => k8s\.io\/([\w-]+) (v\S+)$/gm)];
  expect(replaced.length).toBeGreaterThan(25);
  for (const [, from, to, version] of replaced) expect([to, version]).toEqual([from, `v0.${minor}.${patch}`]);
});

test('a go.mod is read without its replaced and commented parts', () => {
  const pins = pinsOf('module x\n\nrequire a.org/one v1.0.0\nrequire (\n\tb.org/two/v2 v2.1.0 // indirect\n)\nreplace c.org/three => c.org/three v3.0.0\n// d.org/four v4.0.0\n');
  expect([...pins]).toEqual([['a.org/one', 'v1.0.0'], ['b.org/two/v2', 'v2.1.0']]);
});

test('programs are linked with the version that a release would carry', () => {
  const pins = new Map([['k8s.io/kubernetes', 'v1.36.3'], ['github.com/kedacore/keda/v2', 'v2.21.0']]);
  expect(linkerFlags('control plane', pins)).toContain('gitVersion=v1.36.3');
  expect(linkerFlags('control plane', pins)).toContain('gitMinor=36');
  expect(linkerFlags('keda', pins)).toContain('Version=2.21.0');
  for (const [module, release] of [['v0.314.0', '3.14.0'], ['v0.300.1', '3.0.1'], ['v0.405.12', '4.5.12']] as const) {
    expect(linkerFlags('prometheus', new Map([['github.com/prometheus/prometheus', module]]))).toContain(`version.Version=${release}`);
  }
});

test('a program is named as Go names it', () => {
  expect(executableName('go.etcd.io/etcd/server/v3')).toBe('server');
  expect(executableName('k8s.io/kubernetes/cmd/kube-apiserver')).toBe('kube-apiserver');
});

test('compilers get more room only where there is some', () => {
  expect(compilerEnvironment(16e9)).toEqual({ GOGC: '400' });
  expect(compilerEnvironment(4e9)).toEqual({});
});

test.each([
  [['write x: no space left on device'], 'no space left on the disk'],
  [['go: go.mod requires go >= 1.26.0 (running go 1.24.1; GOTOOLCHAIN=local)'], 'go: go.mod requires go >= 1.26.0 (running go 1.24.1; GOTOOLCHAIN=local)'],
  [['SECURITY ERROR'], /not the pinned one/],
  [['dial tcp 127.0.0.1:1: connect: connection refused'], /module proxy did not answer/],
  [['x: module lookup disabled by GOPROXY=off'], /module proxy did not answer/],
  [['k8s.io/api/core/v1: /go/compile: signal: killed'], /compiler was killed/],
  [['a.go:1:1: undefined: b'], /it failed: \n {4}a\.go:1:1/],
  [[], /it said nothing/],
])('of %j a reader learns what to do', (lines, got) => {
  const fault = goFailed('go build', lines);
  expect(fault.got).toMatch(got);
  expect(Object.values(fault).every((part) => part.length > 0)).toBe(true);
});

test('only the last lines of a long failure are shown', () => {
  const fault = goFailed('go build', Array.from({ length: 50 }, (_, index) => `line ${index}`));
  expect(fault.got).toContain('line 49');
  expect(fault.got).not.toContain('line 20');
});

test('settings: the cache follows TIDELINE_CACHE, then XDG, then home', () => {
  expect(readToolSettings({ HOME: '/h' }).cacheRoot).toBe('/h/.cache/tideline');
  expect(readToolSettings({ HOME: '/h', XDG_CACHE_HOME: '/x' }).cacheRoot).toBe('/x/tideline');
  expect(readToolSettings({ HOME: '/h', XDG_CACHE_HOME: '/x', TIDELINE_CACHE: '/t' }).cacheRoot).toBe('/t');
  expect(() => readToolSettings({ TIDELINE_CACHE: 'relative' })).toThrow(/TIDELINE_CACHE.*absolute path/);
});

test('settings: what would build for another platform does not reach Go', () => {
  const { goEnvironment, path } = readToolSettings({ GOOS: 'windows', GOFLAGS: '-mod=vendor', CGO_ENABLED: '1', GOPROXY: 'https://proxy.invalid', PATH: '/a:relative:/b' });
  expect(goEnvironment).toEqual({ GOPROXY: 'https://proxy.invalid', PATH: '/a:relative:/b' });
  expect(path).toEqual(['/a', '/b']);
});

test('builds of other versions go when nobody has used them for long', () => {
  const root = mkdtempSync(join(tmpdir(), 'tideline-cache-'));
  try {
    const [mine, old, recent] = ['mine', 'old', 'recent'].map((key) => new BuildCache(root, key)) as [BuildCache, BuildCache, BuildCache];
    for (const cache of [old, recent]) {
      mkdirSync(cache.folder, { recursive: true });
      writeFileSync(join(cache.folder, 'last-used'), '');
    }
    utimesSync(join(old.folder, 'last-used'), 1, 1);
    mine.prune();
    expect([mine, old, recent].map((cache) => existsSync(cache.folder))).toEqual([true, false, true]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('a process is known by its start, not its number', () => {
  const me = identityOf(process.pid)!;
  expect(isAlive(me)).toBe(true);
  expect(isAlive({ ...me, started: `${me.started}0` })).toBe(false);
  expect(identityOf(spawnSync('true').pid)).toBeUndefined();
  expect(identityOf(0)).toBeUndefined();
  expect(identityOf(-1)).toBeUndefined();
});
