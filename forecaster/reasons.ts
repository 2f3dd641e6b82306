/** Why a forecast is what it is. Codes are stable: they appear in the API, in metrics and in reports. */
export const reasonCodes = {
  no_data: 'no usable value has been seen yet',
  insufficient_history: 'less than a day of history: no daily season, bands are widened',
  stale_metrics: 'the newest value is older than it should be; the forecast starts from it all the same',
  gaps_filled: 'more than 5 % of the last day is missing',
  constant_series: 'nothing has changed for an hour',
  seasonal_daily: 'models that know the time of day carry more than half of the weight',
  seasonal_weekly: 'more than a week of history: last week is used',
  fell_back_to_naive: 'no model is better than the last value, or none has shown enough errors',
  regime_change: 'recent errors are far above usual: the series has changed its behaviour',
  bands_uncalibrated: 'too few errors are known for the outer quantiles; they are widened',
  non_finite_dropped: 'NaN, infinite or absurdly large values were dropped during the last day',
  negative_dropped: 'negative values of a rate were dropped during the last day',
  implausible_dropped: 'a single value over 1000 times the largest before was dropped; a second in a row is believed',
  duplicates_dropped: 'several values for one step: the first was kept',
  out_of_order_dropped: 'values older than the newest were dropped',
  clock_jump: 'time went back or leapt ahead: the forecaster started anew from there',
  horizon_capped: 'the horizon is longer than this forecaster looks ahead; it was cut',
} as const;

/** @see reasonCodes */
export type ReasonCode = keyof typeof reasonCodes;
