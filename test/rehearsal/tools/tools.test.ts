import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { catalogue, type Release } from '../../../config';
import { identityOf, isAlive, isProgramName, ProgramName, PROGRAMS, readToolSettings } from '../../../rehearsal/tools';
import { executableName } from '../../../rehearsal/tools/build';
import { ToolCache } from '../../../rehearsal/tools/cache';
import { ASSETS, IMAGE_PROGRAMS } from '../../../rehearsal/tools/catalogue';
import { compilerEnvironment } from '../../../rehearsal/tools/go';
import { buildFlags, groupOf, GroupName, GROUPS, MODULE_FOLDERS, pinsOf } from '../../../rehearsal/tools/groups';
import { keyOf, Pinned } from '../../../rehearsal/tools/pinned';
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
  const input = { texts: ['a', 'b'], flags: ['c'], platform: 'linux-x64' };
  const keys = [
    input, { ...input, texts: ['a', 'B'] }, { ...input, texts: ['ab', ''] }, { ...input, flags: ['d'] }, { ...input, platform: 'darwin-arm64' },
  ].map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keyOf({ ...input })).toBe(keys[0]);
});

test('every program and every file is pinned in the go.mod it is built from', () => {
  const pinned = new Pinned(toolsFolder, 'linux-x64');
  for (const { name, module, group } of PROGRAMS) {
    expect(pinned.module(groupOf(group).folder).pins.get(module), name).toMatch(/^v\d+\.\d+\.\d+$/);
    expect(pinned.versionOf(name), name).toMatch(/^\d+\.\d+\.\d+$/);
  }
  for (const { module, pinnedIn } of Object.values(ASSETS)) expect(pinned.module(pinnedIn).pins.get(module), module).toMatch(/^v\d+\.\d+\.\d+$/);
  for (const folder of MODULE_FOLDERS) expect(pinned.module(folder)).toMatchObject({ goVersion: expect.stringMatching(/^1\.\d+/), key: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(pinned.versionOf('prometheus')).toMatch(/^3\./);
});

test('every folder of tools/ with a go.mod is one of the catalogue, and the other way round', () => {
  const folders = readdirSync(toolsFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect([...MODULE_FOLDERS].sort()).toEqual(['.', ...folders].sort());
  const readme = readFileSync(join(toolsFolder, 'README.md'), 'utf8');
  for (const folder of folders) expect(readme).toContain(`| \`${folder}/go.mod\` |`);
});

test('what one module pins decides about its key alone', () => {
  const root = mkdtempSync(join(tmpdir(), 'tideline-keys-'));
  try {
    cpSync(toolsFolder, root, { recursive: true });
    const keys = () => {
      const pinned = new Pinned(root, 'linux-x64');
      return new Map(MODULE_FOLDERS.map((folder) => [folder, pinned.module(folder).key]));
    };
    for (const changed of MODULE_FOLDERS) {
      for (const file of ['go.mod', 'go.sum']) {
        const before = keys();
        appendFileSync(join(root, changed, file), '\n');
        const after = keys();
        expect(MODULE_FOLDERS.filter((folder) => after.get(folder) !== before.get(folder))).toEqual([changed]);
      }
    }
    const other = new Pinned(root, 'linux-arm64');
    for (const [folder, key] of keys()) expect(other.module(folder).key).not.toBe(key);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('a go.mod names each program as a tool of its, so that `go mod tidy` keeps what it needs', () => {
  for (const folder of MODULE_FOLDERS) {
    const groups = GROUPS.filter((group) => group.folder === folder).map(({ name }) => name);
    const packages = PROGRAMS.filter(({ group }) => groups.includes(group)).map((program) => program.package).sort();
    const text = readFileSync(join(toolsFolder, folder, 'go.mod'), 'utf8');
    const block = /^tool \(([^)]*)\)/m.exec(text)?.[1] ?? /^tool (\S+)$/m.exec(text)?.[1] ?? '';
    expect(block.split(/\s+/).filter(Boolean).sort()).toEqual(packages);
  }
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

test.each<[GroupName, Record<string, string>, string[]]>([
  ['control plane', { 'k8s.io/kubernetes': 'v1.36.3' }, ['k8s.io/component-base/version.gitVersion=v1.36.3', 'k8s.io/component-base/version.gitMinor=36']],
  ['node', { 'k8s.io/kubernetes': 'v1.36.3' }, ['k8s.io/component-base/version.gitVersion=v1.36.3', 'k8s.io/component-base/version.gitMinor=36']],
  ['keda', { 'github.com/kedacore/keda/v2': 'v2.21.0' }, ['github.com/kedacore/keda/v2/version.Version=2.21.0']],
  ['prometheus', { 'github.com/prometheus/prometheus': 'v0.314.0' }, ['version.Version=3.14.0']],
  ['prometheus', { 'github.com/prometheus/prometheus': 'v0.300.1' }, ['version.Version=3.0.1']],
  ['prometheus', { 'github.com/prometheus/prometheus': 'v0.405.12' }, ['version.Version=4.5.12']],
  ['metrics-server', { 'sigs.k8s.io/metrics-server': 'v0.9.0' }, ['version.gitVersion=v0.9.0']],
  ['local-path', { 'github.com/rancher/local-path-provisioner': 'v0.0.30' }, ['main.VERSION=v0.0.30']],
  ['argocd', { 'github.com/argoproj/argo-cd/v3': 'v3.2.5', 'k8s.io/client-go': 'v0.34.0' }, ['common.version=3.2.5', 'common.gitTag=v3.2.5', 'common.kubectlVersion=v0.34.0']],
])('%s is linked with the version that a release would carry', (name, pins, variables) => {
  const flags = buildFlags(groupOf(name), new Map(Object.entries(pins)));
  expect(flags).toContain('-trimpath');
  const linked = flags[flags.indexOf('-ldflags') + 1]!;
  for (const variable of variables) expect(linked).toMatch(new RegExp(`-X \\S*${variable.replace(/[.]/g, '\\.')}(?: |$)`));
});

test('an image of a release is built of programs here, at the version of the release', () => {
  const pinned = new Pinned(toolsFolder, 'linux-x64');
  const sources = Object.values<Release>(catalogue).flatMap(({ version, images }) =>
    Object.values(images).flatMap(({ source }) => (source?.standIn ? [] : source?.go ?? []).map(({ program }) => ({ program, version }))));
  expect(sources.map(({ program }) => program)).toEqual(expect.arrayContaining(['keda-operator', 'argocd', 'prometheus', 'metrics-server']));
  for (const { program, version } of sources) {
    expect(isProgramName(program) && IMAGE_PROGRAMS.includes(program), program).toBe(true);
    expect(pinned.versionOf(program as ProgramName), program).toBe(version);
  }
  expect(isProgramName('argo-cd')).toBe(false);
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

test('what other versions left goes when nobody has used it for long; what is pinned now stays', () => {
  const root = mkdtempSync(join(tmpdir(), 'tideline-cache-'));
  try {
    const cache = new ToolCache(root, new Pinned(toolsFolder, 'linux-x64'));
    const folders = [cache.folder('kind'), join(root, 'tools', 'kind-0123456789abcdef'), join(root, 'tools', 'coredns-0123456789abcdef'), join(root, 'tools', 'of-somebody-else')];
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    for (const folder of folders.slice(0, 3)) writeFileSync(join(folder, 'last-used'), '');
    for (const folder of folders.slice(0, 2)) utimesSync(join(folder, 'last-used'), 1, 1);
    cache.prune();
    expect(folders.map((folder) => existsSync(folder))).toEqual([true, false, true, true]);
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
