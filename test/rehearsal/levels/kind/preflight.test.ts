import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Engine } from '../../../../rehearsal/levels/kind/engine';
import type { EngineFacts } from '../../../../rehearsal/levels/kind/engine-facts';
import { judge, look } from '../../../../rehearsal/levels/kind/preflight';
import { scriptedClient } from './scripted-client';

const FACTS: EngineFacts = {
  version: '28.2.2', osType: 'linux', architecture: 'amd64', architectureHere: 'amd64', cgroupVersion: 2, rootless: false, memoryBytes: 16e9, cpus: 2, rootFolder: '/var/lib/docker',
  freeDiskBytes: 50e9, availableBytes: 10e9, inotifyInstances: 128, inotifyWatches: 65_536,
};

const folder = mkdtempSync(join(tmpdir(), 'preflight-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const client = (name: string, script: string) => scriptedClient(folder, name, script);

const NEEDS = { name: 'tideline-x', folder: join(folder, 'kind', 'tideline-x'), nodes: 1, images: 'build' } as const;
const INFO = JSON.stringify({ ServerVersion: '28.2.2', OSType: 'linux', Architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64', CgroupVersion: '2', MemTotal: 16e9, DockerRootDir: '/', KernelVersion: 'another' });

describe('what stands in the way of a cluster', () => {
  it('is nothing on a machine that suffices, for one node and for three', () => {
    expect(judge(FACTS, 1, 'build')).toEqual([]);
    expect(judge(FACTS, 3, 'build')).toEqual([]);
  });

  it('is said all at once, each with what to do', () => {
    const faults = judge({ ...FACTS, memoryBytes: 2e9, availableBytes: 1e9, freeDiskBytes: 1e9, inotifyInstances: 16, inotifyWatches: 512, rootless: true, cgroupVersion: 1, version: '19.03.1' }, 1, 'build');
    expect(faults.map(({ where }) => where)).toEqual([
      'docker version', 'memory of the engine', 'memory of this machine', 'disk of the engine (/var/lib/docker)', 'fs.inotify.max_user_instances', 'fs.inotify.max_user_watches', 'docker info',
    ]);
    expect(faults.find(({ where }) => where === 'fs.inotify.max_user_instances')?.do).toContain('sudo sysctl fs.inotify');
    expect(faults.every((fault) => fault.got !== '' && fault.allowed !== '' && fault.do !== '')).toBe(true);
  });

  it('asks for more for three nodes than for one', () => {
    expect(judge({ ...FACTS, inotifyInstances: 64 }, 1, 'build')).toEqual([]);
    expect(judge({ ...FACTS, inotifyInstances: 64 }, 3, 'build').map(({ where }) => where)).toEqual(['fs.inotify.max_user_instances']);
  });

  it('does not judge what it cannot see: an engine elsewhere', () => {
    expect(judge({ ...FACTS, freeDiskBytes: undefined, availableBytes: undefined, inotifyInstances: undefined, inotifyWatches: undefined }, 3, 'build')).toEqual([]);
  });

  it('minds the architecture only where images are built', () => {
    expect(judge({ ...FACTS, architecture: 'arm64' }, 1, 'build').map(({ where }) => where)).toEqual(['docker info']);
    expect(judge({ ...FACTS, architecture: 'arm64' }, 1, 'pull')).toEqual([]);
  });

  it('no client of an engine', async () => {
    const { faults } = await look({ ...NEEDS, engine: new Engine(join(folder, 'absent')) });
    expect(faults).toMatchObject([{ got: 'no program of that name', do: expect.stringContaining('install Docker') }]);
  });

  it('an engine that does not run', async () => {
    const engine = client('stopped', 'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1');
    expect((await look({ ...NEEDS, engine })).faults).toMatchObject([{ got: expect.stringContaining('Cannot connect'), do: expect.stringContaining('start it') }]);
  });

  it('an engine that may not give every capability', async () => {
    const engine = client('capless', `case "$1" in
      info) echo '${INFO}' ;;
      import | image | ps | network) exit $([ "$1" = network ] && echo 1 || echo 0) ;;
      run) echo 'docker: Error response from daemon: failed to create shim task: OCI runtime create failed: unable to apply caps: operation not permitted: unknown' >&2; exit 125 ;;
    esac`);
    const { faults } = await look({ ...NEEDS, engine });
    expect(faults).toMatchObject([{ where: 'docker run --privileged', do: expect.stringContaining('CAP_SYS_RESOURCE') }]);
  });

  it('a cluster of that name that nobody here made, beside everything else', async () => {
    const engine = client('foreign', `case "$1" in
      info) echo '${INFO}' ;;
      run) echo 'exec: "/absent": stat /absent: no such file or directory' >&2; exit 127 ;;
      ps) echo tideline-x-control-plane ;;
      container) echo /somebody/elses/folder ;;
      network) exit 1 ;;
    esac`);
    const { faults } = await look({ ...NEEDS, engine });
    expect(faults).toMatchObject([{ where: 'cluster tideline-x', got: expect.stringContaining('that no rehearsal from this folder made') }]);
  });
});
