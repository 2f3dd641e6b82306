import { FaultError } from '../base/faults';
import { QUANTILES } from './contract';
import { type Skill } from './evaluation/skill';
import { BandedForecaster } from './intervals/banded-forecaster';
import type { CoreForecaster } from './intervals/core-forecaster';
import { REFINED_STEP_SECONDS, RefinedForecaster } from './intervals/refined-forecaster';
import { hasTwoScales, TwoScaleForecaster } from './intervals/two-scale-forecaster';
import { HORIZON } from './models/global/features';
import { ReasonCode } from './reasons';
import { Admission, Intake, IntakeCounts } from './series/intake';
import { Series, timeAt } from './series/series';
import { applyState, captureState } from './series/state-codec';

export type { ReasonCode } from './reasons';
export { reasonCodes } from './reasons';

/** How a series is forecast. */
export interface ForecasterOptions {
  /** Length of a step, seconds. @default 60 */
  readonly stepSeconds?: number;
  /** The longest horizon that can be asked for, seconds. @default 3600 */
  readonly maxHorizonSeconds?: number;
  /** Quantiles that forecasts carry unless others are asked for, each in (0, 1). @default - QUANTILES of the contract */
  readonly quantiles?: readonly number[];
  /** The series cannot be negative: negative values are dropped, bands end at 0. @default true */
  readonly nonNegative?: boolean;
}

/** What is asked of {@link Forecaster.forecast}. */
export interface ForecastRequest {
  /** How far ahead of the newest value, seconds; more than `maxHorizonSeconds` is cut, with a reason. */
  readonly horizonSeconds: number;
  /** Each in (0, 1), any order. @default - those of the forecaster */
  readonly quantiles?: readonly number[];
  /** The time it is, by the metrics' clock, seconds. @default - the time of the newest value */
  readonly now?: number;
}

/** What is asked of {@link Forecaster.demand}. */
export interface DemandRequest {
  /** How long capacity takes to arrive, seconds. */
  readonly leadTimeSeconds: number;
  /** In (0, 1). */
  readonly quantile: number;
  /** The time it is, by the metrics' clock, seconds. @default - the time of the newest value */
  readonly now?: number;
}

/** A forecast; every number in it is finite. */
export interface Forecast {
  /** Time of the newest value used, seconds. */
  readonly origin: number;
  readonly stepSeconds: number;
  /** Index i is for time `origin + (i + 1) * stepSeconds`. Empty when there is no data. */
  readonly point: number[];
  /** Keyed by the level as text, for example `0.9`; same length as `point`; never crossing. */
  readonly quantiles: Record<string, number[]>;
  /** The model that carries most weight half-way to the longest horizon. */
  readonly model: string;
  /** 0 to 1: length and completeness of history, calibration, calm and freshness, multiplied. */
  readonly confidence: number;
  readonly reasons: ReasonCode[];
}

/** Demand to provision for, in the unit of the series. */
export interface Demand {
  readonly value: number;
  readonly reasons: ReasonCode[];
}

/** What is known about a forecaster. */
export interface ForecasterStatus {
  readonly model: string;
  readonly confidence: number;
  /** Time of the newest value, seconds; null before the first. */
  readonly newest: number | null;
  readonly counts: Readonly<IntakeCounts>;
  /** Each model's share and its rolling error relative to naive, half-way to the longest horizon. */
  readonly members: readonly { readonly model: string; readonly weight: number; readonly relativeError: number | null }[];
  /** Rolling coverage of the 80 % and 95 % bands half-way to the longest horizon; null before enough forecasts came due. */
  readonly coverage80: number | null;
  readonly coverage95: number | null;
  /** How good its forecasts have lately been, against naive. */
  readonly skill: Skill;
  readonly reasons: readonly ReasonCode[];
}

/** Forecasts one series. Holds no clock and no randomness: the same samples give the same forecasts. */
export interface Forecaster {
  /** A finite value has been seen. */
  readonly ready: boolean;
  /** Time of the newest value, seconds; NaN before the first. */
  readonly lastTime: number;
  /**
   * Learns the value of the step that holds `time`. Never throws: samples that cannot be used are counted and show as reasons.
   *
   * @param time seconds
   */
  observe(time: number, value: number): void;
  /** Learns a whole series. */
  warm(series: Series): void;
  forecast(request: ForecastRequest): Forecast;
  /** The highest of a quantile over the lead time; 0 with reason `no_data` when nothing has been seen. */
  demand(request: DemandRequest): Demand;
  status(): ForecasterStatus;
  /** All that was learned, for {@link restoreForecaster}. */
  snapshot(): Uint8Array;
}

