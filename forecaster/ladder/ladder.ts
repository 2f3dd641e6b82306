import type { ReasonCode } from '../reasons';
import { explain } from './explain';
import { defaultRules, type LadderRules, satisfies } from './rules';
import { type LadderReason, type LadderStep, ladderSteps, rankOf, type Skill } from './steps';

/** What is known about a series at one time. */
export interface LadderEvidence {
  /** By the metrics' clock, seconds. */
  readonly time: number;
  readonly skill: Skill;
  /** Reasons that the forecaster gives. */
  readonly reasons: readonly ReasonCode[];
  /** Age of the newest value, seconds. @default 0 */
  readonly stalenessSeconds?: number;
}

/** A step up or down. */
export interface LadderTransition {
  /** By the metrics' clock, seconds. */
  readonly time: number;
  readonly from: LadderStep;
  readonly to: LadderStep;
  readonly reasons: readonly LadderReason[];
  /** What was known when it happened. */
  readonly evidence: Skill & { readonly stalenessSeconds: number };
  /** One sentence for people. */
  readonly explanation: string;
}

/** Where a series stands. */
export interface LadderStatus {
  readonly step: LadderStep;
  /** Since when, seconds; null before any evidence. */
  readonly since: number | null;
  /** Seconds of unbroken good evidence towards the next step, and how many it takes; null at the top. */
  readonly progress: { readonly seconds: number; readonly required: number } | null;
  /** The newest, oldest first. */
  readonly transitions: readonly LadderTransition[];
}

/** A ladder as plain JSON. */
export interface LadderSnapshot {
  readonly version: 1;
  readonly step: LadderStep;
  readonly since: number | null;
  readonly time: number | null;
  readonly good: number;
  readonly calm: number;
  readonly backoff: number;
  readonly judged: number;
  readonly jumped: boolean;
  readonly changingFor: number;
  readonly transitions: readonly LadderTransition[];
  readonly counts: Readonly<Record<string, number>>;
}

/** What calls for a step down, and how far. */
interface Break {
  readonly to: LadderStep;
  readonly reason: LadderReason;
}

/**
 * How far the forecasts of one series are trusted. Trust is earned slowly and lost at once.
 *
 * Cannot flap: a step up needs an unbroken stretch of good evidence that doubles with every fall, so whatever the stream,
 * there are at most `2 * (time observed / shortest stretch)` transitions. Holds no clock; memory is bounded.
 */
export class Ladder {
  private current: LadderStep = 'shadow';
  private since: number | null = null;
  private time: number | null = null;
  /** Seconds of unbroken good evidence towards the next step. */
  private good = 0;
  /** Seconds since the last fall, or since one was last forgiven. */
  private calm = 0;
  private backoff = 1;
  private judged = 0;
  /** The forecaster keeps telling of a clock jump for a day: only its beginning counts. */
  private jumped = false;
  private changingFor = 0;
  private past: LadderTransition[] = [];
  private readonly counted = new Map<string, number>();

  constructor(private readonly rules: LadderRules = defaultRules) {}

  get step(): LadderStep {
    return this.current;
  }

  /** Time of the newest evidence, seconds; null before any. */
  get newest(): number | null {
    return this.time;
  }

  /** The newest transitions, oldest first. */
  get transitions(): readonly LadderTransition[] {
    return this.past;
  }

  /** Transitions so far, by `from` and `to`. */
  get counts(): readonly { readonly from: LadderStep; readonly to: LadderStep; readonly count: number }[] {
    return [...this.counted].map(([key, count]) => {
      const [from, to] = key.split('>') as [LadderStep, LadderStep];
      return { from, to, count };
    });
  }

