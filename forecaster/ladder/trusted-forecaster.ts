import { createForecaster, type Forecaster, type ForecasterOptions } from '../engine';
import type { Series } from '../series/series';
import { timeAt } from '../series/series';
import { Climber } from './climber';
import type { LadderRules } from './rules';
import type { LadderStep } from './steps';

/** A forecaster that says how far it is to be trusted. Its snapshot holds what it has learned, not what it has earned. */
export interface TrustedForecaster extends Forecaster {
  readonly step: LadderStep;
  /** Its demand may be used. */
  readonly mayScale: boolean;
}

/**
 * A forecaster with its ladder, as the service runs them: every value learned is evidence.
 *
 * @throws RangeError for options that make no sense
 */
export function createTrustedForecaster(options: ForecasterOptions = {}, rules?: LadderRules): TrustedForecaster {
  const forecaster = createForecaster(options);
  const climber = new Climber(forecaster, options.stepSeconds ?? 60, rules);
  const observe = (time: number, value: number): void => {
    forecaster.observe(time, value);
    if (forecaster.ready) climber.learned();
  };
  return {
    get ready() { return forecaster.ready; },
    get lastTime() { return forecaster.lastTime; },
    get step() { return climber.step; },
    get mayScale() { return climber.mayScale; },
    observe,
    warm: (series: Series) => series.values.forEach((value, index) => {
      if (!Number.isNaN(value)) observe(timeAt(series, index), value); // NaN says missing here, not broken
    }),
    forecast: (request) => forecaster.forecast(request),
    demand: (request) => forecaster.demand(request),
    status: () => forecaster.status(),
    snapshot: () => forecaster.snapshot(),
  };
}
