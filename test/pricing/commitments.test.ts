import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitmentColumns, COMMITMENTS, PURCHASE_OPTIONS, purchaseSku } from '../../pricing/commitments';
import { costOfLine } from '../../pricing/contract';
import { instanceTypes } from '../../pricing/instance-types';
import { Charge, LineSheet } from '../../pricing/line-sheet';
import { definePriceBook, priceBook } from '../../pricing/price-book';

const nodes = (changes: Partial<Charge> = {}): Charge => ({
  category: 'Compute', service: 'Amazon Elastic Compute Cloud', description: '2 × m7g.large', resource: 'node pool system', sku: 'ec2/m7g.large/on-demand', unit: 'Hours', quantity: 1460, ...changes,
});
const sheetOf = (charge: Charge, book = priceBook) => {
  const sheet = new LineSheet({ name: 'dev', region: 'us-east-1' }, book);
  sheet.add(charge);
  return sheet;
};

describe('commitments', () => {
  it('are every kind, term and payment there is, once', () => {
    expect(COMMITMENTS).toHaveLength(12);
    expect(new Set(PURCHASE_OPTIONS).size).toBe(13);
    expect(purchaseSku('ec2/m7g.large/on-demand', 'reserved-1y-no-upfront')).toBe('ec2/m7g.large/reserved-1y-no-upfront');
  });

  it.each([
    ['reserved-1y-no-upfront', 'Usage', 'Standard Reserved Instance, 1 year, no upfront'],
    ['ec2-savings-plan-3y-all-upfront', 'Spend', 'EC2 Instance Savings Plan, 3 years, all upfront'],
    ['compute-savings-plan-1y-all-upfront', 'Spend', 'Compute Savings Plan, 1 year, all upfront'],
  ] as const)('have FOCUS\'s columns: %s', (option, category, type) => {
    expect(commitmentColumns(option)).toEqual({ PricingCategory: 'Committed', CommitmentDiscountCategory: category, CommitmentDiscountType: type });
  });

  it('keep the list price beside what is paid', () => {
    const sheet = sheetOf(nodes({ purchase: 'reserved-1y-no-upfront' }));
    expect(sheet.lines[0]).toMatchObject({
      PricingCategory: 'Committed', SkuId: 'ec2/m7g.large/reserved-1y-no-upfront', ListUnitPrice: 0.0816, ListCost: 119.136, EffectiveCost: 78.62976, x_PriceCertainty: 'assumed',
    });
    expect(sheet.total()?.toUsd()).toBe(78.62976);
    expect(sheet.coverage()).toBe(1);
  });

  it('leave a line as it is where nothing is committed', () => {
    expect(sheetOf(nodes({ purchase: 'on-demand' })).lines).toEqual(sheetOf(nodes()).lines);
    expect(sheetOf(nodes()).lines[0]).not.toHaveProperty('EffectiveCost');
  });

  it('have no cost where the book has no price for them: null, not the list price and never 0', () => {
    const book = definePriceBook({ 'us-east-1': priceBook.rows('us-east-1').filter((row) => row.sku !== 'ec2/m7g.large/reserved-3y-all-upfront') });
    const sheet = sheetOf(nodes({ purchase: 'reserved-3y-all-upfront' }), book);
    expect(sheet.lines[0]).toMatchObject({ ListCost: 119.136, EffectiveCost: null, x_PriceSource: null });
    expect([costOfLine(sheet.lines[0]!), sheet.total(), sheet.coverage()]).toEqual([null, undefined, 0]);
    expect(sheet.unknown).toEqual([expect.objectContaining({ where: 'price book us-east-1/ec2/m7g.large/reserved-3y-all-upfront', got: 'no row' })]);
  });

  it('never cost more than the list, and the sheet is the sum of its lines', () => {
    const charges = fc.array(fc.record({
      type: fc.constantFrom(...instanceTypes.keys()), quantity: fc.option(fc.integer({ min: 0, max: 10_000 })), purchase: fc.constantFrom(...PURCHASE_OPTIONS),
    }), { maxLength: 20 });
    fc.assert(fc.property(charges, (list) => {
      const sheet = new LineSheet({ name: 'dev', region: 'eu-west-1' }, priceBook);
      for (const { type, quantity, purchase } of list) sheet.add(nodes({ sku: `ec2/${type}/on-demand`, quantity, purchase }));
      const costs = sheet.lines.map(costOfLine);
      expect(sheet.total()?.toUsd() ?? 0).toBeCloseTo(costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0), 6);
      sheet.lines.forEach((line, index) => {
        if (line.PricingQuantity === null) expect(costs[index]).toBeNull();
        else expect(costs[index]).toBeLessThanOrEqual(line.ListCost as number);
      });
    }));
  });
});
