import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ladder, type LadderEvidence } from '../../../forecaster/ladder/ladder';
import { defaultRules } from '../../../forecaster/ladder/rules';
import { rankOf } from '../../../forecaster/ladder/steps';
import { type ReasonCode, reasonCodes } from '../../../forecaster/reasons';

const wild = fc.option(fc.oneof(fc.double(), fc.double({ min: 0.5, max: 1.2, noNaN: true }), fc.constant(0.8)), { nil: null });
const steady = { judged: 1000, relativePinball: 0.7, relativeError: 0.7, coverage80: 0.8, coverage95: 0.95 };
const skill = fc.oneof(
  { weight: 4, arbitrary: fc.constant(steady) },
  { weight: 1, arbitrary: fc.record({ judged: fc.oneof(fc.double(), fc.nat(2000)), relativePinball: wild, relativeError: wild, coverage80: wild, coverage95: wild }) },
);
const codes = Object.keys(reasonCodes) as ReasonCode[];
/** A stretch of like evidence: how many pieces, how far apart. */
const stretch = fc.record({
  pieces: fc.integer({ min: 1, max: 200 }),
  apart: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 900 }) }, { weight: 1, arbitrary: fc.oneof(fc.double(), fc.integer({ min: -100_000, max: 100_000 })) }),
  skill,
  reasons: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...codes), { maxLength: 4 }) }),
  stalenessSeconds: fc.oneof({ weight: 5, arbitrary: fc.constant(60) }, { weight: 1, arbitrary: fc.double() }),
});
const stream = fc.array(stretch, { minLength: 1, maxLength: 40 }).map((stretches) => {
  let time = 1.7e9;
  return stretches.flatMap(({ pieces, apart, ...rest }) => Array.from({ length: pieces }, (): LadderEvidence => ({ ...rest, time: (time += apart) })));
});

describe('a ladder under any stream', () => {
  it('moves no more often than time allows, and one step up at a time', () => {
    const stretchSeconds = Math.min(...Object.values(defaultRules.require).map(({ sustainedSeconds }) => sustainedSeconds));
    let rose = false;
    fc.assert(fc.property(stream, (evidence) => {
      const ladder = new Ladder();
      let spent = 0;
      let moves = 0;
      let last: number | undefined;
      for (const each of evidence) {
        const transition = ladder.observe(each);
        if (Number.isFinite(each.time)) {
          spent += Math.max(0, Math.min(each.time - (last ?? each.time), defaultRules.windowSeconds));
          last = each.time;
        }
        if (transition) {
          moves += 1;
          const rise = rankOf(transition.to) - rankOf(transition.from);
          expect(rise === 1 || rise < 0).toBe(true);
          expect(transition.reasons.length).toBeGreaterThan(0);
          rose ||= rise > 0;
        }
      }
      expect(moves).toBeLessThanOrEqual(2 * Math.floor(spent / stretchSeconds));
      expect(ladder.status().transitions.length).toBeLessThanOrEqual(defaultRules.history);
    }), { numRuns: 150 });
    expect(rose).toBe(true); // the streams are not all so wild that nothing is ever earned
  });

  it('never keeps trust through a break', () => {
    const hard = fc.constantFrom<Partial<LadderEvidence>>(
      { stalenessSeconds: 301 }, { stalenessSeconds: Infinity }, { reasons: ['no_data'] }, { reasons: ['stale_metrics'] }, { skill: { ...steady, relativePinball: 1 } },
      { skill: { ...steady, coverage80: 0.5 } }, { skill: { ...steady, relativePinball: NaN } }, { skill: { ...steady, judged: 0 } },
    );
    fc.assert(fc.property(stream, hard, (evidence, broken) => {
      const ladder = new Ladder();
      evidence.forEach((each) => ladder.observe(each));
      ladder.observe({ skill: steady, reasons: [], ...broken, time: (ladder.snapshot().time ?? 0) + 60 });
      expect(ladder.step).toBe('shadow');
    }), { numRuns: 150 });
  });

  it('goes on the same from a snapshot that went through JSON', () => {
    fc.assert(fc.property(stream, fc.double({ min: 0, max: 1, noNaN: true }), (evidence, share) => {
      const cut = Math.floor(share * evidence.length);
      const whole = new Ladder();
      evidence.slice(0, cut).forEach((each) => whole.observe(each));
      const kept = Ladder.restore(JSON.parse(JSON.stringify(whole.snapshot())));
      expect(kept).toBeDefined();
      for (const each of evidence.slice(cut)) expect(kept!.observe(each)).toEqual(whole.observe(each));
      expect(kept!.snapshot()).toEqual(whole.snapshot());
    }), { numRuns: 60 });
  });
});
