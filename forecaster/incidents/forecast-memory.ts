import { normalQuantile } from '../intervals/normal';
import { scoreOf } from './breach-probability';
import type { QuantileForecast } from './incident';

/** A forecast of one time, kept until its value comes. */
interface Issued {
  readonly time: number;
  readonly values: readonly number[];
}

/** As plain JSON. */
export interface ForecastMemorySnapshot {
  readonly lead: readonly Issued[];
  readonly path: readonly Issued[];
  readonly last: number | null;
  readonly products: number;
  readonly squares: number;
}

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.975];
const NORMALS = LEVELS.map(normalQuantile);
/** Forecasts are kept at this distance, seconds, or at every step if steps are longer. */
const CADENCE = 300;
/** Departures show best against what was expected an hour before: forecasts of the next step follow them at once. */
const LEAD = 3600;
const PATH = 1800;
/** Scores beyond this are all as surprising. */
const FAR = 20;
/** Pairs of scores after which what was learned counts as much as what is assumed, and after which old ones are forgotten. */
const ASSUMED_PAIRS = 50;
const REMEMBERED_PAIRS = 1000;
const ASSUMED = 0.95 ** (CADENCE / 60);

/**
 * Keeps some of the forecasts of one series until their values come, and tells how surprising these are. Also learns how errors follow each
 * other along one path, which the quantiles do not tell. Bounded: at most 13 + 7 forecasts of one time.
 */
export class ForecastMemory {
  private lead: Issued[] = [];
  private path: Issued[] = [];
  private last = -Infinity;
  private previous = NaN;
  private products = ASSUMED * ASSUMED_PAIRS;
  private squares = ASSUMED_PAIRS;

  /** Keeps what a forecast says of an hour ahead, and of the way there when the last way has been walked. */
  issue(forecast: QuantileForecast): void {
    const { origin, stepSeconds } = forecast;
    const steps = Math.min(...LEVELS.map((level) => forecast.quantiles[String(level)]?.length ?? 0));
    if (!(steps > 0) || !Number.isFinite(origin)) return;
    if (origin < this.last) this.forget();
    const cadence = Math.max(CADENCE, stepSeconds);
    if (origin < this.last + cadence) return;
    this.last = origin;
    const at = (step: number): Issued => ({ time: origin + step * stepSeconds, values: LEVELS.map((level) => forecast.quantiles[String(level)]![step - 1]!) });
    this.lead.push(at(Math.min(steps, Math.max(1, Math.round(LEAD / stepSeconds)))));
    this.lead = this.lead.slice(-Math.ceil(LEAD / CADENCE) - 1);
    if (this.path.length > 0) return;
    const stride = Math.round(cadence / stepSeconds);
    for (let step = stride; step <= Math.min(steps, PATH / stepSeconds); step += stride) this.path.push(at(step));
    this.previous = NaN;
  }

  /** The normal score of a value in the forecast that was made for its time an hour before; undefined when none was. */
  score(time: number, value: number): number | undefined {
    this.follow(time, value);
    const found = this.lead.find((each) => each.time === time);
    this.lead = this.lead.filter((each) => each.time > time);
    return found && score(found, value);
  }

  /** Correlation of the normal scores of two steps that follow each other, for `breachProbability`. */
  persistence(stepSeconds: number): number {
    const perCadence = Math.max(0, Math.min(0.999, this.products / this.squares));
    return perCadence ** (stepSeconds / Math.max(CADENCE, stepSeconds));
  }

  snapshot(): ForecastMemorySnapshot {
    return { lead: this.lead, path: this.path, last: Number.isFinite(this.last) ? this.last : null, products: this.products, squares: this.squares };
  }

  static restore(snapshot: ForecastMemorySnapshot): ForecastMemory {
    const memory = new ForecastMemory();
    memory.lead = snapshot.lead.slice(-Math.ceil(LEAD / CADENCE) - 1);
    memory.path = snapshot.path.slice(0, Math.ceil(PATH / CADENCE) + 1);
    memory.last = snapshot.last ?? -Infinity;
    memory.products = snapshot.products;
    memory.squares = snapshot.squares;
    return memory;
  }

  /** Learns from the path that is under way. */
  private follow(time: number, value: number): void {
    while (this.path.length > 0 && this.path[0]!.time < time) {
      this.path.shift();
      this.previous = NaN; // a value was missing
    }
    if (this.path[0]?.time !== time) return;
    const seen = Math.max(-3, Math.min(3, score(this.path.shift()!, value)));
    if (!Number.isNaN(this.previous)) {
      const fade = 1 - 1 / REMEMBERED_PAIRS;
      this.products = this.products * fade + this.previous * seen;
      this.squares = this.squares * fade + (this.previous ** 2 + seen ** 2) / 2;
    }
    this.previous = seen;
  }

  private forget(): void {
    this.lead = [];
    this.path = [];
    this.last = -Infinity;
  }
}

function score({ values }: Issued, value: number): number {
  return scoreOf(value, values, NORMALS, FAR);
}
