/** Why a container's outlook is what it is. Codes are stable: they appear in the API, in metrics and in reports. */
export const oomReasonCodes = {
  no_data: 'no usable value has been seen yet',
  no_limit: 'there is no limit: nothing to run into',
  insufficient_history: 'less than ten values since the container started',
  at_limit: 'the last value is at the limit',
  rising_steadily: 'the last hours rise more than chance explains',
  rising_faster: 'the last hour rises faster than the last three',
  floor_rising: 'what is left after each collection of garbage grows',
  peaks_near_limit: 'the peaks of a regular saw come near the limit',
  rising_in_steps: 'jumps add up, and another of their size would reach the limit',
  sudden_rise: 'the last minutes rose by more than is left, close to the limit',
  noise_near_limit: 'the ordinary scatter nearly reaches the limit',
  near_limit_flat: 'close to the limit, but without a trend',
  levelling_off: 'the rise slows down: more likely a warm-up than a leak',
  limit_changed: 'the limit changed during the last hour',
  restarted: 'the container started anew within the last hour: only values since then count for a trend',
  stale_metrics: 'the newest value is more than five steps old',
  bad_values_dropped: 'NaN, infinite, negative or absurdly large values were dropped during the last hour',
  late_values_dropped: 'values older than the newest were dropped during the last hour',
  clock_jump: 'time went back or leapt ahead: the watch started anew from there',
} as const;

/** @see oomReasonCodes */
export type OomReason = keyof typeof oomReasonCodes;
