import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesOf, compareSides } from '../../../pricing/change/compare';
import { LEVELS, LineChange, PARTS } from '../../../pricing/change/contract';
import { priceBook } from '../../../pricing/price-book';
import { smallModel } from '../models';
import { line, part, side, someLines } from './sides';

const compare = (before: Parameters<typeof side>[0], after: Parameters<typeof side>[0]) => compareSides({ before: side(before), after: side(after) }, priceBook, true);
const micro = (usd: number | null) => Math.round((usd ?? 0) * 1e6);

describe('compareSides', () => {
  it('names what was added, what is gone and what costs otherwise', () => {
    const kept = line({ resource: 'kept' });
    const { lines } = compare(
      [kept, line({ resource: 'gone', cost: [5, 5, 5] }), line({ resource: 'grown', cost: [1, 1, 1] })],
      [kept, line({ resource: 'new', cost: [7, 7, 7] }), line({ resource: 'grown', cost: [1, 2, 4] })],
    );
    expect(lines.map(({ change, resource, difference }) => [change, resource, difference.minimum, difference.typical, difference.maximum])).toEqual([
      ['changed', 'grown', 0, 1, 3], ['removed', 'gone', -5, -5, -5], ['added', 'new', 7, 7, 7],
    ]);
  });

  it('takes another instance type of the same resource for a change, and says what it was', () => {
    const { lines } = compare([line({ sku: 'rds/db.t4g.micro', description: 'db.t4g.micro' })], [line({ sku: 'rds/db.m7g.large', description: 'db.m7g.large', cost: [1, 9, 9] })]);
    expect(lines).toEqual([expect.objectContaining({ change: 'changed', was: 'db.t4g.micro', description: 'db.m7g.large' })]);
  });

  it('keeps two copies of a charge apart from one', () => {
    expect(compare([line()], [line(), line()]).lines).toEqual([expect.objectContaining({ change: 'added' })]);
  });

  it('does not take what is unknown for a saving', () => {
    const { lines, difference, unknownLines } = compare([line({ cost: [10, 10, 10] })], [line({ cost: [null, null, null] })]);
    expect(lines[0]?.difference).toEqual({ minimum: null, typical: null, maximum: null });
    expect([difference?.total.typical, unknownLines]).toEqual([0, 1]);
  });

  it('does not compare a part that one side does not know, and still compares the other', () => {
    const why = [{ where: 'main:stacks/main.ts', got: 'no such file', allowed: 'it', do: 'compare with a later commit' }];
    const before = side([line({ part: 'kubernetes', cost: [1, 1, 1] })], { aws: { why } });
    const result = compareSides({ before, after: side([line({ cost: [9, 9, 9] }), line({ part: 'kubernetes', cost: [1, 4, 6] })]) }, priceBook, true);
    expect(result.difference).toMatchObject({ aws: { typical: null }, kubernetes: { minimum: 0, typical: 3, maximum: 5 }, total: { typical: null } });
    expect([result.before?.aws.typical, result.before?.total.typical, result.after?.total.typical]).toEqual([null, null, 13]);
    expect(result.lines.map((each) => each.part)).toEqual(['kubernetes']);
    expect(result.incomplete).toEqual([{ side: 'before', part: 'aws', why }]);
  });

  it('prices an environment that is new against nothing, and one that is gone as saved', () => {
    const lines = [line({ cost: [1, 2, 3] })];
    expect(compareSides({ after: side(lines) }, priceBook, true)).toMatchObject({ change: 'added', before: null, difference: { total: { typical: 2 } } });
    expect(compareSides({ before: side(lines) }, priceBook, true)).toMatchObject({ change: 'removed', after: null, difference: { total: { typical: -2 } } });
    expect(compareSides({ after: side(lines) }, priceBook, false)).toMatchObject({ change: 'kept', before: null, difference: null, lines: [] });
  });

  it('says when the typical price passes the budget, and whether it did before', () => {
    const dear = [line({ cost: [1, 601, 900] })];
    expect(compare([line()], dear).budget).toEqual({ monthlyUsd: 600, typicalUsd: 601, passed: true, passedBefore: false });
    expect(compare(dear, dear).budget).toMatchObject({ passed: true, passedBefore: true });
    expect(compare(dear, [line({ cost: [1, 600, 601] })]).budget).toMatchObject({ passed: false, passedBefore: true });
  });

  it('says what was decided otherwise', () => {
    const model = smallModel();
    const changed = smallModel({
      workloads: [...model.workloads.slice(1), { ...model.workloads[0]!, minReplicas: 4 }], nodePools: model.nodePools.map((pool) => ({ ...pool, minNodes: pool.minNodes + 1 })),
    });
    expect(compareSides({ before: side([]), after: side([], { model: changed, budgetMonthlyUsd: 700 }) }, priceBook, true).decisions).toEqual([
      'workload catalog/catalog: 2 to 20 replicas of 500m and 192Mi → 4 to 20 replicas of 500m and 192Mi',
      'node pool system: 2 to 3 nodes, on-demand, t4g.large → 3 to 3 nodes, on-demand, t4g.large',
      'node pool workload: 0 to 8 nodes, spot, m7g.large or m6g.large or c7g.large → 1 to 8 nodes, spot, m7g.large or m6g.large or c7g.large',
      'budget: 600 → 700 USD',
    ]);
  });

  it('names the workloads whose pods moved nodes', () => {
    const pool = (pods: number, cost: number) => line({ part: 'kubernetes', resource: 'node pool burst', behind: { 'shop/cart': pods, 'shop/db': 1 }, cost: [cost, cost, cost] });
    expect(compare([pool(2, 10)], [pool(5, 20)]).lines[0]?.because).toEqual(['shop/cart: 2 → 5 pods']);
  });

  it('lists what became unpriced, and what no longer is', () => {
    const unpriced = (what: string) => ({ part: 'aws' as const, what, why: 'not in the table' });
    const sideOf = (...what: readonly string[]) => {
      const aws = part([], { unpriced: what.map(unpriced), coverage: { counted: 4, known: 4 - what.length } });
      return { ...side([]), parts: { aws, kubernetes: part([]) } };
    };
    const result = compareSides({ before: sideOf('a', 'b'), after: sideOf('b', 'c') }, priceBook, true);
    expect([result.unpriced.all, result.unpriced.added, result.unpriced.removed].map((list) => list.map(({ what }) => what))).toEqual([['b', 'c'], ['c'], ['a']]);
    expect(result.coverage).toEqual({ aws: { counted: 4, known: 2 }, kubernetes: { counted: 0, known: 0 }, share: 0.5 });
  });
});

