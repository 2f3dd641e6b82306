import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { readOptions } from '../../../forecaster/backtest/options';

describe('the command line', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tideline-options-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function whereOf(...argv: string[]): string[] {
    try {
      readOptions(argv, folder);
    } catch (error) {
      if (error instanceof FaultError) return error.faults.map((fault) => fault.where);
      throw error;
    }
    return [];
  }

  it('is read', () => {
    expect(readOptions(['--data', '.', '--track', 'short', '--out', 'x/scores.json', '--forecasts', 'f.jsonl', '--only', 'a, b', '--jobs', '3'], folder)).toEqual({
      data: folder, track: 'short', out: join(folder, 'x/scores.json'), page: join(folder, 'x/scores.html'), forecasts: join(folder, 'f.jsonl'), compare: false, only: ['a', 'b'], jobs: 3,
    });
    expect(readOptions(['--help'], folder)).toBe('help');
  });

  it('gives the report a name beside a file without an ending', () => {
    expect(readOptions(['--data', '.', '--track', 'm4', '--out', 'scores'], folder)).toMatchObject({ page: join(folder, 'scores.html') });
  });

  it('is refused with everything that is wrong', () => {
    expect(whereOf()).toEqual(['--data', '--track', '--out']);
    expect(whereOf('stray', '--data', 'none', '--track', 'daily', '--out', '.', '--jobs', '0', '--colour', 'red').sort()).toEqual(
      ['--colour', '--data', '--jobs', '--out', '--track', 'command line', 'command line']);
    expect(whereOf('--data', '.', '--track', 'ops5m', '--out', 'a.html')).toEqual(['--out']);
    expect(whereOf('--data', '.', '--track', 'ops5m', '--out', 'a.json', '--forecasts', 'a.html')).toEqual(['--forecasts']);
    expect(whereOf('--data', '.', '--track', 'ops5m', '--out', 'a.json', '--jobs', '1.5')).toEqual(['--jobs']);
    expect(whereOf('--data', '.', '--track', 'ops5m', '--out', 'a.json', '--forecasts')).toEqual(['--forecasts']);
    expect(whereOf('--data', '.', '--track', 'short', '--out', 'a.json', '--compare')).toEqual(['--compare']);
  });
});
