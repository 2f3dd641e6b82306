import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultError } from '../../../base/faults';
import { startControlPlane } from '../../../rehearsal/control-plane';
import { identityOf, isAlive, PROGRAMS, Toolbox } from '../../../rehearsal/tools';

let root: string;
let workDir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tideline-start-'));
  workDir = join(root, 'run-1');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A toolbox whose programs all do what a line of shell says. */
function toolbox(script: string): Toolbox {
  const path = join(root, 'program');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  const programs = new Map(PROGRAMS.map(({ name }) => [name, { name, path, version: '1.0.0', provenance: 'path' as const }]));
  const kwokStages = { nodeInitialize: '', nodeHeartbeat: '', podReady: '', podComplete: '', podDelete: '' };
  return new Toolbox(programs, { kwokStages, kedaCrds: [], argoCdCrds: [], argoCdManifests: root, metricsServerManifests: [], karpenterCrds: [] }, 0);
}

const nodes = [{ name: 'a', pool: 'general', cpuMillicores: 1000, memoryMiB: 1024 }];
const faultOf = async (work: Promise<unknown>) => {
  const error = await work.then(() => undefined, (each: unknown) => each);
  expect(error).toBeInstanceOf(FaultError);
  return (error as FaultError).faults[0]!;
};
const onlyLogsAreLeft = () => expect(readdirSync(workDir)).toEqual(['logs']);

test('a program that ends while starting is named, with its last lines, and nothing is left', async () => {
  const fault = await faultOf(startControlPlane({ toolbox: toolbox('echo "mkdir data: no space left on device" >&2; exit 1'), workDir, nodes }));
  expect(fault.where).toBe('etcd');
  expect(fault.got).toMatch(/ended with status 1[^]*no space left on device/);
  expect(fault.do).toContain(join('logs', 'etcd.log'));
  onlyLogsAreLeft();
});

test('a taken port is tried again with another, and told when it does not help', async () => {
  const script = `echo "$@" >> ${root}/starts; echo "listen tcp 127.0.0.1:1: bind: address already in use" >&2; exit 1`;
  const fault = await faultOf(startControlPlane({ toolbox: toolbox(script), workDir, nodes }));
  expect(fault).toMatchObject({ where: 'etcd', got: 'ports that were taken in 3 tries' });
  const clients = readFileSync(join(root, 'starts'), 'utf8').trim().split('\n').map((line) => /--listen-client-urls=(\S+)/.exec(line)![1]);
  expect(new Set(clients).size).toBe(3);
  onlyLogsAreLeft();
});

test('a program that is not there', async () => {
  const empty = toolbox('exit 0');
  rmSync(join(root, 'program'));
  const fault = await faultOf(startControlPlane({ toolbox: empty, workDir, nodes }));
  expect(fault.got).toContain('ENOENT');
});

test('a toolbox without a program that is needed', async () => {
  const { assets } = toolbox('exit 0');
  const fault = await faultOf(startControlPlane({ toolbox: new Toolbox(new Map(), assets, 0), workDir, nodes }));
  expect(fault).toMatchObject({ where: 'etcd', allowed: 'a toolbox that holds it' });
  onlyLogsAreLeft();
});

test('an interrupted start ends what it started and leaves only logs', async () => {
  const controller = new AbortController();
  const work = startControlPlane({ toolbox: toolbox(`echo $$ > ${root}/pid; exec sleep 300`), workDir, nodes, signal: controller.signal });
  const pid = join(root, 'pid');
  while (!existsSync(pid) || readFileSync(pid, 'utf8') === '') await sleep(20);
  const identity = identityOf(Number(readFileSync(pid, 'utf8')))!;
  controller.abort();
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  expect(isAlive(identity)).toBe(false);
  onlyLogsAreLeft();
});

test('a speed that cannot be kept up with is refused before anything is started', async () => {
  await expect(startControlPlane({ toolbox: toolbox('exit 0'), workDir, nodes, speed: 100_000 })).rejects.toThrow(/lower the speed/);
  expect(existsSync(workDir)).toBe(false);
});
