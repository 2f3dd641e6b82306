import { describe, expect, it } from 'vitest';
import { Ladder, type LadderEvidence } from '../../../forecaster/ladder/ladder';
import { defaultRules } from '../../../forecaster/ladder/rules';
import { mayScale, mayScaleDown, rankOf, type Skill } from '../../../forecaster/ladder/steps';

const good: Skill = { judged: 1000, relativePinball: 0.7, relativeError: 0.75, coverage80: 0.8, coverage95: 0.95 };
const MINUTE = 60;
const HOUR = 3600;

/** Feeds one piece of evidence a minute. */
function feed(ladder: Ladder, from: number, seconds: number, evidence: Partial<LadderEvidence> & { readonly skill?: Skill } = {}) {
  const transitions = [];
  for (let time = from; time < from + seconds; time += MINUTE) {
    const transition = ladder.observe({ skill: good, reasons: [], ...evidence, time });
    if (transition) transitions.push(transition);
  }
  return transitions;
}

function leading(): { ladder: Ladder; now: number } {
  const ladder = new Ladder();
  feed(ladder, 0, 8 * HOUR);
  expect(ladder.step).toBe('lead');
  return { ladder, now: 8 * HOUR };
}

describe('climbing', () => {
  it('starts in shadow, assists after an hour and leads after six more', () => {
    const ladder = new Ladder();
    expect(ladder.step).toBe('shadow');
    const [first, second, ...more] = feed(ladder, 0, 24 * HOUR);
    expect([first!.from, first!.to, first!.time]).toEqual(['shadow', 'assist', HOUR]);
    expect([second!.from, second!.to, second!.time]).toEqual(['assist', 'lead', 7 * HOUR]);
    expect(first!.reasons).toEqual(['earned']);
    expect(more).toEqual([]);
    expect(ladder.counts).toEqual([{ from: 'shadow', to: 'assist', count: 1 }, { from: 'assist', to: 'lead', count: 1 }]);
  });

  it.each<[string, Partial<Skill>]>([
    ['too few forecasts have been judged', { judged: 59 }],
    ['the loss is not clearly below naive', { relativePinball: 0.985 }],
    ['the loss is unknown', { relativePinball: null }],
    ['the loss is not a number', { relativePinball: NaN }],
    ['the 80 % band holds too little', { coverage80: 0.69 }],
    ['the 95 % band holds too little', { coverage95: 0.89 }],
    ['coverage is unknown', { coverage80: null }],
  ])('stays in shadow while %s', (_, change) => {
    const ladder = new Ladder();
    feed(ladder, 0, 48 * HOUR, { skill: { ...good, ...change } });
    expect(ladder.step).toBe('shadow');
  });

  it.each<[string, Partial<Skill>]>([
    ['few forecasts have been judged', { judged: 299 }],
    ['the loss is only a little below naive', { relativePinball: 0.95 }],
    ['the 80 % band is so wide that it says nothing', { coverage80: 0.97 }],
  ])('assists but does not lead while %s', (_, change) => {
    const ladder = new Ladder();
    feed(ladder, 0, 48 * HOUR, { skill: { ...good, ...change } });
    expect(ladder.step).toBe('assist');
  });

  it('counts time without evidence for no more than one window', () => {
    const ladder = new Ladder();
    for (let time = 0; time <= 5 * HOUR; time += HOUR) ladder.observe({ time, skill: good, reasons: [] });
    expect(ladder.status().progress).toEqual({ seconds: 5 * defaultRules.windowSeconds, required: HOUR });
  });

  it('begins to count anew after one piece of bad evidence', () => {
    const ladder = new Ladder();
    feed(ladder, 0, 50 * MINUTE);
    feed(ladder, 50 * MINUTE, MINUTE, { skill: { ...good, relativePinball: 0.99 } });
    feed(ladder, 51 * MINUTE, 50 * MINUTE);
    expect(ladder.step).toBe('shadow');
  });
});

