import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultError } from '../../../base/faults';
import { CONTROL_PLANE_PROGRAMS, ensureTools, isAlive, identityOf, KEDA_PROGRAMS, NODE_PROGRAMS, Progress, PROMETHEUS_PROGRAMS, toolsAvailable } from '../../../rehearsal/tools';
import { FakeMachine } from './fake-go';

let machine: FakeMachine;
const plenty = () => 1e12;
const usual = [...CONTROL_PLANE_PROGRAMS, ...KEDA_PROGRAMS];

beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

const builds = () => machine.calls().filter((call) => call.startsWith('build'));
const faultsOf = async (work: Promise<unknown>) => {
  const error = await work.then(() => undefined, (each: unknown) => each);
  expect(error).toBeInstanceOf(FaultError);
  return (error as FaultError).faults;
};

test('what is missing is built, the control plane first, in one call per group', async () => {
  machine.installGo();
  const progress: Progress[] = [];
  const toolbox = await ensureTools({ settings: machine.settings(), freeBytes: plenty, onProgress: (each) => progress.push(each) });
  expect([...toolbox.programs.keys()].sort()).toEqual([...usual].sort());
  expect([...toolbox.programs.values()].every((program) => program.provenance === 'built' && existsSync(program.path))).toBe(true);
  expect(toolbox.programs.get('kube-apiserver')!.version).toMatch(/^1\.\d+\.\d+$/);
  expect(builds()).toHaveLength(2);
  expect(builds()[0]).toContain('k8s.io/kubernetes/cmd/kube-apiserver');
  expect(builds()[1]).toContain('keda/v2/cmd/operator');
  expect([...new Set(progress.map((each) => each.step))]).toEqual(['files', 'control plane', 'keda']);
  expect(progress.at(-1)).toMatchObject({ step: 'keda' });
});

test('upstream files come along, without the kustomization between them', async () => {
  machine.installGo();
  const { assets } = await ensureTools({ settings: machine.settings(), freeBytes: plenty });
  expect(readFileSync(assets.kwokStages.podReady, 'utf8')).toContain('pod-ready');
  expect(assets.argoCdCrds.map((path) => path.split('/').at(-1))).toEqual(['application-crd.yaml']);
  expect(assets.kedaCrds).toHaveLength(1);
  expect(assets.karpenterCrds.map((path) => path.split('/').at(-1))).toEqual(['karpenter.sh_nodepools.yaml']);
});

test('upstream\'s whole manifests come along for whoever compares with them', async () => {
  machine.installGo();
  const { assets } = await ensureTools({ settings: machine.settings(), freeBytes: plenty });
  expect(readFileSync(join(assets.argoCdManifests, 'base/server/argocd-server-role.yaml'), 'utf8')).toContain('argocd-server-role');
  expect(existsSync(join(assets.argoCdManifests, 'README.md'))).toBe(false);
  expect(assets.metricsServerManifests.map((path) => path.split('/').at(-1))).toEqual(['rbac.yaml']);
});

/** A copy of `tools/` in which a version is raised. */
function raise(folder: string, line: RegExp): { readonly toolsFolder: string; readonly raised: () => void } {
  const toolsFolder = join(machine.root, 'tools');
  cpSync(resolve(__dirname, '../../../tools'), toolsFolder, { recursive: true });
  return {
    toolsFolder,
    raised: () => {
      const pin = join(toolsFolder, folder, 'go.mod');
      const before = readFileSync(pin, 'utf8');
      const after = before.replace(line, '$199.0.0');
      expect(after).not.toBe(before);
      writeFileSync(pin, after);
    },
  };
}

test('raising a module whose files are read builds no program again', async () => {
  machine.installGo();
  const { toolsFolder, raised } = raise('karpenter', /(karpenter-provider-aws v)\S+/);
  const before = await ensureTools({ settings: machine.settings(), freeBytes: plenty, toolsFolder });
  raised();
  const calls = machine.calls().length;
  const after = await ensureTools({ settings: machine.settings(), freeBytes: plenty, toolsFolder });
  expect([...after.programs.values()].map(({ provenance, path }) => [provenance, path])).toEqual([...before.programs.values()].map(({ path }) => ['cache', path]));
  expect(after.assets.karpenterCrds).not.toEqual(before.assets.karpenterCrds);
  expect(after.assets.kedaCrds).toEqual(before.assets.kedaCrds);
  expect(machine.calls().slice(calls).filter((call) => call.startsWith('mod download'))).toEqual([expect.stringContaining('github.com/aws/karpenter-provider-aws')]);
});