  /** Takes evidence in the order of time; evidence without a finite time, or a little older than the newest, is left out. Returns the transition it led to, if any. */
  observe(evidence: LadderEvidence): LadderTransition | undefined {
    const { time } = evidence;
    if (!Number.isFinite(time)) return undefined;
    const seen = { ...evidence, skill: clean(evidence.skill), stalenessSeconds: seconds(evidence.stalenessSeconds) };
    const elapsed = this.time === null ? 0 : time - this.time;
    if (elapsed < 0 && elapsed > -this.rules.windowSeconds) return undefined; // late, or a clock that was corrected a little
    const spent = Math.max(0, Math.min(elapsed, this.rules.windowSeconds));
    this.since ??= time;
    this.time = time;
    this.changingFor = seen.reasons.includes('regime_change') ? this.changingFor + spent : 0;
    const breaks = this.breaks(seen, elapsed);
    this.judged = seen.skill.judged;
    this.jumped = seen.reasons.includes('clock_jump');

    const floor = Math.min(...breaks.map(({ to }) => rankOf(to)));
    if (floor < rankOf(this.current)) return this.fall(ladderSteps[floor]!, breaks, seen);
    this.forgive(spent);
    const next = this.next();
    if (next === undefined || breaks.some(({ to }) => rankOf(to) < rankOf(next)) || !satisfies(seen.skill, this.rules.require[next])) {
      this.good = 0;
      return undefined;
    }
    this.good += spent;
    if (this.good < this.required(next)) return undefined;
    return this.move(next, ['earned'], seen);
  }

  status(): LadderStatus {
    const next = this.next();
    return {
      step: this.current,
      since: this.since,
      progress: next === undefined ? null : { seconds: this.good, required: this.required(next) },
      transitions: [...this.past],
    };
  }

  /** Everything there is to know, as plain JSON. */
  snapshot(): LadderSnapshot {
    const { current: step, since, time, good, calm, backoff, judged, jumped, changingFor } = this;
    return { version: 1, step, since, time, good, calm, backoff, judged, jumped, changingFor, transitions: [...this.past], counts: Object.fromEntries(this.counted) };
  }

  /** A ladder as it was; undefined if the value is not a snapshot of this version: trust that cannot be read is earned anew. */
  static restore(value: unknown, rules: LadderRules = defaultRules): Ladder | undefined {
    if (!isSnapshot(value)) return undefined;
    const ladder = new Ladder(rules);
    const { step, since, time, good, calm, backoff, judged, jumped, changingFor } = value;
    Object.assign(ladder, { current: step, since, time, good, calm, backoff: Math.min(backoff, rules.longestBackoff), judged, jumped, changingFor });
    ladder.past = value.transitions.slice(-rules.history);
    for (const [key, count] of Object.entries(value.counts)) ladder.counted.set(key, count);
    return ladder;
  }

  private next(): Exclude<LadderStep, 'shadow'> | undefined {
    return ladderSteps[rankOf(this.current) + 1] as Exclude<LadderStep, 'shadow'> | undefined;
  }

  private required(step: Exclude<LadderStep, 'shadow'>): number {
    return this.rules.require[step].sustainedSeconds * this.backoff;
  }

  /** Everything that forbids a step above `to`. */
  private breaks({ skill, reasons, stalenessSeconds }: Required<LadderEvidence>, elapsed: number): Break[] {
    const { limit, staleAfterSeconds, leapSeconds, windowSeconds } = this.rules;
    const shadow = (reason: LadderReason): Break => ({ to: 'shadow', reason });
    const assist = (reason: LadderReason): Break => ({ to: 'assist', reason });
    const breaks: Break[] = [];
    if (elapsed < 0 || elapsed > leapSeconds || (reasons.includes('clock_jump') && !this.jumped)) breaks.push(shadow('clock_jump'));
    else if (skill.judged < this.judged / 2) breaks.push(shadow('forecaster_restarted'));
    if (reasons.includes('no_data')) breaks.push(shadow('no_data'));
    if (reasons.includes('stale_metrics') || stalenessSeconds > staleAfterSeconds) breaks.push(shadow('stale_metrics'));
    if (reasons.includes('regime_change')) breaks.push(this.changingFor >= windowSeconds ? shadow('regime_change') : assist('regime_change'));
    const { relativePinball, coverage80, coverage95 } = skill;
    if (relativePinball === null || coverage80 === null || coverage95 === null) return [...breaks, shadow('skill_unknown')];
    if (relativePinball >= limit.assist.relativePinball) breaks.push(shadow('loss_above_naive'));
    else if (relativePinball >= limit.lead.relativePinball) breaks.push(assist('loss_slipped'));
    if (coverage80 < limit.assist.coverage80 || coverage95 < limit.assist.coverage95) breaks.push(shadow('coverage_collapse'));
    else if (coverage80 < limit.lead.coverage80 || coverage95 < limit.lead.coverage95) breaks.push(assist('coverage_slipped'));
    return breaks;
  }

