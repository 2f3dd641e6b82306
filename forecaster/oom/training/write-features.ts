/** Writes the features of made-up series for `train.py`: `tsx forecaster/oom/training/write-features.ts OUT [series per kind]`. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { featureNames } from '../features';
import { BIN_MINUTES } from '../usage-history';
import { UsageLearner } from '../usage-learner';
import { controlKinds, leakKinds, makeSeries, seeded } from './generate';

/** Rows near a kill are kept more often: they decide. The weights of `train.py` undo it. */
const NEAR_MINUTES = 150;
const NEAR_STRIDE = 2;
const FAR_STRIDE = 5;
/** Stands for no kill. */
const NEVER = 1e6;
const SEED_STRIDE = 1000;
const SEED = 7;

const [, , out, perKind = '160'] = process.argv;
if (!out) throw new Error('say where to write');
const file = openSync(out, 'w');
let rows = 0;
[...leakKinds, ...controlKinds].forEach((kind, kindIndex) => {
  for (let index = 0; index < Number(perKind); index++) {
    const series = makeSeries(`${kind}_${index}`, kind, seeded(SEED_STRIDE * kindIndex + index + SEED));
    const core = new UsageLearner();
    const kept: number[] = [];
    series.usage.forEach((usage, minute) => {
      if (Number.isNaN(usage)) return;
      core.add(minute + (index % BIN_MINUTES), usage, false); // lives begin anywhere in a bin
      const left = series.oomMinute === null ? NEVER : series.oomMinute - minute;
      // The features of bins are kept from the first minute of a bin on, so every minute is read.
      const features = core.features(1);
      if ((minute + index) % (left < NEAR_MINUTES ? NEAR_STRIDE : FAR_STRIDE) === 0) kept.push(left, ...features);
    });
    writeSync(file, new Uint8Array(Float32Array.from(kept).buffer));
    rows += kept.length / (featureNames.length + 1);
  }
});
closeSync(file);
writeFileSync(`${out}.json`, JSON.stringify({ features: featureNames, rows, nearMinutes: NEAR_MINUTES, nearStride: NEAR_STRIDE, farStride: FAR_STRIDE }));
