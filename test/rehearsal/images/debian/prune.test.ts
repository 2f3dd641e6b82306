import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markUsed, prune } from '../../../../rehearsal/images/debian/prune';

const NOW = new Date('2026-11-21T00:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 24 * 3_600_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'debian-prune-'));
  for (const name of ['roots', 'packages']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function root(name: string, packages: readonly string[], days: number): string {
  const path = join(folder, 'roots', name);
  writeFileSync(path, JSON.stringify({ packages: packages.map((each) => ({ folder: join('packages', each) })) }));
  utimesSync(path, daysAgo(days), daysAgo(days));
  return path;
}

function packageOf(name: string, days: number): string {
  const path = join(folder, 'packages', name);
  mkdirSync(join(path, 'files'), { recursive: true });
  utimesSync(path, daysAgo(days), daysAgo(days));
  return path;
}

test('what nobody has used for two weeks goes, with the packages that only it names', () => {
  const [old, used] = [root('old.json', ['a', 'shared'], 15), root('used.json', ['shared'], 3)];
  const [a, shared] = [packageOf('a', 100), packageOf('shared', 100)];
  prune(folder, NOW);
  expect([old, used, a, shared].map((path) => existsSync(path))).toEqual([false, true, false, true]);
});

test('use counts, not age', () => {
  const path = root('old.json', [], 100);
  markUsed(path, daysAgo(1));
  prune(folder, NOW);
  expect(existsSync(path)).toBe(true);
});

test('what a run that was ended has unpacked is there for the next one', () => {
  const path = packageOf('unpacked', 1);
  prune(folder, NOW);
  expect(existsSync(path)).toBe(true);
});

test('a cache that cannot be written is no reason not to use it', () => {
  expect(() => markUsed(join(folder, 'roots', 'gone.json'), NOW)).not.toThrow();
});
