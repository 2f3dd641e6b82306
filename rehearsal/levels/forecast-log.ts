import { scoreForecast } from './forecast-run';
import type { Report } from '../report/schema';
import type { RunningService } from '../services';

/** What `GET /predict/:service/requests` answers, as far as it is read here. Times are unix seconds of the trace. */
interface Prediction {
  readonly origin: number;
  readonly stepSeconds: number;
  readonly point: readonly number[];
  readonly quantiles: Readonly<Record<string, readonly number[]>>;
  readonly model: string;
}

/** A forecaster that answers nonsense is a fault to rehearse, not one to fail from. */
function isPrediction(value: unknown): value is Prediction {
  const { origin, stepSeconds, point, quantiles, model } = (value ?? {}) as Partial<Prediction>;
  const numbers = (list: unknown): boolean => Array.isArray(list) && list.every((each) => Number.isFinite(each));
  return Number.isFinite(origin) && Number.isFinite(stepSeconds) && stepSeconds! > 0 && numbers(point) && typeof model === 'string'
    && typeof quantiles === 'object' && quantiles !== null && Object.values(quantiles).every(numbers);
}

/** Asks the running forecaster once a minute of the trace what it expects, and compares that with what came. */
export class ForecastLog {
  private readonly predictions: Prediction[] = [];
  private asked = -1;
  private pending = false;

  constructor(private readonly service: Pick<RunningService, 'url' | 'token'>, private readonly options: { readonly name: string; readonly namespace: string; readonly horizonMinutes: number }) {}

  /** Asks if this minute has not been asked for. Answers that fail or come late are left out: the forecaster may be the thing that was stopped. */
  poll(minute: number): void {
    if (this.pending || minute <= this.asked) return;
    this.asked = minute;
    this.pending = true;
    void this.ask().finally(() => { this.pending = false; });
  }

  private async ask(): Promise<void> {
    const { name, namespace, horizonMinutes } = this.options;
    const query = new URLSearchParams({ namespace, horizon: `${horizonMinutes}m`, quantiles: '0.025,0.1,0.9,0.975' });
    try {
      const answer = await fetch(`${this.service.url}/predict/${name}/requests?${query}`, { headers: { authorization: `Bearer ${this.service.token}` }, signal: AbortSignal.timeout(2000) });
      if (!answer.ok) return;
      const prediction: unknown = await answer.json();
      if (isPrediction(prediction)) this.predictions.push(prediction);
    } catch { /* counted by its absence */ }
  }

  /**
   * The report's section.
   *
   * @param o `start`: trace time of the first replayed minute; `history`, `replay`: requests per second, one per minute
   */
  section(o: { readonly start: number; readonly history: readonly number[]; readonly replay: readonly number[] }): Report['forecast'] {
    const { horizonMinutes } = this.options;
    const series = {
      time: [] as number[], actual: [] as number[], point: [] as number[], lower80: [] as number[], upper80: [] as number[], lower95: [] as number[], upper95: [] as number[],
    };
    let model = 'none';
    const seen = new Set<number>();
    for (const prediction of this.predictions) {
      const step = Math.round((horizonMinutes * 60) / prediction.stepSeconds);
      const time = prediction.origin + step * prediction.stepSeconds;
      const actual = o.replay[Math.round((time - o.start) / 60)];
      const at = (values: readonly number[] | undefined) => values?.[step - 1];
      const values = [at(prediction.point), ...['0.1', '0.9', '0.025', '0.975'].map((level) => at(prediction.quantiles[level]))];
      if (actual === undefined || seen.has(time) || values.some((value) => value === undefined)) continue;
      seen.add(time);
      model = prediction.model;
      series.time.push(time);
      series.actual.push(actual);
      [series.point, series.lower80, series.upper80, series.lower95, series.upper95].forEach((target, index) => target.push(values[index]!));
    }
    return { ...scoreForecast(o.history, series), horizonMinutes, model, series };
  }
}