describe('whatever the lines', () => {
  it('a side has no difference from itself, in any order', () => {
    fc.assert(fc.property(someLines, (lines) => {
      expect(changesOf(lines, lines)).toEqual([]);
      const { difference } = compare(lines, lines);
      for (const level of LEVELS) expect(difference?.total[level]).toBe(0);
    }));
  });

  it('the way back is the opposite of the way there', () => {
    fc.assert(fc.property(someLines, someLines, (a, b) => {
      const [there, back] = [compare(a, b), compare(b, a)];
      const opposite = { added: 'removed', removed: 'added', changed: 'changed' } as const;
      const costs = (each: LineChange, mirrored: boolean) => LEVELS.flatMap((level) => {
        const [before, after, difference] = [each.before[level], each.after[level], each.difference[level]];
        return mirrored ? [after, before, difference === null ? null : 0 - difference] : [before, after, difference];
      });
      const name = (each: LineChange, mirrored: boolean) => JSON.stringify([mirrored ? opposite[each.change] : each.change, each.resource, ...costs(each, mirrored)]);
      expect(back.lines.map((each) => name(each, true)).sort()).toEqual(there.lines.map((each) => name(each, false)).sort());
      for (const of of [...PARTS, 'total'] as const) for (const level of LEVELS) expect(micro(back.difference![of][level]) + micro(there.difference![of][level])).toBe(0);
    }));
  });

  it('differences of lines add up to the difference of the totals where all are known', () => {
    const known = someLines.map((lines) => lines.filter((each) => LEVELS.every((level) => each.cost[level] !== null)));
    fc.assert(fc.property(known, known, (a, b) => {
      const { before, after, difference, lines } = compare(a, b);
      for (const level of LEVELS) {
        expect(lines.reduce((sum, each) => sum + micro(each.difference[level]), 0)).toBe(micro(difference!.total[level]));
        expect(micro(after!.total[level]) - micro(before!.total[level])).toBe(micro(difference!.total[level]));
      }
    }));
  });

  it('a difference is known only where both sides are', () => {
    fc.assert(fc.property(someLines, someLines, (a, b) => {
      for (const { before, after, difference } of compare(a, b).lines) {
        for (const level of LEVELS) expect(difference[level] === null).toBe(before[level] === null || after[level] === null);
      }
    }));
  });
});
