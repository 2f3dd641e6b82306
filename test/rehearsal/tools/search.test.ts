import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CONTROL_PLANE_PROGRAMS } from '../../../rehearsal/tools';
import { findInstalled } from '../../../rehearsal/tools/search';
import { FakeMachine } from './fake-go';

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

const KUBE = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

test('nothing installed is no reason to complain', async () => {
  const { found, refused } = await findInstalled(machine.bareSettings(), CONTROL_PLANE_PROGRAMS);
  expect([found.size, refused.size]).toEqual([0, 0]);
});

test('an API server alone is not taken: its controller manager would be newer than itself', async () => {
  machine.script('kube-apiserver', 'echo Kubernetes v1.33.1');
  const { found, refused } = await findInstalled(machine.bareSettings(), CONTROL_PLANE_PROGRAMS);
  expect(found.size).toBe(0);
  expect(refused.get('kube-apiserver')).toContain('of the same minor version');
});

test('programs of different minor versions are not taken together', async () => {
  KUBE.forEach((name, index) => machine.script(name, `echo Kubernetes v1.${33 + (index === 2 ? 1 : 0)}.0`));
  expect((await findInstalled(machine.bareSettings(), CONTROL_PLANE_PROGRAMS)).found.size).toBe(0);
});

test('too old, silent and failing ones are refused with the reason', async () => {
  machine.script('etcd', 'echo "etcd Version: 3.4.20"');
  machine.script('kwok', 'echo hello');
  KUBE.forEach((name) => machine.script(name, 'exit 3'));
  const { found, refused } = await findInstalled(machine.bareSettings(), CONTROL_PLANE_PROGRAMS);
  expect(found.size).toBe(0);
  expect(refused.get('etcd')).toBe(`${join(machine.bin, 'etcd')} is 3.4.20; 3.5.0 or later is needed`);
  expect(refused.get('kwok')).toContain('does not tell its version');
  expect(refused.get('kube-scheduler')).toContain('does not tell its version');
});

test('kubebuilder assets go before PATH, and a refused one does not hide a good one further on', async () => {
  const assets = join(machine.root, 'assets');
  machine.script('etcd', 'echo "etcd Version: 3.6.1"', assets);
  machine.script('etcd', 'echo "etcd Version: 3.5.0"');
  machine.script('kwok', 'echo "kwok version v0.1.0"', assets);
  machine.script('kwok', 'echo "kwok version v0.8.0"');
  const { found } = await findInstalled({ ...machine.bareSettings(), kubebuilderAssets: assets }, CONTROL_PLANE_PROGRAMS);
  expect(found.get('etcd')).toMatchObject({ version: '3.6.1', provenance: 'kubebuilder-assets' });
  expect(found.get('kwok')).toMatchObject({ version: '0.8.0', provenance: 'path' });
});
