import { AnchoredWeek } from './anchored-week';
import { Autoregression } from './autoregression';
import { HarmonicRegression } from './harmonic-regression';
import { DAY, HourlyModel } from './hourly-model';
import { SeasonalNaive } from './seasonal-naive';
import { WeeklyProfile } from './weekly-profile';

/** The last hours, the hours around the last days, and those around the last week. */
const DAYS_AND_WEEK = [1, 2, 3, 4, 23, 24, 25, 26, 47, 48, 49, 72, 96, 120, 144, 145, 167, 168, 169, 170, 192] as const;
/** The last hours and those around the last two days. */
const TWO_DAYS = [1, 2, 3, 22, 23, 24, 25, 26, 46, 47, 48, 49, 50] as const;
/** The last hours and yesterday's, where waves carry the rest. */
const SHORT = [1, 2, 3, DAY, DAY + 1] as const;
/** Every hour of the last day and those around the three days before. */
const LAST_DAYS = [...Array.from({ length: 26 }, (_, i) => i + 1), 48, 49, 72, 73] as const;

/** New models for one series; which of them suits it, its own past decides: see {@link HourlyForecaster}. */
export function hourlyMembers(): HourlyModel[] {
  return [
    new SeasonalNaive(DAY),
    new AnchoredWeek(),
    new WeeklyProfile(),
    new HarmonicRegression(),
    new Autoregression({ alias: 'ar-daily-difference', lags: DAYS_AND_WEEK, difference: DAY }),
    new Autoregression({ alias: 'ar-daily-difference-short', lags: LAST_DAYS, difference: DAY }),
    new Autoregression({ alias: 'ar-daily-difference-two-days', lags: TWO_DAYS, difference: DAY }),
    new Autoregression({ alias: 'ar-harmonic', lags: DAYS_AND_WEEK, harmonics: 6 }),
    new Autoregression({ alias: 'ar-harmonic-short', lags: SHORT, harmonics: 10 }),
  ];
}
