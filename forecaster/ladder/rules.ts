import type { LadderStep, Skill } from './steps';

/** What a step asks for before it is given. */
export interface Requirement {
  /** Forecasts that must have been judged. */
  readonly judged: number;
  /** Pinball loss over naive's must be at most this. */
  readonly relativePinball: number;
  /** Shares that must lie inside the bands. */
  readonly coverage80: readonly [min: number, max: number];
  readonly coverage95: readonly [min: number, max: number];
  /** All of this must have held for so long without a break, seconds. */
  readonly sustainedSeconds: number;
}

/** What a step is lost by. Wider than what it is given for, so that noise around one limit moves nothing. */
export interface Limit {
  readonly relativePinball: number;
  readonly coverage80: number;
  readonly coverage95: number;
}

/** When to climb and when to fall. */
export interface LadderRules {
  readonly require: Readonly<Record<Exclude<LadderStep, 'shadow'>, Requirement>>;
  /** At or beyond `assist`'s limit a series goes to shadow; beyond `lead`'s it may no longer lead. */
  readonly limit: Readonly<Record<Exclude<LadderStep, 'shadow'>, Limit>>;
  /** A break is answered within this time; also the longest pause between two pieces of evidence that counts as time spent well, seconds. */
  readonly windowSeconds: number;
  /** Staleness from which nothing is known about the present, seconds. */
  readonly staleAfterSeconds: number;
  /** Evidence that leaps ahead by more than this is a clock jump, seconds. */
  readonly leapSeconds: number;
  /** Every fall doubles the time needed to climb again, up to this factor. */
  readonly longestBackoff: number;
  /** After so long without a fall, one doubling is forgiven, seconds. */
  readonly forgiveSeconds: number;
  /** Transitions kept for explanation. */
  readonly history: number;
}

/** Rules for operational metrics at steps of one to five minutes. */
export const defaultRules: LadderRules = {
  require: {
    assist: { judged: 60, relativePinball: 0.98, coverage80: [0.7, 1], coverage95: [0.9, 1], sustainedSeconds: 3600 },
    lead: { judged: 300, relativePinball: 0.93, coverage80: [0.72, 0.95], coverage95: [0.92, 1], sustainedSeconds: 6 * 3600 },
  },
  limit: {
    assist: { relativePinball: 1, coverage80: 0.6, coverage95: 0.82 },
    lead: { relativePinball: 0.97, coverage80: 0.68, coverage95: 0.88 },
  },
  windowSeconds: 600,
  staleAfterSeconds: 300,
  leapSeconds: 6 * 3600,
  longestBackoff: 16,
  forgiveSeconds: 86_400,
  history: 20,
};

/** True if the skill is what a step asks for; unknown is never enough. */
export function satisfies(skill: Skill, requirement: Requirement): boolean {
  const within = (value: number | null, [min, max]: readonly [number, number]) => value !== null && value >= min && value <= max;
  return skill.judged >= requirement.judged
    && skill.relativePinball !== null && skill.relativePinball <= requirement.relativePinball
    && within(skill.coverage80, requirement.coverage80)
    && within(skill.coverage95, requirement.coverage95);
}