/**
 * Makes a forecaster of one series.
 *
 * @throws RangeError for options that make no sense
 */
export function createForecaster(options: ForecasterOptions = {}): Forecaster {
  return new SeriesForecaster(options);
}

/**
 * Makes a forecaster that goes on where another stopped.
 *
 * @param bytes what `snapshot()` of a forecaster with the same options gave
 * @throws RangeError for options that make no sense
 * @throws FaultError when the bytes are of other options or another version: begin anew then
 */
export function restoreForecaster(options: ForecasterOptions, bytes: Uint8Array): Forecaster {
  const forecaster = new SeriesForecaster(options);
  if (!applyState(forecaster, bytes)) {
    throw new FaultError('a forecaster cannot be restored', [{
      where: 'its snapshot', got: `${bytes.length} bytes of another shape`, allowed: 'a snapshot of the same options, from this version', do: 'learn the series again from its history',
    }]);
  }
  return forecaster;
}

const DAY_SECONDS = 86_400;
/** Values are late when this many steps have passed without one. */
const STALE_STEPS = 3;

class SeriesForecaster implements Forecaster {
  private readonly stepSeconds: number;
  private readonly maxSteps: number;
  private readonly levels: readonly number[];
  private readonly nonNegative: boolean;
  private readonly intake: Intake;
  /** Slot of the last refusal of each kind: reasons fade after a day. */
  private readonly refused: Record<Exclude<Admission, 'accepted'>, number> = { restart: NaN, non_finite: NaN, negative: NaN, implausible: NaN, duplicate: NaN, out_of_order: NaN };
  private core: CoreForecaster;
  private firstSlot = NaN;

  constructor(options: ForecasterOptions) {
    this.stepSeconds = options.stepSeconds ?? 60;
    if (!(this.stepSeconds > 0)) throw new RangeError(`stepSeconds is ${this.stepSeconds}; it must be above 0`);
    const horizon = options.maxHorizonSeconds ?? 3600;
    if (!(horizon >= this.stepSeconds)) throw new RangeError(`maxHorizonSeconds is ${horizon}; it must be at least one step (${this.stepSeconds})`);
    this.maxSteps = Math.floor(horizon / this.stepSeconds);
    this.levels = checkLevels(options.quantiles ?? QUANTILES);
    this.nonNegative = options.nonNegative ?? true;
    this.intake = new Intake(this.stepSeconds, this.nonNegative);
    this.core = this.start();
  }

  get ready(): boolean {
    return !Number.isNaN(this.intake.slot);
  }

  get lastTime(): number {
    return this.intake.slot * this.stepSeconds;
  }

  observe(time: number, value: number): void {
    const admission = this.intake.admit(time, value);
    if (admission !== 'accepted') this.refused[admission] = this.intake.slot;
    if (admission !== 'accepted' && admission !== 'restart') return;
    if (admission === 'restart') this.core = this.start();
    if (admission === 'restart' || Number.isNaN(this.firstSlot)) this.firstSlot = this.intake.slot;
    this.core.update(this.localSlot(), value);
  }

  warm(series: Series): void {
    series.values.forEach((value, index) => {
      if (!Number.isNaN(value)) this.observe(timeAt(series, index), value); // NaN says missing here, not broken
    });
  }

  forecast(request: ForecastRequest): Forecast {
    const levels = request.quantiles ? checkLevels(request.quantiles) : this.levels;
    const wanted = Math.ceil(positive(request.horizonSeconds, 'horizonSeconds') / this.stepSeconds);
    const steps = Math.min(wanted, this.maxSteps);
    const late = this.lateSteps(request.now);
    const reasons = this.reasons(late);
    if (wanted > this.maxSteps) reasons.push('horizon_capped');
    const prediction = this.ready ? this.core.predict(steps, levels) : { point: [], quantiles: levels.map(() => []) };
    return {
      origin: this.ready ? this.lastTime : 0,
      stepSeconds: this.stepSeconds,
      point: prediction.point,
      quantiles: Object.fromEntries(levels.map((level, i) => [String(level), prediction.quantiles[i]!])),
      model: this.core.leader(),
      confidence: this.confidence(late),
      reasons,
    };
  }

