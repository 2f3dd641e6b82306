import { describe, expect, it } from 'vitest';
import { instanceTypeNames } from '../../config/instance-types';
import { COMMITMENTS, PurchaseOption } from '../../pricing/commitments';
import { instanceTypes } from '../../pricing/instance-types';
import { definePriceBook, priceBook, PriceRow, priceRowFaults } from '../../pricing/price-book';
import { TYPICAL_SPOT_SHARE } from '../../pricing/prices/rows';

const good: PriceRow = { sku: 'ec2/m7g.large/on-demand', usd: 0.0816, unit: 'Hours', source: 'a list', asOf: '2026-01-19', certainty: 'checked' };

describe('the price book', () => {
  it('has a source, a date and a certainty on every row of every region', () => {
    expect(priceBook.regions).toEqual(['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-1']);
    for (const region of priceBook.regions) {
      const rows = priceBook.rows(region);
      expect(rows.length).toBeGreaterThan(500);
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
    expect(spot).toHaveLength(5 * instanceTypes.size);
    for (const { region, row } of spot) {
      const onDemand = priceBook.find(region, row.sku.replace('/spot', '/on-demand'));
      expect(row.certainty).toBe('assumed');
      expect(row.usd / (onDemand?.usd ?? NaN)).toBeCloseTo(TYPICAL_SPOT_SHARE, 4);
    }
  });

  it('doubles the price with the size of an instance, within a rounding', () => {
    for (const region of priceBook.regions) {
      for (const family of ['t4g', 'm6g', 'm7g', 'c7g', 'r7g', 'm7i', 'c7i', 'r7i']) {
        const prices = ['large', 'xlarge', '2xlarge'].map((size) => priceBook.find(region, `ec2/${family}.${size}/on-demand`)?.usd ?? NaN);
        for (const [index, usd] of prices.slice(1).entries()) expect(Math.abs(usd - 2 * (prices[index] ?? NaN))).toBeLessThanOrEqual(0.00021);
      }
    }
  });

  it('knows the types an environment may use, and no other', () => {
    expect([...instanceTypes.keys()].sort()).toEqual([...instanceTypeNames].sort());
  });

  it('asks more of a tighter commitment, and never more than on-demand', () => {
    for (const region of priceBook.regions) {
      for (const type of instanceTypes.keys()) {
        const usd = (option: PurchaseOption) => priceBook.find(region, `ec2/${type}/${option}`)?.usd ?? NaN;
        for (const option of COMMITMENTS) expect(usd(option)).toBeLessThan(usd('on-demand'));
        for (const kind of ['compute-savings-plan', 'ec2-savings-plan', 'reserved'] as const) {
          expect(usd(`${kind}-3y-no-upfront`)).toBeLessThan(usd(`${kind}-1y-no-upfront`));
          expect(usd(`${kind}-1y-all-upfront`)).toBeLessThan(usd(`${kind}-1y-no-upfront`));
          expect(usd(`${kind}-3y-all-upfront`)).toBeLessThan(usd(`${kind}-3y-no-upfront`));
        }
        expect(usd('reserved-1y-no-upfront')).toBeLessThanOrEqual(usd('compute-savings-plan-1y-no-upfront'));
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
