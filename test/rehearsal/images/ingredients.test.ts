import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { architectureHere, ingredientsOf } from '../../../rehearsal/images/ingredients';
import { readToolSettings } from '../../../rehearsal/tools';

const ingredients = ingredientsOf({ settings: { ...readToolSettings({}), cacheRoot: join(tmpdir(), 'nothing-is-written-here') } });

test('a program that tools/ does not pin is a fault that names those it does', async () => {
  await expect(ingredients.program('minio')).rejects.toThrow(/\[program minio\] got: no such program; allowed: one of etcd, .*argocd/);
});

test('a bundle that two images want is made once', () => {
  expect(ingredients.bundle('apps/cost/server.ts')).toBe(ingredients.bundle('apps/cost/server.ts'));
});

test('the nodes have the processor of this machine', () => {
  expect(['amd64', 'arm64']).toContain(architectureHere());
  expect(ingredients.architecture).toBe(architectureHere());
});
