import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { owa, scorePath } from '../../../forecaster/backtest/tracks/m4-scores';
import { m4Track } from '../../../forecaster/backtest/tracks/m4';
import { TrackOptions, TrackResult } from '../../../forecaster/backtest/track';
import { WEEK } from '../../../forecaster/hourly/hourly-model';
import { weeklyLoad } from './series';

const LEVELS = ['0.025', '0.1', '0.5', '0.9', '0.95', '0.975'];

interface Line { readonly id: string; readonly q: Record<string, number[]> }

let dataDir: string;
beforeEach(() => { dataDir = mkdtempSync(join(tmpdir(), 'm4-')); });
afterEach(() => { rmSync(dataDir, { recursive: true }); });

function put(content: Buffer): void {
  mkdirSync(join(dataDir, 'm4_hourly'), { recursive: true });
  writeFileSync(join(dataDir, 'm4_hourly', 'train.csv.gz'), content);
}

/** The layout of the competition: names, then values, then nothing up to the longest series. */
function put4(series: Readonly<Record<string, ArrayLike<number>>>): void {
  const longest = Math.max(...Object.values(series).map(values => values.length));
  const rows = Object.entries(series).map(([id, values]) => `${id},${Array.from(values).join(',')}${','.repeat(longest - values.length)}`);
  put(gzipSync(`V1,${Array.from({ length: longest }, (_, i) => `V${i + 2}`).join(',')}\n${rows.join('\n')}\n`));
}

async function run(options: Partial<TrackOptions> = {}): Promise<{ result: TrackResult; lines: Line[] }> {
  const lines: Line[] = [];
  const result = await m4Track.run({ dataDir, onForecast: line => lines.push(line as Line), ...options });
  return { result, lines };
}

/** What a run says of a series, without the processor time. */
function told(result: TrackResult, id: string, window: number): unknown {
  return (result.series.find(series => series.id === id)!.windows as unknown[])[window];
}

describe('m4 track', () => {
  const short = weeklyLoad(3 * WEEK, 0.05);
  const long = weeklyLoad(4 * WEEK, 0.05);

  it('forecasts 48 steps after the end of every series, as ordered quantiles', async () => {
    put4({ H1: short, H2: long });
    const { lines } = await run();
    expect(lines.map(line => line.id)).toEqual(['H1', 'H2']);
    for (const { q } of lines) {
      expect(Object.keys(q).sort()).toEqual(LEVELS);
      LEVELS.forEach((level, i) => {
        expect(q[level]).toHaveLength(48);
        if (i > 0) q[level]!.forEach((value, step) => expect(value).toBeGreaterThanOrEqual(q[LEVELS[i - 1]!]![step]!));
      });
    }
    expect(new Set(lines.map(line => JSON.stringify(line))).size).toBe(2);
  });

  it('judges ours and the yardsticks on two windows', async () => {
    put4({ H1: short, H2: long });
    const { result } = await run();
    expect(result.tables.map(table => table.rows.map(row => row.name))).toEqual(Array(2).fill([
      'naive2', 'seasonal-naive-24', 'seasonal-naive-168', 'theta', 'damped-holt-winters', 'multi-seasonal-decomposition', 'tideline-hourly',
    ]));
    for (const { rows } of result.tables) {
      expect(rows[0]!.scores.OWA).toBe(1);
      expect(rows[0]!.scores.coverage95).toBeNull();
      const ours = rows.at(-1)!.scores;
      expect(ours.OWA).toBeLessThan(rows[1]!.scores.OWA!);
      expect(ours.coverage95).toBeGreaterThan(0.8);
      expect(ours.MSIS95).toBeGreaterThan(0);
    }
    expect(result.series.map(series => series.id)).toEqual(['H1', 'H2']);
    expect(result.skipped).toEqual([]);
  });

  it('reads nothing of a window it is judged on: another future changes no forecast made before it', async () => {
    put4({ H1: long });
    const before = await run();
    put4({ H1: long.map((value, i) => (i >= long.length - 48 ? 3 * value + 50 : value)) });
    const after = await run();
    expect(told(after.result, 'H1', 1)).toEqual(told(before.result, 'H1', 1));
    expect((told(after.result, 'H1', 0) as { shares: object }).shares).toEqual((told(before.result, 'H1', 0) as { shares: object }).shares);
    expect(told(after.result, 'H1', 0)).not.toEqual(told(before.result, 'H1', 0));
  });

  it('forecasts but does not judge what cannot be scored', async () => {
    put4({ A: short.slice(0, 20), B: new Float64Array(3 * WEEK).fill(5), C: short });
    const { result, lines } = await run();
    expect(lines.map(line => line.id)).toEqual(['A', 'B', 'C']);
    expect(lines[1]!.q['0.975']).toEqual(Array(48).fill(5));
    expect(result.skipped).toEqual([
      { id: 'A', reason: expect.stringContaining('20 values') },
      { id: 'B', reason: expect.stringContaining('MASE') },
    ]);
    expect(result.series.map(series => series.id)).toEqual(['C']);
  });

  it('runs the chosen series alone', async () => {
    put4({ H1: short, H2: long });
    const { lines } = await run({ only: ['H2'] });
    expect(lines.map(line => line.id)).toEqual(['H2']);
  });

  it.each([
    ['is not there', () => {}, 'ENOENT'],
    ['is no gzip file', () => put(Buffer.from('V1,V2\n')), 'not a gzip file'],
    ['holds no series', () => put(gzipSync('V1,V2\n')), 'no series'],
    ['has a series without values', () => put(gzipSync('V1,V2\nH1,1,2\nH2,,\n')), 'H2'],
  ])('says what is wrong with a file that %s', async (_, prepare, got) => {
    prepare();
    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FaultError);
    expect((error as FaultError).faults[0]!.got).toContain(got);
  });
});

describe('m4 scores', () => {
  const training = Float64Array.from({ length: 48 }, (_, i) => (i < 24 ? 10 : 12));

  it('are those of the competition', () => {
    const scores = scorePath(Float64Array.from([10, 20]), Float64Array.from([10, 30]), training, {
      '0.025': [9, 22], '0.1': [9, 22], '0.9': [11, 40], '0.975': [11, 40],
    });
    expect(scores.smape).toBeCloseTo(20, 9); // (0 + 200 * 10 / 50) / 2
    expect(scores.mase).toBeCloseTo(2.5, 9); // 5 / 2
    expect(scores.msis).toBeCloseTo((2 + 18 + 40 * 2) / 2 / 2, 9);
    expect(scores.coverage95).toBe(0.5);
  });

  it('have no error where nothing was forecast and nothing came', () => {
    expect(scorePath(Float64Array.from([0]), Float64Array.from([0]), training).smape).toBe(0);
  });

  it('weigh both errors alike', () => {
    expect(owa({ smape: 5, mase: 3 }, { smape: 10, mase: 2 })).toBe(1);
  });
});
