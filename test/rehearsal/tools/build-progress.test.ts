import { expect, test } from 'vitest';
import { BuildProgress, LINK_WEIGHT, parseBuildLine } from '../../../rehearsal/tools/build-progress';

test.each([
  ['k8s.io/api/core/v1', { kind: 'package', name: 'k8s.io/api/core/v1' }],
  ['fmt', { kind: 'package', name: 'fmt' }],
  ['gopkg.in/yaml.v3', { kind: 'package', name: 'gopkg.in/yaml.v3' }],
  ['go: downloading k8s.io/api v0.36.3', { kind: 'download', name: 'k8s.io/api v0.36.3' }],
  ['# example.org/broken', { kind: 'other' }],
  ['broken.go:3:1: syntax error', { kind: 'other' }],
  ['go: finding module for package x', { kind: 'other' }],
  ['', { kind: 'other' }],
])('%j', (line, expected) => {
  expect(parseBuildLine(line)).toEqual(expected);
});

test('a package counts when the next one begins, as much as it has files', () => {
  let now = 0;
  const progress = new BuildProgress('control plane', new Map([['big', 90], ['small', 10]]), 1, () => now);
  const total = 100 + LINK_WEIGHT;
  expect(progress.line('big')).toMatchObject({ step: 'control plane', done: 0, total, detail: 'big' });
  now = 9;
  const second = progress.line('small')!;
  expect(second).toMatchObject({ done: 90, elapsedSeconds: 9, detail: 'small' });
  expect(second.etaSeconds).toBe(Math.round((9 * (total - 90)) / 90));
  expect(progress.line('# noise here')).toBeUndefined();
  expect(progress.now(1)).toMatchObject({ done: 90 + LINK_WEIGHT });
});

test('a package named twice, or unknown, does not run past the end', () => {
  const progress = new BuildProgress('keda', new Map([['a', 5]]), 0, () => 1);
  for (const line of ['a', 'a', 'unknown', 'a']) progress.line(line);
  expect(progress.now(7)).toMatchObject({ done: 5, total: 5, etaSeconds: 0 });
});

test('nothing to do is done at once', () => {
  expect(new BuildProgress('keda', new Map(), 0, () => 0).now(0)).toMatchObject({ done: 0, total: 0, etaSeconds: 0 });
});
