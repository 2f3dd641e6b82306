import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { parseSeries, readSeriesFile } from '../../../forecaster/backtest/csv';
import { toGrid } from '../../../forecaster/backtest/grid';

function faultsOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof FaultError) return error.faults;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a series file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tideline-csv-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is read plain and packed alike, whatever its name', () => {
    const text = 'timestamp,value\n600,2\n300,1.5e0\n';
    writeFileSync(join(folder, 'plain.csv.gz'), text);
    writeFileSync(join(folder, 'packed.csv'), gzipSync(text));
    const plain = readSeriesFile(join(folder, 'plain.csv.gz'));
    expect(plain).toEqual({ times: Float64Array.of(300, 600), values: Float64Array.of(1.5, 2) });
    expect(readSeriesFile(join(folder, 'packed.csv'))).toEqual(plain);
  });

  it('is refused with four parts when it is missing or damaged', () => {
    expect(faultsOf(() => readSeriesFile(join(folder, 'none.csv')))).toMatchObject([{ got: 'no such file', do: expect.stringContaining('path') }]);
    writeFileSync(join(folder, 'cut.csv.gz'), gzipSync('timestamp,value\n1,2\n').subarray(0, 20));
    expect(faultsOf(() => readSeriesFile(join(folder, 'cut.csv.gz')))[0]!.got).toContain('damaged gzip');
  });

  it('takes a byte-order mark, Windows line ends, absent values and blank lines', () => {
    const { times, values } = parseSeries('\uFEFFtimestamp,value\r\n0,1\r\n300,\r\n600,NaN\r\n\r\n900,-4\r\n', 'x');
    expect([...times]).toEqual([0, 900]);
    expect([...values]).toEqual([1, -4]);
  });

  it('is refused with every fault at once, each with its line', () => {
    const faults = faultsOf(() => parseSeries('time,value\n0,1\n0x10,1\n2026-01-01,1\n300,12%\n600,inf\n1700000000000,1\n1,2,3\n', 'x.csv'));
    expect(faults.map((fault) => fault.where)).toEqual(['x.csv:1', 'x.csv:3', 'x.csv:4', 'x.csv:5', 'x.csv:6', 'x.csv:7', 'x.csv:8']);
    expect(faults[5]!.do).toContain('1000');
    for (const fault of faults) expect([fault.got, fault.allowed, fault.do].every((part) => part.length > 0)).toBe(true);
  });

  it('tells of one mistake made many times briefly', () => {
    const faults = faultsOf(() => parseSeries(`timestamp,value\n${'a,b\n'.repeat(5000)}`, 'x'));
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)!.got).toBe('4980 more such rows');
  });

  it('is refused when it holds no value', () => {
    for (const text of ['', 'timestamp,value\n', 'timestamp,value\n5,\n']) expect(faultsOf(() => parseSeries(text, 'x')).length).toBeGreaterThan(0);
  });

  it('gives values or faults for any text, never anything else', () => {
    const cell = fc.oneof(fc.double().map(String), fc.integer().map(String), fc.string({ maxLength: 6 }), fc.constantFrom('', 'NaN', '-', '1e999'));
    fc.assert(fc.property(fc.array(fc.tuple(cell, cell)), (rows) => {
      const text = `timestamp,value\n${rows.map((row) => row.join(',')).join('\n')}`;
      try {
        const { times, values } = parseSeries(text, 'x');
        expect(times.length).toBe(values.length);
        expect([...times, ...values].every(Number.isFinite)).toBe(true);
        expect([...times]).toEqual([...times].sort((a, b) => a - b));
      } catch (error) {
        expect(error).toBeInstanceOf(FaultError);
      }
    }));
  });
});

describe('the grid', () => {
  it('averages what falls into a bin, and fills from before where nothing does', () => {
    const samples = parseSeries('timestamp,value\n310,2\n599,4\n1500,10\n1500,20\n', 'x');
    expect(toGrid(samples, 300, 'x')).toEqual({
      stepSeconds: 300, start: 300, values: Float64Array.of(3, 3, 3, 3, 15), observed: Uint8Array.of(1, 0, 0, 0, 1),
    });
  });

  it('is aligned to multiples of the step before 1970 too', () => {
    expect(toGrid(parseSeries('timestamp,value\n-10,1\n10,2\n', 'x'), 300, 'x')).toMatchObject({ start: -300, values: Float64Array.of(1, 2) });
  });

  it('is refused when one stray timestamp would make it endless', () => {
    expect(faultsOf(() => toGrid(parseSeries('timestamp,value\n0,1\n9e10,1\n', 'x'), 300, 'x.csv'))[0]!.where).toBe('x.csv');
  });
});
