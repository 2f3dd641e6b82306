import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { compress } from '../../../rehearsal/control-plane';
import { freePorts, isPortTaken } from '../../../rehearsal/control-plane/ports';
import { kwokStages, POD_READY_DELAY_ANNOTATION } from '../../../rehearsal/control-plane/stages';

const folder = mkdtempSync(join(tmpdir(), 'tideline-stages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every window is divided by the speed, shares are not', () => {
  expect(compress(120)).toEqual({
    speed: 120,
    hpaSyncPeriodMs: 125,
    hpaDownscaleStabilizationMs: 2_500,
    hpaCpuInitializationPeriodMs: 2_500,
    hpaInitialReadinessDelayMs: 250,
    hpaTolerance: 0.1,
    podReadyMs: 167,
  });
  expect(compress(1)).toMatchObject({ hpaSyncPeriodMs: 15_000, podReadyMs: 20_000 });
  expect(compress(60, { syncPeriodSeconds: 30, tolerance: 0.05 }, 3)).toMatchObject({ hpaSyncPeriodMs: 500, hpaTolerance: 0.05, podReadyMs: 50 });
});

test('a speed that the controllers cannot keep up with is refused, and so is nonsense, all at once', () => {
  expect(() => compress(1_000)).toThrow(/every 15 ms; allowed: a sync period of at least 50 ms, so a speed up to 300/);
  expect(() => compress(-1, { tolerance: Number.NaN })).toThrow(/\[speed\][^]*\[tolerance\]/);
});

test('pods become ready after the delay of their annotation, or the one for all; everything else is upstream as it is', () => {
  const stage = (name: string) => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, `kind: Stage\nmetadata:\n  name: ${name}\nspec:\n  selector:\n    matchExpressions:\n    - key: .metadata.deletionTimestamp\n      operator: DoesNotExist\n  next:\n    statusTemplate: |\n      {{ $now := Now }}\n      phase: Running\n`);
    return path;
  };
  const text = kwokStages({
    nodeInitialize: stage('node-initialize'), nodeHeartbeat: stage('node-heartbeat'), podReady: stage('pod-ready'), podComplete: stage('pod-complete'), podDelete: stage('pod-delete'),
  }, 167);
  const stages = parseAllDocuments(text).map((document) => document.toJS());
  expect(stages.map((each) => each.metadata.name)).toEqual(['node-initialize', 'node-heartbeat', 'pod-ready', 'pod-complete', 'pod-delete']);
  const { spec } = stages[2];
  expect(spec.delay).toEqual({ durationMilliseconds: 167, durationFrom: { expressionFrom: `.metadata.annotations["${POD_READY_DELAY_ANNOTATION}"]` } });
  expect(spec.selector.matchExpressions.map((each: { key: string }) => each.key)).toEqual(['.metadata.deletionTimestamp', '.spec.nodeName']);
  expect(spec.next.statusTemplate).toBe('{{ $now := Now }}\nphase: Running\n');
  expect(stages.filter((each) => each.metadata.name !== 'pod-ready').every((each) => each.spec.delay === undefined)).toBe(true);
});

test('ports are free, different and of this machine only', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(ports[0], '127.0.0.1', resolve));
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ['failed to listen on 127.0.0.1:1: listen tcp 127.0.0.1:1: bind: address already in use', true],
  ['error: address already in use', true],
  ['cannot bind: permission denied', false],
])('%s', (line, taken) => {
  expect(isPortTaken(['started', line])).toBe(taken);
});