  demand(request: DemandRequest): Demand {
    const [level] = checkLevels([request.quantile]);
    const lead = Math.ceil(positive(request.leadTimeSeconds, 'leadTimeSeconds') / this.stepSeconds);
    const late = this.lateSteps(request.now);
    const reasons = this.reasons(late);
    if (!this.ready) return { value: 0, reasons };
    const last = Math.min(this.maxSteps, lead + late);
    if (lead + late > this.maxSteps) reasons.push('horizon_capped');
    const { quantiles: [values] } = this.core.predict(last, [level!]);
    let value = 0;
    for (let h = Math.min(late, last - 1); h < last; h++) value = Math.max(value, values![h]!);
    return { value, reasons };
  }

  status(): ForecasterStatus {
    const skill = this.core.skill();
    return {
      model: this.core.leader(),
      confidence: this.confidence(0),
      newest: this.ready ? this.lastTime : null,
      counts: { ...this.intake.counts },
      members: this.core.standings(),
      coverage80: skill.coverage80,
      coverage95: skill.coverage95,
      skill,
      reasons: this.reasons(0),
    };
  }

  snapshot(): Uint8Array {
    return captureState(this);
  }

  private start(): CoreForecaster {
    if (hasTwoScales(this.stepSeconds, this.maxSteps)) return new TwoScaleForecaster({ stepSeconds: this.stepSeconds, maxSteps: this.maxSteps, nonNegative: this.nonNegative });
    if (this.stepSeconds === REFINED_STEP_SECONDS && this.maxSteps <= HORIZON) return new RefinedForecaster({ nonNegative: this.nonNegative });
    return new BandedForecaster({ stepSeconds: this.stepSeconds, maxSteps: this.maxSteps, nonNegative: this.nonNegative });
  }

  /** Slots are counted from a whole day before the first value: small, positive, and in phase with the clock. */
  private localSlot(): number {
    const day = Math.max(1, Math.round(DAY_SECONDS / this.stepSeconds));
    return this.intake.slot - (Math.floor(this.firstSlot / day) - 1) * day;
  }

  /** Whole steps that ended before now without a value. */
  private lateSteps(now: number | undefined): number {
    if (now === undefined || !this.ready || !Number.isFinite(now)) return 0;
    return Math.max(0, Math.floor(now / this.stepSeconds) - this.intake.slot - 1);
  }

  private reasons(late: number): ReasonCode[] {
    if (!this.ready) return ['no_data'];
    const reasons = this.core.reasons();
    if (late >= STALE_STEPS) reasons.push('stale_metrics');
    const day = DAY_SECONDS / this.stepSeconds;
    for (const [admission, reason] of Object.entries(REFUSALS)) {
      if (this.intake.slot - this.refused[admission as keyof typeof REFUSALS] <= day) reasons.push(reason);
    }
    return reasons;
  }

  private confidence(late: number): number {
    if (!this.ready) return 0;
    return this.core.confidence() * Math.max(0, 1 - Math.max(0, late - STALE_STEPS + 1) / this.maxSteps);
  }
}

const REFUSALS: Record<Exclude<Admission, 'accepted'>, ReasonCode> = {
  restart: 'clock_jump',
  non_finite: 'non_finite_dropped',
  negative: 'negative_dropped',
  implausible: 'implausible_dropped',
  duplicate: 'duplicates_dropped',
  out_of_order: 'out_of_order_dropped',
};

function checkLevels(levels: readonly number[]): readonly number[] {
  const wrong = levels.find((level) => !(level > 0 && level < 1));
  if (wrong !== undefined) throw new RangeError(`a quantile is ${wrong}; it must be above 0 and below 1`);
  return levels;
}

function positive(value: number, name: string): number {
  if (!(value > 0 && value < Infinity)) throw new RangeError(`${name} is ${value}; it must be above 0 and finite`);
  return value;
}