  private fall(to: LadderStep, breaks: readonly Break[], evidence: Required<LadderEvidence>): LadderTransition {
    this.backoff = Math.min(this.rules.longestBackoff, this.backoff * 2);
    this.calm = 0;
    return this.move(to, breaks.filter((each) => rankOf(each.to) < rankOf(this.current)).map(({ reason }) => reason), evidence);
  }

  private forgive(spent: number): void {
    this.calm += spent;
    if (this.calm < this.rules.forgiveSeconds) return;
    this.calm = 0;
    this.backoff = Math.max(1, this.backoff / 2);
  }

  private move(to: LadderStep, reasons: readonly LadderReason[], { time, skill, stalenessSeconds }: Required<LadderEvidence>): LadderTransition {
    const from = this.current;
    const evidence = { ...skill, stalenessSeconds };
    const transition = { time, from, to, reasons, evidence, explanation: explain(from, to, reasons, evidence) };
    this.current = to;
    this.since = time;
    this.good = 0;
    this.past = [...this.past, transition].slice(-this.rules.history);
    this.counted.set(`${from}>${to}`, (this.counted.get(`${from}>${to}`) ?? 0) + 1);
    return transition;
  }
}

/** What is not a finite number is not known. */
function clean(skill: Skill): Skill {
  const known = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);
  return {
    judged: Math.max(0, known(skill.judged) ?? 0),
    relativePinball: known(skill.relativePinball),
    relativeError: known(skill.relativeError),
    coverage80: known(skill.coverage80),
    coverage95: known(skill.coverage95),
  };
}

/** An age that cannot be told is too old. */
function seconds(staleness: number | undefined): number {
  if (staleness === undefined) return 0;
  return Number.isFinite(staleness) ? Math.max(0, staleness) : Number.MAX_VALUE;
}

function isSnapshot(value: unknown): value is LadderSnapshot {
  if (typeof value !== 'object' || value === null) return false;
  const { version, step, since, time, good, calm, backoff, judged, jumped, changingFor, transitions, counts } = value as Partial<LadderSnapshot>;
  const amount = (each: unknown) => typeof each === 'number' && Number.isFinite(each) && each >= 0;
  return version === 1 && isStep(step) && [since, time].every((each) => each === null || Number.isFinite(each))
    && [good, calm, judged, changingFor].every(amount) && amount(backoff) && backoff! >= 1 && typeof jumped === 'boolean'
    && Array.isArray(transitions) && transitions.every(isTransition)
    && typeof counts === 'object' && counts !== null
    && Object.entries(counts).every(([key, count]) => amount(count) && key.split('>').length === 2 && key.split('>').every(isStep));
}

function isTransition(value: unknown): value is LadderTransition {
  if (typeof value !== 'object' || value === null) return false;
  const { from, to, time, reasons } = value as Partial<LadderTransition>;
  return isStep(from) && isStep(to) && Number.isFinite(time) && Array.isArray(reasons);
}

function isStep(value: unknown): value is LadderStep {
  return ladderSteps.includes(value as LadderStep);
}
