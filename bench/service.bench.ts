import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createForecaster, type Forecaster, type ForecasterOptions, restoreForecaster } from '../forecaster/engine';
import { catalogue, loadTrace } from '../rehearsal/traces';
import type { BenchRow } from './forecast.bench';

export const name = 'service';
export const description = 'What one core of the forecaster service carries: services per minute, and memory and bytes on disk of each';

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975];
const STEPS = 12;
const DAY = 86_400;
const HISTORY_DAYS = 14;
/** Series that are warmed up. Warming is not what is measured, and takes most of the time. */
const SERIES = 100;
/** What the engine is asked for at each resolution: 12 steps ahead, as far as the service looks at 5 minutes and a fifth of that at one. */
const RESOLUTIONS = [300, 60];

/** CPU times are this machine's; sizes are the same everywhere. */
export async function run(): Promise<{ rows: BenchRow[] }> {
  const rows: BenchRow[] = [];
  for (const stepSeconds of RESOLUTIONS) rows.push(...await resolution(stepSeconds));
  return { rows };
}

async function resolution(stepSeconds: number): Promise<BenchRow[]> {
  const options: ForecasterOptions = { stepSeconds, maxHorizonSeconds: 3600 };
  const what = (text: string) => `${text}, steps of ${stepSeconds / 60} min`;
  const load = steps(stepSeconds);
  const first = warmed(options, load);
  const snapshot = first.snapshot();
  const before = await memory();
  // Each is made from bytes of its own, so that none shares memory with another; all have learned the same 14 days.
  const fleet = Array.from({ length: SERIES }, () => restoreForecaster(options, Uint8Array.from(snapshot)));
  const after = await memory();

  let time = first.lastTime + stepSeconds;
  const round = (work: (forecaster: Forecaster, value: number) => void) => {
    const value = load[Math.round(time / stepSeconds) % load.length]!;
    for (const forecaster of fleet) work(forecaster, value * (0.9 + 0.2 * Math.abs(Math.sin(time))));
    time += stepSeconds;
  };
  const both = (forecaster: Forecaster, value: number) => {
    forecaster.observe(time, value);
    forecaster.forecast({ horizonSeconds: STEPS * stepSeconds, quantiles: LEVELS });
  };
  const milliseconds = (work: (forecaster: Forecaster, value: number) => void, rounds = 20) => {
    for (let i = 0; i < 5; i++) round(work);
    return cpuMs(() => { for (let i = 0; i < rounds; i++) round(work); }) / (rounds * SERIES);
  };
  const update = milliseconds((forecaster, value) => forecaster.observe(time, value));
  const each = milliseconds(both);
  const again = milliseconds((forecaster) => forecaster.forecast({ horizonSeconds: STEPS * stepSeconds, quantiles: LEVELS }));
  const pack = milliseconds((forecaster) => forecaster.snapshot(), 5);
  const restore = cpuMs(() => { for (let i = 0; i < SERIES; i++) restoreForecaster(options, snapshot); }) / SERIES;
  return [
    { what: what(`services a minute on one core (update and ${STEPS} steps x ${LEVELS.length} quantiles)`), value: 60_000 / each, unit: '1/min', baseline: 'target: at least 50000' },
    { what: what('update'), value: update, unit: 'ms CPU', baseline: 'target: at most 0.1' },
    { what: what('first forecast after an update'), value: each - update, unit: 'ms CPU', baseline: 'target: at most 1' },
    { what: what('forecast again'), value: again, unit: 'ms CPU' },
    { what: what('state of a service on disk'), value: snapshot.length / 1024, unit: 'KiB', baseline: 'target: at most 64' },
    { what: what('state of a service in memory'), value: (after - before) / SERIES / 1024, unit: 'KiB', baseline: 'target: at most 64' },
    { what: what('packing a service'), value: pack, unit: 'ms CPU' },
    { what: what('taking a service up again'), value: restore, unit: 'ms CPU', baseline: `learning its ${HISTORY_DAYS} days again = ${learning.get(stepSeconds)!.toPrecision(3)} ms` },
  ];
}

/** CPU of learning a whole history, by resolution. */
const learning = new Map<number, number>();

function warmed(options: ForecasterOptions, load: readonly number[]): Forecaster {
  const stepSeconds = options.stepSeconds!;
  const forecaster = createForecaster(options);
  const start = 20_000 * DAY;
  learning.set(stepSeconds, cpuMs(() => {
    for (let step = 0; step < (HISTORY_DAYS * DAY) / stepSeconds; step++) forecaster.observe(start + step * stepSeconds, load[step % load.length]!);
  }));
  return forecaster;
}

/** A shipped trace at a resolution, as often as it takes. */
function steps(stepSeconds: number): number[] {
  const trace = loadTrace(catalogue[0]!.name);
  const width = Math.max(1, Math.round(stepSeconds / trace.stepSeconds));
  const values: number[] = [];
  for (let i = 0; i + width <= trace.values.length; i += width) values.push(Array.from(trace.values.slice(i, i + width)).reduce((sum, value) => sum + value, 0) / width);
  return values;
}

/** Memory that is really used, arrays outside the heap included, bytes. */
async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((done) => setImmediate(done)); // arrays outside the heap are let go of after their turn
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
