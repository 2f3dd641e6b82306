export type { Skill } from '../evaluation/skill';

/** How far a forecast is trusted, from least to most. The index is what `tideline_ladder_step` says. */
export const ladderSteps = ['shadow', 'assist', 'lead'] as const;

/**
 * - `shadow`: forecasts are published, but nothing scales by them.
 * - `assist`: demand is published; it can only raise replicas above what reactive scaling wants.
 * - `lead`: demand may also hold replicas down early, ahead of a predicted low, inside the bounds of the scaling policy.
 */
export type LadderStep = (typeof ladderSteps)[number];

/** 0 for shadow, 1 for assist, 2 for lead. */
export function rankOf(step: LadderStep): number {
  return ladderSteps.indexOf(step);
}

/** Demand may be published: at `assist` and above. */
export function mayScale(step: LadderStep): boolean {
  return step !== 'shadow';
}

/** A predicted low may be used to scale down before reactive scaling would, inside the policy's bounds: at `lead` only. */
export function mayScaleDown(step: LadderStep): boolean {
  return step === 'lead';
}

/** Why a series went up or down the ladder. Codes are stable: they appear in the API, in metrics and in reports. */
export const ladderReasons = {
  earned: 'enough forecasts came due, and they were clearly better than naive with bands that hold, for long enough',
  no_data: 'no usable value has been seen',
  stale_metrics: 'the newest value is too old to forecast from',
  clock_jump: 'time went back or leapt ahead',
  forecaster_restarted: 'the forecaster began anew, so what it earned before no longer holds',
  regime_change: 'the series has changed its behaviour',
  coverage_collapse: 'far more values than promised fell outside the bands',
  loss_above_naive: 'forecasts were worse than assuming that nothing changes',
  coverage_slipped: 'the bands hold too few values to lead',
  loss_slipped: 'forecasts were no longer clearly better than naive',
  skill_unknown: 'how good the forecasts are can no longer be told',
} as const;

/** @see ladderReasons */
export type LadderReason = keyof typeof ladderReasons;
