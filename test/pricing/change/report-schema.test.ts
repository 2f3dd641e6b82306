import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { compareSides } from '../../../pricing/change/compare';
import { PriceReportSchema } from '../../../pricing/change/report-schema';
import { priceBook } from '../../../pricing/price-book';
import { line, side } from './sides';

const SCHEMA = join(__dirname, '..', '..', '..', 'docs', 'price.schema.json');
const report = (...environments: readonly unknown[]) => JSON.parse(JSON.stringify({ schema: 'tideline/price/1', against: null, uncommitted: null, environments, notes: [] })) as unknown;

describe('the schema of the JSON', () => {
  it('is the one that is documented', () => {
    expect(JSON.parse(readFileSync(SCHEMA, 'utf8'))).toEqual(JSON.parse(JSON.stringify(PriceReportSchema)));
  });

  it('fits what is written, unknown costs and parts among it', () => {
    const why = [{ where: 'a', got: 'b', allowed: 'c', do: 'd' }];
    const nodes = { minimum: [], typical: [{ pool: 'a', instanceType: 'm7g.large', capacity: 'spot' as const, count: 1 }], maximum: [] };
    const written = report(
      compareSides({ before: side([line()]), after: side([line({ cost: [null, 1, 2] }), { ...line({ part: 'kubernetes', behind: { 'shop/cart': 2 } }), focus: {} }], { nodes }) }, priceBook, true),
      compareSides({ before: side([], { aws: { why } }) }, priceBook, true), compareSides({ after: side([]) }, priceBook, false),
    );
    expect([...Value.Errors(PriceReportSchema, written)].map(({ path, message }) => `${path}: ${message}`)).toEqual([]);
    expect(Value.Check(PriceReportSchema, report({ environment: 'dev' }))).toBe(false);
  });
});