describe('falling', () => {
  it.each<[string, Partial<LadderEvidence>, string]>([
    ['metrics that are stale', { stalenessSeconds: 301 }, 'stale_metrics'],
    ['an age that is not a number', { stalenessSeconds: NaN }, 'stale_metrics'],
    ['the reason stale_metrics', { reasons: ['stale_metrics'] }, 'stale_metrics'],
    ['no data', { reasons: ['no_data'] }, 'no_data'],
    ['a clock jump', { reasons: ['clock_jump'] }, 'clock_jump'],
    ['a forecaster that began anew', { skill: { ...good, judged: 10 } }, 'forecaster_restarted'],
    ['bands that collapse', { skill: { ...good, coverage80: 0.55 } }, 'coverage_collapse'],
    ['outer bands that collapse', { skill: { ...good, coverage95: 0.8 } }, 'coverage_collapse'],
    ['loss above naive', { skill: { ...good, relativePinball: 1.01 } }, 'loss_above_naive'],
    ['skill that is no longer known', { skill: { ...good, relativePinball: null } }, 'skill_unknown'],
  ])('goes to shadow at once on %s', (_, evidence, reason) => {
    const { ladder, now } = leading();
    const transition = ladder.observe({ time: now, skill: good, reasons: [], ...evidence });
    expect(transition).toMatchObject({ time: now, from: 'lead', to: 'shadow', reasons: [reason] });
    expect(transition!.explanation).toContain('fell from lead to shadow: ');
  });

  it.each<[string, Partial<LadderEvidence>, string]>([
    ['a regime change', { reasons: ['regime_change'] }, 'regime_change'],
    ['a loss that is no longer clearly below naive', { skill: { ...good, relativePinball: 0.975 } }, 'loss_slipped'],
    ['coverage that slips', { skill: { ...good, coverage80: 0.66 } }, 'coverage_slipped'],
  ])('no longer leads on %s', (_, evidence, reason) => {
    const { ladder, now } = leading();
    expect(ladder.observe({ time: now, skill: good, reasons: [], ...evidence })).toMatchObject({ from: 'lead', to: 'assist', reasons: [reason] });
  });

  it('goes on to shadow when a regime change lasts longer than a window', () => {
    const { ladder, now } = leading();
    const [, second] = feed(ladder, now, HOUR, { reasons: ['regime_change'] });
    expect(second).toMatchObject({ from: 'assist', to: 'shadow', reasons: ['regime_change'] });
    expect(second!.time - now).toBeLessThanOrEqual(defaultRules.windowSeconds);
  });

  it('takes time that goes back, or leaps ahead, as a clock jump', () => {
    for (const time of [-HOUR, 8 * HOUR + defaultRules.leapSeconds]) {
      const { ladder } = leading();
      expect(ladder.observe({ time, skill: good, reasons: [] })).toMatchObject({ to: 'shadow', reasons: ['clock_jump'] });
    }
  });

  it('leaves out evidence that is a little late', () => {
    const { ladder, now } = leading();
    expect(ladder.observe({ time: now - 3 * MINUTE, skill: { ...good, relativePinball: 2 }, reasons: [] })).toBeUndefined();
    expect(ladder.observe({ time: NaN, skill: { ...good, relativePinball: 2 }, reasons: [] })).toBeUndefined();
    expect(ladder.step).toBe('lead');
  });

  it('counts the beginning of a clock jump only, although the forecaster tells of it for a day', () => {
    const ladder = new Ladder();
    feed(ladder, 0, 8 * HOUR, { reasons: ['clock_jump'] });
    expect(ladder.step).toBe('lead');
  });

  it('has to earn longer after each fall, and is forgiven after days of calm', () => {
    const { ladder, now } = leading();
    ladder.observe({ time: now, skill: good, reasons: [], stalenessSeconds: 1000 });
    expect(ladder.status().progress!.required).toBe(2 * HOUR);
    feed(ladder, now + MINUTE, 25 * HOUR);
    expect(ladder.step).toBe('lead');
    ladder.observe({ time: now + 26 * HOUR, skill: good, reasons: [], stalenessSeconds: 1000 });
    expect(ladder.status().progress!.required).toBe(2 * HOUR);
  });
});

describe('explaining', () => {
  it('says why in one sentence, with the numbers', () => {
    const { ladder, now } = leading();
    const transition = ladder.observe({ time: now, skill: { ...good, relativePinball: 1.234 }, reasons: [], stalenessSeconds: 60 });
    expect(transition!.explanation).toBe('fell from lead to shadow: forecasts were worse than assuming that nothing changes '
      + '(1000 forecasts judged, loss over naive 1.23, 80 % band holds 80 %, 95 % band 95 %, newest value 60 s old)');
    expect(transition!.evidence).toEqual({ ...good, relativePinball: 1.234, stalenessSeconds: 60 });
    expect(ladder.status().transitions.at(-1)).toEqual(transition);
  });

  it('tells what a step allows', () => {
    expect((['shadow', 'assist', 'lead'] as const).map((step) => [rankOf(step), mayScale(step), mayScaleDown(step)]))
      .toEqual([[0, false, false], [1, true, false], [2, true, true]]);
  });
});

describe('keeping', () => {
  it('refuses what is not a snapshot of this version', () => {
    const snapshot = new Ladder().snapshot();
    for (const value of [null, undefined, 'shadow', {}, { ...snapshot, version: 2 }, { ...snapshot, step: 'top' }, { ...snapshot, good: NaN }, { ...snapshot, backoff: 0 },
      { ...snapshot, transitions: [null] }, { ...snapshot, counts: { a: 1 } }, { ...snapshot, counts: { 'shadow>assist': -1 } }]) {
      expect(Ladder.restore(value)).toBeUndefined();
    }
    expect(Ladder.restore(JSON.parse(JSON.stringify(snapshot)))).toBeDefined();
  });
});
