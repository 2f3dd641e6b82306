import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Experience, Pace } from '../../../forecaster/service/pace';

const SLOW = 1000;
const made = () => new Pace({ slowMs: SLOW });

describe('Pace', () => {
  it('stays within its bounds whatever happens', () => {
    const experience = fc.record({ kind: fc.constantFrom<Experience>('good', 'overloaded', 'too_large'), took: fc.nat(5000), pause: fc.nat(100) });
    fc.assert(fc.property(fc.array(experience, { maxLength: 300 }), (history) => {
      const pace = made();
      let now = 0;
      for (const { kind, took, pause } of history) {
        pace.note(kind, now, now + took);
        now += pause;
        expect(pace.concurrency >= 1 && pace.concurrency <= 8 && Number.isInteger(pace.concurrency)).toBe(true);
        expect(pace.samples >= 500 && pace.samples <= 150_000).toBe(true);
      }
    }));
  });

  it('rises one by one while answers are quick', () => {
    const pace = made();
    const seen: number[] = [];
    for (let i = 0; i < 60; i++) {
      pace.note('good', i, i + 1);
      seen.push(pace.concurrency);
    }
    expect(seen.at(-1)).toBe(8);
    for (let i = 1; i < seen.length; i++) expect(seen[i]! - seen[i - 1]!).toBeLessThanOrEqual(1);
    expect(pace.samples).toBe(150_000);
  });

  it.each<[string, Experience, number]>([['a timeout', 'overloaded', 10], ['a slow answer', 'good', SLOW + 1]])('halves at %s', (_, experience, took) => {
    const pace = made();
    for (let i = 0; i < 60; i++) pace.note('good', i, i + 1);
    pace.note(experience, 100, 100 + took);
    expect([pace.concurrency, pace.samples]).toEqual([4, 75_000]);
  });

  it('takes what was under way at once for one congestion', () => {
    const pace = made();
    for (let i = 0; i < 60; i++) pace.note('good', i, i + 1);
    for (let i = 0; i < 8; i++) pace.note('overloaded', 100 + i, 5000 + i);
    expect(pace.concurrency).toBe(4);
    pace.note('overloaded', 6000, 9000);
    expect(pace.concurrency).toBe(2);
  });

  it('asks for less, not less often, when an answer was too long', () => {
    const pace = made();
    const { concurrency, samples } = pace;
    pace.note('too_large', 0, 1);
    expect([pace.concurrency, pace.samples]).toEqual([concurrency, samples / 2]);
  });
});
