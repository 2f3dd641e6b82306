import { describe, expect, it } from 'vitest';
import { instanceTypes } from '../../pricing/instance-types';
import { definePriceBook, priceBook, PriceRow, priceRowFaults } from '../../pricing/price-book';
import { TYPICAL_SPOT_SHARE } from '../../pricing/prices/rows';

const good: PriceRow = { sku: 'ec2/m7g.large/on-demand', usd: 0.0816, unit: 'Hours', source: 'a list', asOf: '2026-01-19', certainty: 'checked' };

describe('the price book', () => {
  it('has a source, a date and a certainty on every row of both regions', () => {
    expect(priceBook.regions).toEqual(['us-east-1', 'eu-west-1']);
    for (const region of priceBook.regions) {
      const rows = priceBook.rows(region);
      expect(rows.length).toBeGreaterThan(25);
      expect(priceRowFaults(region, rows)).toEqual([]);
    }
  });

  it('has the same rows in every region', () => {
    const [first, ...others] = priceBook.regions.map((region) => priceBook.rows(region).map((row) => row.sku).sort());
    for (const other of others) expect(other).toEqual(first);
  });

  it('prices every known instance type, and knows every priced one', () => {
    for (const region of priceBook.regions) {
      const priced = new Set(priceBook.rows(region).flatMap((row) => /^ec2\/([^/]+)\//.exec(row.sku)?.[1] ?? []));
      expect([...priced].sort()).toEqual([...instanceTypes.keys()].sort());
    }
  });

  it('marks every spot price as assumed, at the stated share', () => {
    const spot = priceBook.regions.flatMap((region) => priceBook.rows(region).filter((row) => row.sku.endsWith('/spot')).map((row) => ({ region, row })));
    expect(spot).toHaveLength(14);
    for (const { region, row } of spot) {
      const onDemand = priceBook.find(region, row.sku.replace('/spot', '/on-demand'));
      expect(row.certainty).toBe('assumed');
      expect(row.usd / (onDemand?.usd ?? NaN)).toBeCloseTo(TYPICAL_SPOT_SHARE, 4);
    }
  });

  it('doubles the price with the size of an instance, within a rounding', () => {
    for (const region of priceBook.regions) {
      for (const family of ['m6g', 'm7g', 'c7g']) {
        const [large, xlarge] = ['large', 'xlarge'].map((size) => priceBook.find(region, `ec2/${family}.${size}/on-demand`)?.usd ?? NaN);
        expect(Math.abs((xlarge ?? NaN) - 2 * (large ?? NaN))).toBeLessThanOrEqual(0.00011);
      }
    }
  });

  it('does not answer for a price it does not have', () => {
    expect(priceBook.find('us-east-1', 'ec2/x9z.huge/on-demand')).toBeUndefined();
    expect(priceBook.find('mars-1', 'ebs/gp3')).toBeUndefined();
    expect(priceBook.rows('mars-1')).toEqual([]);
  });
});

describe('definePriceBook', () => {
  it('accepts a complete row', () => {
    expect(definePriceBook({ here: [good] }).find('here', good.sku)?.price.toUsd()).toBe(0.0816);
  });

  it.each([
    ['no source', { source: ' ' }, 'price book here/ec2/m7g.large/on-demand.source'],
    ['no date', { asOf: '' }, 'asOf'],
    ['a date that is none', { asOf: '2026-13' }, 'YYYY-MM'],
    ['no unit', { unit: '' }, 'unit'],
    ['a price of 0', { usd: 0 }, 'dollars above 0'],
    ['a price that is not a number', { usd: NaN }, 'got: NaN'],
    ['a price with too many decimals', { usd: 0.08160001 }, 'six decimals'],
    ['an unknown certainty', { certainty: 'sure' as 'checked' }, 'certainty'],
    ['a sku that is none', { sku: 'gold' }, '<what>/<detail>'],
  ])('refuses a row with %s', (_, change, expected) => {
    expect(() => definePriceBook({ here: [{ ...good, ...change }] })).toThrow(expected);
  });

  it('refuses two rows of one sku, and names all faults at once', () => {
    expect(priceRowFaults('here', [good, { ...good, asOf: '' }]).map((fault) => fault.where)).toEqual([
      'price book here/ec2/m7g.large/on-demand.sku', 'price book here/ec2/m7g.large/on-demand.asOf',
    ]);
  });
});
