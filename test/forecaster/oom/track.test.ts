import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { oomTrack } from '../../../forecaster/backtest/tracks/oom';

interface Line {
  readonly id: string;
  readonly t: number;
  readonly p_oom_60: number;
  readonly minutes_to_oom: number | null;
  readonly alarm: boolean;
}

/** Minute of the gap in the leaking series. */
const GAP = 50;
const KILL = 300;

function write(dataDir: string, file: string, usage: (minute: number) => number, minutes: number, missing = -1): void {
  const rows = Array.from({ length: minutes }, (_, minute) => (minute === missing ? '' : `${minute * 60},${usage(minute)}\n`));
  writeFileSync(join(dataDir, 'oom', file), gzipSync(`timestamp,value\n${rows.join('')}`));
}

function folder(lastHour: (minute: number) => number): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'oom-track-'));
  mkdirSync(join(dataDir, 'oom'));
  const leak = (minute: number): number => 100 + 3 * minute + (minute % 2);
  write(dataDir, 'linear_00.csv.gz', (minute) => (minute < KILL - 60 ? leak(minute) : lastHour(minute)), KILL, GAP);
  write(dataDir, 'flat_01.csv.gz', (minute) => 400 + (minute % 3), 400);
  writeFileSync(join(dataDir, 'oom_manifest.json'), JSON.stringify({
    series: [
      { id: 'linear_00', kind: 'linear', file: 'oom/linear_00.csv.gz', limit_mib: 1000, oom_min: KILL, minutes: KILL },
      { id: 'flat_01', kind: 'flat', file: 'oom/flat_01.csv.gz', limit_mib: 1000, oom_min: null, minutes: 400 },
    ],
  }));
  return dataDir;
}

async function linesOf(dataDir: string, only?: readonly string[]): Promise<Line[]> {
  const lines: Line[] = [];
  await oomTrack.run({ dataDir, only, onForecast: (line) => lines.push(line as Line) });
  return lines;
}

describe('the out-of-memory track', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = folder((minute) => 100 + 3 * minute + (minute % 2));
  });

  it('scores ours beside the baseline, overall, per half and per kind', async () => {
    const { tables, series, skipped } = await oomTrack.run({ dataDir });
    const [overall, perKind] = tables;
    expect(overall!.rows.map(({ name }) => name)).toEqual(['tideline', 'tideline, even ids', 'tideline, odd ids', 'predict_linear_1h']);
    expect(overall!.rows[0]!.scores).toMatchObject({ series: 2, leaks: 1, missed: 0, fa_per_day_controls: 0 });
    expect(overall!.rows[0]!.scores.f1).toBeGreaterThan(0.8);
    expect(perKind!.rows).toHaveLength(4);
    expect(series.map(({ id }) => id)).toEqual(['flat_01', 'linear_00']);
    expect(skipped).toEqual([]);
  });

  it('tells every minute, those without a sample too', async () => {
    const lines = await linesOf(dataDir, ['linear_00']);
    expect(lines).toHaveLength(KILL);
    expect(lines[GAP]).toMatchObject({ id: 'linear_00', t: GAP * 60, alarm: false });
    expect(Object.keys(lines[0]!)).toEqual(['id', 't', 'p_oom_60', 'minutes_to_oom', 'alarm']);
    for (const line of lines) expect(Number.isFinite(line.p_oom_60)).toBe(true);
  });

  it('knows nothing of what comes later', async () => {
    const other = await linesOf(folder(() => 7), ['linear_00']);
    const lines = await linesOf(dataDir, ['linear_00']);
    expect(other.slice(0, KILL - 60)).toEqual(lines.slice(0, KILL - 60));
    expect(other.at(-1)).not.toEqual(lines.at(-1));
  });

  it('refuses a manifest without limits', async () => {
    const broken = mkdtempSync(join(tmpdir(), 'oom-track-'));
    writeFileSync(join(broken, 'oom_manifest.json'), JSON.stringify({ series: [{ id: 'a', kind: 'b', file: 'c', oom_min: null, minutes: 5 }] }));
    await expect(oomTrack.run({ dataDir: broken })).rejects.toThrow(FaultError);
  });
});
