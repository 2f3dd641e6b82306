import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import { readSeriesFile } from '../backtest/csv';
import { type Grid, toGrid } from '../backtest/grid';
import { type ManifestSeries, readManifest } from '../backtest/manifest';
import { BandedForecaster } from '../intervals/banded-forecaster';
import { LOCAL_WINDOW } from '../intervals/refined-forecaster';
import { FEATURES, FeatureExtractor, HORIZON } from '../models/global/features';
import { baseOf } from '../models/global/global-model';
import { describeOrigin } from '../models/global/origin';

/**
 * Writes what the global model is trained on: `rows.f32` with, for every example, its features, the base that the trees correct, the
 * target in units of the features, and the number of its series; and `meta.json`.
 *
 * Only series whose licence allows shipping what was learned from them are used, and only the first 70 % of each: the rest is what the
 * backtest scores. Features come from the code that forecasts, so training and use cannot drift apart.
 */
const STEP = 300;
const TRAINING_SHARE = 0.7;
/** Examples: origins per series, horizons per origin, and short histories cut out of long ones, so that the first days are learnt too. */
const ORIGINS = 900;
const HORIZONS = 4;
const CUTS = 4;
const CUT_STEPS = 480;
const CUT_ORIGINS = 40;

/** MIT, Apache, BSD and CC-BY data whose carrier says so as well, and the Internet Traffic Archive's own logs. */
function mayBeLearned({ license = '', dataset }: ManifestSeries): boolean {
  return /^(MIT|Apache-2\.0|BSD|CC-BY-4\.0)/.test(license) || dataset === 'azure_vm' || /Internet Traffic Archive \(freely redistributable\)/.test(license);
}

/* eslint-disable no-bitwise -- a generator of random numbers is made of them */
/** Small, seeded, good enough to choose examples (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/* eslint-enable no-bitwise */

const random = generator(20261121);

/** `count` of the numbers from `from` to `to - 1`, or all of them. */
function choose(from: number, to: number, count: number): Set<number> {
  const all = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  for (let i = 0; i < Math.min(count, all.length); i++) {
    const j = i + Math.floor(random() * (all.length - i));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return new Set(all.slice(0, count));
}

/** Examples of the values `from` to `to - 1`, as a forecaster sees them that begins at `from`. */
function examples(grid: Grid, from: number, to: number, origins: Set<number>, number_: number, emit: (row: Float32Array) => void): void {
  const { start, values, observed } = grid;
  const nonNegative = !values.subarray(from, to).some((value) => value < 0);
  const local = new BandedForecaster({ stepSeconds: STEP, maxSteps: HORIZON, nonNegative, window: LOCAL_WINDOW });
  const extractor = new FeatureExtractor();
  const day = 86_400 / STEP;
  const phase = (start / STEP + from) % day + day - from;
  for (let i = from; i < to; i++) {
    if (observed[i]) local.update(i + phase, values[i]!);
    if (!observed[i] || !origins.has(i)) continue;
    describeOrigin(local, extractor);
    for (const h of choose(1, HORIZON + 1, HORIZONS)) {
      if (i + h >= to || !observed[i + h]) continue;
      const row = new Float32Array(FEATURES.length + 3);
      row.set(extractor.rows.subarray((h - 1) * FEATURES.length, h * FEATURES.length));
      row[FEATURES.length] = baseOf(extractor.rows, h - 1);
      row[FEATURES.length + 1] = (values[i + h]! - extractor.base) / extractor.unit;
      row[FEATURES.length + 2] = number_;
      emit(row);
    }
  }
}

function main(dataDir: string, out: string): void {
  mkdirSync(out, { recursive: true });
  const chosen = readManifest(dataDir).filter((series) => (series.track === 'ops5m' || series.track === 'short') && mayBeLearned(series)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const file = openSync(join(out, 'rows.f32'), 'w');
  let rows = 0;
  const emit = (row: Float32Array) => {
    writeSync(file, Buffer.from(row.buffer));
    rows += 1;
  };
  chosen.forEach(({ id, file: name, track }, number_) => {
    const grid = toGrid(readSeriesFile(join(dataDir, name)), STEP, name);
    const end = Math.ceil(TRAINING_SHARE * grid.values.length);
    examples(grid, 0, end, choose(12, end - 1, track === 'ops5m' ? ORIGINS : 80), number_, emit);
    for (let cut = 0; track === 'ops5m' && cut < CUTS && end > 2 * CUT_STEPS; cut++) {
      const from = Math.floor(random() * (end - CUT_STEPS));
      examples(grid, from, from + CUT_STEPS, choose(from, from + CUT_STEPS, CUT_ORIGINS), number_, emit);
    }
    if (number_ % 10 === 9 || number_ === chosen.length - 1) process.stderr.write(`\r${number_ + 1}/${chosen.length} series, ${rows} examples  ${id.padEnd(60).slice(0, 60)}`);
  });
  closeSync(file);
  writeFileAtomic(join(out, 'meta.json'), `${JSON.stringify({ features: FEATURES, width: FEATURES.length + 3, rows, series: chosen.map(({ id }) => id), licenses: [...new Set(chosen.map(({ license }) => license))] }, null, 2)}\n`);
  process.stderr.write('\n');
}

const [dataDir, out] = process.argv.slice(2);
if (dataDir === undefined || out === undefined) {
  process.stderr.write('usage: tsx forecaster/training/export.ts DATA OUT\n');
  process.exitCode = 2;
} else {
  main(dataDir, out);
}
