import { createForecaster } from '../forecaster/engine';
import { rollingOrigin } from '../forecaster/evaluation/rolling-origin';
import type { Series } from '../forecaster/series/series';
import { catalogue, loadTrace } from '../rehearsal/traces';

/** One measured figure beside its baseline. */
export interface BenchRow {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with. @default - a property of its own, such as coverage */
  readonly baseline?: string;
}

export const name = 'forecast';
export const description = 'Forecast error against naive, band coverage and CPU time on the shipped traces (rolling origin, last 30 %, one-minute steps)';

const MINUTES = [5, 10, 30, 60];
const HISTORY_MINUTES = 14 * 1440;

/** Accuracy is deterministic; CPU times are this machine's. */
export async function run(): Promise<{ rows: BenchRow[] }> {
  return { rows: [...catalogue.flatMap(({ name: trace }) => accuracy(trace)), ...speed()] };
}

function accuracy(trace: string): BenchRow[] {
  return rollingOrigin(minutes(trace), MINUTES, { horizonSteps: 60, every: 7 }).flatMap(({ steps, relativeMae, coverage80, coverage95, under90 }) => {
    const what = (figure: string) => `${trace}, ${steps} min ahead: ${figure}`;
    return [
      { what: what('MAE'), value: relativeMae, unit: 'ratio', baseline: 'naive (last value) = 1' },
      { what: what('coverage of the 80 % band'), value: coverage80, unit: 'share' },
      { what: what('coverage of the 95 % band'), value: coverage95, unit: 'share' },
      { what: what('minutes above the 0.9 quantile'), value: under90, unit: 'share' },
    ];
  });
}

function speed(): BenchRow[] {
  const { values, start } = minutes(catalogue[0]!.name);
  const forecaster = createForecaster();
  let time = start;
  const feed = (count: number) => {
    for (let i = 0; i < count; i++) {
      const index = ((time - start) / 60) % values.length;
      forecaster.observe(time, values[index]!);
      time += 60;
    }
  };
  const warm = cpuMs(() => feed(HISTORY_MINUTES));
  const update = cpuMs(() => feed(1440)) / 1440;
  const forecast = cpuMs(() => { for (let i = 0; i < 1000; i++) forecaster.forecast({ horizonSeconds: 3600 }); }) / 1000;
  const demand = cpuMs(() => { for (let i = 0; i < 1000; i++) forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9 }); }) / 1000;
  return [
    { what: 'warm-up from 14 days of minutes', value: warm, unit: 'ms CPU' },
    { what: 'update', value: update, unit: 'ms CPU', baseline: 'AutoARIMA refit = 440 ms' },
    { what: 'forecast, 60 steps and 6 quantiles', value: forecast, unit: 'ms CPU', baseline: 'AutoARIMA = 440 ms' },
    { what: 'demand over 5 minutes', value: demand, unit: 'ms CPU' },
  ];
}

function minutes(trace: string): Series {
  const { start, stepSeconds, values } = loadTrace(trace);
  return { start, step: stepSeconds, values: Float64Array.from(values) };
}

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