test('raising a module builds its programs again and no others', async () => {
  machine.installGo();
  const { toolsFolder, raised } = raise('kind', /(sigs.k8s.io\/kind v)\S+/);
  const programs = ['kind', 'coredns', 'kubelet'] as const;
  const before = await ensureTools({ settings: machine.settings(), freeBytes: plenty, toolsFolder, programs });
  expect(builds()).toHaveLength(3);
  raised();
  const after = await ensureTools({ settings: machine.settings(), freeBytes: plenty, toolsFolder, programs });
  expect(builds()).toHaveLength(4);
  expect([...after.programs.values()].filter(({ provenance }) => provenance === 'built').map(({ name, version }) => [name, version])).toEqual([['kind', '99.0.0']]);
  expect(after.path('kind')).not.toBe(before.path('kind'));
  expect(existsSync(before.path('kind'))).toBe(true);
});

test('of a group only what is missing is built, and no other group', async () => {
  machine.installGo();
  await ensureTools({ settings: machine.settings(), freeBytes: plenty, programs: [...NODE_PROGRAMS, 'kind'] });
  const before = machine.calls().length;
  const all = await ensureTools({ settings: machine.settings(), freeBytes: plenty, programs: [...NODE_PROGRAMS, 'kind'] });
  rmSync(all.path('kube-proxy'));
  const calls = machine.calls().length;
  expect(calls).toBe(before);
  await ensureTools({ settings: machine.settings(), freeBytes: plenty, programs: [...NODE_PROGRAMS, 'kind'] });
  expect(machine.calls().slice(calls).filter((call) => call.startsWith('build'))).toEqual([expect.stringMatching(/ k8s\.io\/kubernetes\/cmd\/kube-proxy$/)]);
});

test('a program whose package has another name is called as the catalogue calls it', async () => {
  machine.installGo();
  const toolbox = await ensureTools({ settings: machine.settings(), freeBytes: plenty, programs: ['argocd', 'etcd'] });
  expect(toolbox.path('argocd')).toMatch(/\/argocd-[0-9a-f]{16}\/bin\/argocd$/);
  expect(toolbox.program('etcd').version).toMatch(/^3\.\d+\.\d+$/);
  expect(existsSync(toolbox.path('argocd'))).toBe(true);
});

test('the second time nothing is built and Go is not even asked', async () => {
  machine.installGo();
  await ensureTools({ settings: machine.settings(), freeBytes: plenty });
  const before = machine.calls().length;
  const toolbox = await ensureTools({ settings: machine.settings(), freeBytes: plenty });
  expect(machine.calls()).toHaveLength(before);
  expect([...toolbox.programs.values()].every((program) => program.provenance === 'cache')).toBe(true);
});

test('an empty program in the cache, as a power cut may leave it, is built again', async () => {
  machine.installGo();
  const { programs } = await ensureTools({ settings: machine.settings(), freeBytes: plenty });
  writeFileSync(programs.get('kwok')!.path, '');
  const again = await ensureTools({ settings: machine.settings(), freeBytes: plenty });
  expect([...again.programs.values()].filter((program) => program.provenance === 'built').map((program) => program.name)).toEqual(['kwok']);
});

test('only what is asked for is built, and the rest later', async () => {
  machine.installGo();
  const first = await ensureTools({ settings: machine.settings(), freeBytes: plenty, programs: CONTROL_PLANE_PROGRAMS });
  expect(first.programs.has('keda-operator')).toBe(false);
  expect(() => first.path('keda-operator')).toThrow(/keda-operator/);
  const second = await ensureTools({ settings: machine.settings(), freeBytes: plenty });
  expect(second.programs.get('etcd')!.provenance).toBe('cache');
  expect(KEDA_PROGRAMS.every((name) => second.programs.get(name)!.provenance === 'built')).toBe(true);
});

