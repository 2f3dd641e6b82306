import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aggregate, type ScoredSeries } from '../../../forecaster/backtest/aggregate';
import { BASELINES } from '../../../forecaster/backtest/baselines';
import { readSeriesFile } from '../../../forecaster/backtest/csv';
import { evaluateSeries, OURS, type Scored } from '../../../forecaster/backtest/evaluate';
import { toGrid } from '../../../forecaster/backtest/grid';
import { readManifest } from '../../../forecaster/backtest/manifest';
import { planSeries, STEP_SECONDS } from '../../../forecaster/backtest/protocol';
import { POOL_NAMES, scoreSeries, type SeriesScores } from '../../../forecaster/backtest/scores';

const FIXTURES = join(__dirname, 'fixtures');

interface Expected {
  tracks: Record<'ops5m' | 'short', {
    series: Record<string, { scale: number; meanAbsolute: number; origins: number; methods: Record<string, SeriesScores> }>;
    aggregate: Record<string, Record<string, Record<string, number>>>;
  }>;
  metrics: { actual: number[][]; forecasts: number[][][]; observed: boolean[][]; scale: number; meanAbsolute: number; scores: SeriesScores };
}

// Computed by the reference scorer of the public benchmark: fixtures/make_fixtures.py.
const expected = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')) as Expected;
const manifest = readManifest(FIXTURES);

/** Every number equal but for the order of summation. */
function expectClose(actual: unknown, wanted: Readonly<Record<string, number>>, what: string): void {
  for (const [key, value] of Object.entries(wanted)) {
    const got = (actual as Record<string, number>)[key]!;
    expect(Math.abs(got - value), `${what} ${key}: ${got}, reference ${value}`).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
  }
}

describe('scores of forecasts at random', () => {
  it('equal the reference', () => {
    const { forecasts, scores, ...truth } = expected.metrics;
    const got = scoreSeries(truth, forecasts)!;
    for (const pool of POOL_NAMES) expectClose(got[pool], { ...scores[pool] }, pool);
  });

  it('are none when nothing was observed at a horizon', () => {
    const { forecasts, actual, scale, meanAbsolute } = expected.metrics;
    const observed = actual.map((row) => row.map((_, step) => step !== 11));
    expect(scoreSeries({ actual, observed, scale, meanAbsolute }, forecasts)).toBeNull();
  });
});

describe.each(['ops5m', 'short'] as const)('track %s', (track) => {
  const entries = manifest.filter((series) => series.track === track);
  const evaluations = entries.map((series) => evaluateSeries(FIXTURES, series, track, () => 0));
  const scored = evaluations.filter((one): one is Scored => 'methods' in one);
  const wanted = expected.tracks[track];

  it('scores the series that the reference scores', () => {
    expect(scored.map((one) => one.id).sort()).toEqual(Object.keys(wanted.series).sort());
  });

  it('lays out origins, scale and normaliser as the reference does', () => {
    for (const series of entries) {
      const reference = wanted.series[series.id];
      if (!reference) continue;
      const plan = planSeries(toGrid(readSeriesFile(join(FIXTURES, series.file)), STEP_SECONDS, series.id), track);
      if ('reason' in plan) throw new Error(plan.reason);
      expect(plan.origins).toHaveLength(reference.origins);
      expectClose(plan.truth, { scale: reference.scale, meanAbsolute: reference.meanAbsolute }, series.id);
    }
  });

  it.each(Object.keys(wanted.aggregate))('scores %s as the reference does', (method) => {
    for (const one of scored) {
      for (const pool of POOL_NAMES) expectClose(one.methods[method]![pool], { ...wanted.series[one.id]!.methods[method]![pool] }, `${one.id} ${pool}`);
    }
  });

  it('averages over the series as the reference does', () => {
    for (const [method, pools] of Object.entries(wanted.aggregate)) {
      for (const pool of POOL_NAMES) {
        const { MASE, relMAE, relPL, sMAPE, wQL, cov80, cov95, under, over, over_at5: over5, win_vs_naive: win } = pools[pool] as Record<string, number>;
        const reference = { MASE, relMAE, relPL, sMAPE, wQL, cov80, cov95, under, over, over5, win } as Record<string, number>;
        expectClose(aggregate(scored as ScoredSeries[], method, pool), reference, `${method} ${pool}`);
      }
    }
  });

  it('scores the forecaster and every baseline the track has', () => {
    const methods = [OURS, ...Object.keys(BASELINES)].filter((name) => track === 'ops5m' || name !== 'snaive_1d');
    for (const one of scored) expect(Object.keys(one.methods)).toEqual(methods);
  });
});

describe('a series that says nothing', () => {
  it('is passed over with the reason', () => {
    const constant = manifest.find((series) => series.id === 'two/constant')!;
    expect(evaluateSeries(FIXTURES, constant, 'ops5m', () => 0)).toEqual({ id: 'two/constant', skipped: expect.stringContaining('constant') });
    const day = manifest.find((series) => series.id === 'two/day_cpu')!;
    expect(evaluateSeries(FIXTURES, day, 'ops5m', () => 0)).toEqual({ id: 'two/day_cpu', skipped: expect.stringContaining('needs 864') });
  });
});
