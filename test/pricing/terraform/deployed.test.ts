import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'cdktf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environments } from '../../../config';
import { STACKS, stackId } from '../../../config/facts';
import { priceBook } from '../../../pricing/price-book';
import { priceResources, ResourcesPrice } from '../../../pricing/terraform';
import { rootObjects } from '../../../stacks/bootstrap/root-objects';
import { buildStacks } from '../../../stacks/build-stacks';

describe('the AWS resources of every environment', () => {
  let folder: string;
  const priced = new Map<string, readonly ResourcesPrice[]>();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tideline-priced-'));
    const app = Testing.app({ outdir: folder, stubVersion: false, enableFutureFlags: false });
    buildStacks(app, environments(), (name) => rootObjects('dist', name));
    app.synth();
    for (const { name, region } of environments()) {
      priced.set(name, STACKS.map((stack) => priceResources(
        JSON.parse(readFileSync(join(folder, 'stacks', stackId(name, stack), 'cdk.tf.json'), 'utf8')) as never, { region, book: priceBook },
      )));
    }
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const sum = (of: string, count: (price: ResourcesPrice) => number) => (priced.get(of) ?? []).reduce((total, price) => total + count(price), 0);

  it.each(environments().map(({ name }) => name))('are priced or known to be free, nine of ten at least: %s', (name) => {
    const all = sum(name, ({ coverage }) => coverage.resources);
    expect(all).toBeGreaterThan(100);
    expect(sum(name, ({ coverage }) => coverage.priced + coverage.free) / all).toBeGreaterThanOrEqual(0.9);
  });

  it.each(environments().map(({ name }) => name))('are of types that are known, or say what would have to be known: %s', (name) => {
    const unpriced = (priced.get(name) ?? []).flatMap((price) => price.unpriced);
    expect(unpriced.filter(({ why }) => why.includes('is in no table'))).toEqual([]);
    expect(unpriced.filter(({ why }) => why.includes('no row') || why.includes('expression'))).toEqual([]);
  });

  it('cost more in production than where changes land first', () => {
    expect(sum('prod', (price) => price.monthlyUsd ?? 0)).toBeGreaterThan(sum('dev', (price) => price.monthlyUsd ?? 0));
  });
});