test('Prometheus is built when it is asked for, from a module of its own', async () => {
  machine.installGo();
  const { programs } = await ensureTools({ settings: machine.settings(), freeBytes: plenty, programs: PROMETHEUS_PROGRAMS });
  expect([...programs.keys()]).toEqual(PROMETHEUS_PROGRAMS);
  expect(builds()).toHaveLength(1);
  expect(builds()[0]).toMatch(/-tags remove_all_sd,enable_kubernetes_sd .*common\/version\.Version=3\.\d+\.\d+ .*cmd\/prometheus .*cmd\/promtool$/);
  expect((await ensureTools({ settings: machine.settings(), freeBytes: plenty })).programs.has('prometheus')).toBe(false);
});

test('two at once build once', async () => {
  machine.installGo({ build: `sleep 0.5; ${machine.writePrograms()}` });
  const waits: Progress[] = [];
  const run = () => ensureTools({ settings: machine.settings(), freeBytes: plenty, programs: CONTROL_PLANE_PROGRAMS, onProgress: (each) => each.step === 'waiting' && waits.push(each) });
  const [one, two] = await Promise.all([run(), run()]);
  expect(builds()).toHaveLength(1);
  expect([one.programs.size, two.programs.size]).toEqual([CONTROL_PLANE_PROGRAMS.length, CONTROL_PLANE_PROGRAMS.length]);
  expect(waits).toHaveLength(1);
  expect(waits[0]!.detail).toContain(String(process.pid));
});

test('a failing build shows its last lines and leaves nothing half-built; the next one works', async () => {
  machine.installGo({ build: 'echo "# example.org/b" >&2; echo "b.go:3:1: syntax error: unexpected x" >&2; exit 1' });
  const [fault] = await faultsOf(ensureTools({ settings: machine.settings(), freeBytes: plenty }));
  expect(fault!.where).toBe('go build (control plane)');
  expect(fault!.got).toContain('b.go:3:1: syntax error');
  expect(readdirSync(join(machine.cache, 'tools')).filter((name) => name.startsWith('.building') || name === 'lock')).toEqual([]);
  machine.installGo();
  expect((await ensureTools({ settings: machine.settings(), freeBytes: plenty })).programs.size).toBe(usual.length);
});

test('half a build of a killed run is removed', async () => {
  const left = join(machine.cache, 'tools', '.building-1');
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'etcd'), 'half');
  machine.installGo();
  await ensureTools({ settings: machine.settings(), freeBytes: plenty });
  expect(existsSync(left)).toBe(false);
});

test('no Go: said before anything is written', async () => {
  const [fault] = await faultsOf(ensureTools({ settings: machine.bareSettings(), freeBytes: plenty }));
  expect(fault).toMatchObject({ where: 'go', got: 'no Go on PATH' });
  expect(fault!.do).toContain('--level simulate');
  expect(existsSync(machine.cache)).toBe(false);
});

test('Go too old', async () => {
  machine.installGo({ version: 'go1.19.8' });
  const [fault] = await faultsOf(ensureTools({ settings: machine.settings(), freeBytes: plenty }));
  expect(fault).toMatchObject({ got: 'Go 1.19.8' });
  expect(fault!.allowed).toContain('1.24');
});

test('a Go that may fetch its own successor will do, one that may not will not', async () => {
  machine.installGo({ version: 'go1.24.1', toolchain: 'auto' });
  expect((await ensureTools({ settings: machine.settings(), freeBytes: plenty })).programs.size).toBe(usual.length);
  const other = new FakeMachine();
  try {
    other.installGo({ version: 'go1.24.1', toolchain: 'local' });
    const [fault] = await faultsOf(ensureTools({ settings: other.settings(), freeBytes: plenty }));
    expect(fault!.do).toContain('GOTOOLCHAIN');
  } finally {
    other.remove();
  }
});

test('too little room is told before building, for every folder', async () => {
  machine.installGo();
  const faults = await faultsOf(ensureTools({ settings: machine.settings(), freeBytes: () => 1e8 }));
  expect(faults[0]).toMatchObject({ got: '0.1 GB free' });
  expect(faults[0]!.do).toContain('TIDELINE_CACHE');
  expect(faults.length).toBeGreaterThan(1);
  expect(builds()).toEqual([]);
});

test('no room left while building', async () => {
  machine.installGo({ build: 'echo "write $WORK/b001/_pkg_.a: no space left on device" >&2; exit 1' });
  const [fault] = await faultsOf(ensureTools({ settings: machine.settings(), freeBytes: plenty }));
  expect(fault!.got).toBe('no space left on the disk');
});

