import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environments } from '../../../config';
import { environmentOfStack, priceAws } from '../../../pricing/change/aws-part';
import { factsIn, ManifestReader } from '../../../pricing/change/manifests';
import { priceSide } from '../../../pricing/change/price-side';
import { EnvironmentModel, PriceLine } from '../../../pricing/contract';
import { priceEnvironment } from '../../../pricing/environment';
import { priceBook } from '../../../pricing/price-book';
import { stackOf } from '../../stacks/support';

const DIST = join(__dirname, '..', '..', '..', 'dist');
const names = environments().map((environment) => environment.name);
const files = new Map(readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name)).map((path) => [path.slice(DIST.length + 1), readFileSync(path, 'utf8')]));
const manifests = new ManifestReader().environments(files);
/** What the model holds and the stacks hold too. */
const SHARED = ['eks/control-plane/standard', 'eks/control-plane/extended', 'nat/gateway'];
const quantities = (lines: readonly PriceLine[]) => SHARED.map((sku) => lines.filter((line) => line.SkuId === sku).reduce((sum, line) => sum + (line.PricingQuantity ?? NaN), 0));

describe.each(names)('the price of %s', (name) => {
  const objects = manifests.get(name)!;
  const told = factsIn(name, objects) as EnvironmentModel; // all that the cost service is given
  const stacks = Object.fromEntries((['network', 'cluster'] as const).map((stack) => [`${name}-${stack}`, stackOf(name, stack)]));

  it('counts nothing twice: what both the model and the stacks hold is the same, and is taken from the stacks', () => {
    const inModel = quantities(priceEnvironment(told, priceBook).lines);
    const inStacks = quantities(priceAws(stacks, { region: told.region, book: priceBook, usageOf: () => ({}) }).lines.map((line) => line.focus.typical!));
    expect(inStacks).toEqual(inModel);
    expect(Math.max(...inModel)).toBeGreaterThan(0);
    const both = priceSide({ manifests, stacks }, name, {}, priceBook);
    const lines = Object.values(both.parts).flatMap((part) => ('lines' in part ? part.lines : []));
    expect(quantities(lines.map((line) => line.focus.typical!))).toEqual(inStacks);
    expect(lines.filter((line) => line.part === 'kubernetes' && ['eks/', 'nat/', 'ipv4/'].some((shared) => line.sku.startsWith(shared)))).toEqual([]);
  });

  it('is of the workloads and volumes that the cost service is told of', () => {
    const { parts, model } = priceSide({ manifests, stacks }, name, {}, priceBook);
    const byName = (each: { readonly name: string }, other: { readonly name: string }) => (each.name < other.name ? -1 : 1);
    expect([...model!.workloads].sort(byName)).toEqual([...told.workloads].sort(byName));
    expect([...model!.volumes].sort(byName)).toEqual([...told.volumes].sort(byName));
    expect(Object.values(parts).every((part) => 'lines' in part && part.lines.length > 0)).toBe(true);
  });
});

describe('environmentOfStack', () => {
  it('takes the longest name', () => {
    expect(environmentOfStack('eu-west-network', ['eu', 'eu-west'])).toBe('eu-west');
    expect(environmentOfStack('eu-network', ['eu', 'eu-west'])).toBe('eu');
    expect(environmentOfStack('europe', ['eu'])).toBeUndefined();
  });
});