test('no module proxy', async () => {
  machine.installGo({ download: 'echo "{\\"Error\\":\\"module lookup: dial tcp: lookup proxy.invalid: no such host\\"}"; exit 1' });
  const [fault] = await faultsOf(ensureTools({ settings: machine.settings(), freeBytes: plenty }));
  expect(fault!.where).toContain('go mod download');
  expect(fault!.allowed).toBe('a Go module proxy that can be reached');
});

test('a module that is not the pinned one is refused', async () => {
  machine.installGo({ download: 'echo "{\\"Error\\":\\"verifying sigs.k8s.io/kwok@v0.8.0: checksum mismatch\\"}"; exit 1' });
  const [fault] = await faultsOf(ensureTools({ settings: machine.settings(), freeBytes: plenty }));
  expect(fault!.allowed).toContain('go.sum');
});

test('an interrupted build ends everything it started, and the next one works', async () => {
  machine.installGo({ build: 'sleep 60 & echo $! > "$FAKE/child"; wait' });
  const controller = new AbortController();
  const work = ensureTools({ settings: machine.settings(), freeBytes: plenty, signal: controller.signal });
  const child = join(machine.root, 'child');
  while (!existsSync(child) || readFileSync(child, 'utf8') === '') await sleep(20);
  const identity = identityOf(Number(readFileSync(child, 'utf8')))!;
  controller.abort();
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  while (isAlive(identity)) await sleep(20);
  machine.installGo();
  expect((await ensureTools({ settings: machine.settings(), freeBytes: plenty })).programs.size).toBe(usual.length);
});

test('installed programs spare the build', async () => {
  machine.installGo();
  for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) machine.script(name, 'echo Kubernetes v1.34.2');
  machine.script('etcd', 'echo "etcd Version: 3.5.21"');
  machine.script('kwok', 'echo "kwok version v0.7.0 go1.24"');
  const toolbox = await ensureTools({ settings: machine.settings(), freeBytes: plenty, programs: CONTROL_PLANE_PROGRAMS });
  expect([...toolbox.programs.values()].map((program) => program.provenance)).toEqual(CONTROL_PLANE_PROGRAMS.map(() => 'path'));
  expect(toolbox.programs.get('etcd')!.version).toBe('3.5.21');
  expect(builds()).toEqual([]);
});

test('what goes into an image is never an installed program', async () => {
  machine.installGo();
  machine.script('etcd', 'echo "etcd Version: 3.5.21"');
  const options = { settings: machine.settings(), freeBytes: plenty, programs: ['etcd'] as const, onlyPinned: true };
  expect((await toolsAvailable(options)).rows).toEqual([expect.objectContaining({ program: 'etcd', source: 'go' })]);
  const { programs } = await ensureTools(options);
  expect(programs.get('etcd')).toMatchObject({ provenance: 'built' });
  expect(builds()).toHaveLength(1);
});

test('a small program asks for little room', async () => {
  machine.installGo();
  const small = await toolsAvailable({ settings: machine.settings(), programs: ['kind'] });
  const both = await toolsAvailable({ settings: machine.settings(), programs: ['kind', 'argocd'] });
  expect(small.buildBytes).toBeGreaterThan(0);
  expect(small.buildBytes).toBeLessThan(1e9);
  expect(both.buildBytes).toBeGreaterThan(small.buildBytes + 1e9);
  await ensureTools({ settings: machine.settings(), freeBytes: plenty, programs: ['kind'] });
  expect((await toolsAvailable({ settings: machine.settings(), programs: ['kind'] })).buildBytes).toBe(0);
});

test('a look at the tools builds nothing', async () => {
  machine.installGo();
  const before = await toolsAvailable({ settings: machine.settings() });
  expect(before).toMatchObject({ available: true, ready: false, faults: [] });
  expect(before.rows.every((row) => row.source === 'go')).toBe(true);
  expect(machine.calls()).toEqual(['version']);
  await ensureTools({ settings: machine.settings(), freeBytes: plenty });
  expect(await toolsAvailable({ settings: machine.settings() })).toMatchObject({ available: true, ready: true });
});

test('a look at a machine without anything says why', async () => {
  const found = await toolsAvailable({ settings: machine.bareSettings() });
  expect(found).toMatchObject({ available: false, ready: false });
  expect(found.faults[0]!.where).toBe('go');
  expect(found.rows.every((row) => row.source === 'missing')).toBe(true);
});
