import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { parseCsv } from '../../../rehearsal/traces/parse-csv';

function faults(text: string): { where: string; got: string }[] {
  try {
    parseCsv(text, 'x.csv');
  } catch (error) {
    if (error instanceof FaultError) return error.faults.map(({ where, got }) => ({ where, got }));
    throw error;
  }
  return [];
}

describe('a usable file', () => {
  it('gives its rows with their lines', () => {
    expect(parseCsv('timestamp,value\n60,1.5\n120,2e1\n', 'x.csv')).toEqual([{ time: 60, value: 1.5, line: 2 }, { time: 120, value: 20, line: 3 }]);
  });

  it('may have a byte order mark, CRLF, blank lines at the end, spaces and capitals', () => {
    expect(parseCsv('\uFEFFTimestamp, Value\r\n 60 , 1\r\n120,2\r\n\r\n \r\n', 'x.csv').map((each) => each.value)).toEqual([1, 2]);
  });

  it('may have ISO 8601 times, which are UTC unless they say otherwise', () => {
    const text = 'timestamp,value\n1970-01-01T00:01:00Z,1\n1970-01-01 00:02,2\n1970-01-01T01:03:00+01:00,3\n1970-01-01T00:04:00.500,4';
    expect(parseCsv(text, 'x.csv').map((each) => each.time)).toEqual([60, 120, 180, 240.5]);
  });
});

describe('an unusable file', () => {
  it.each([
    ['nothing', ''],
    ['blank lines only', '\n\n'],
  ])('with %s is refused as empty', (_, text) => {
    expect(faults(text)).toEqual([{ where: 'x.csv:1', got: 'an empty file' }]);
  });

  it('without rows or without the header is refused', () => {
    expect(faults('timestamp,value\n')).toEqual([{ where: 'x.csv:1', got: 'a header without rows' }]);
    expect(faults('60,1\n120,2')).toEqual([{ where: 'x.csv:1', got: '"60,1"' }]);
  });

  it.each([
    ['a value that is no number', '120,abc', 'value "abc"'],
    ['an empty value', '120,', 'value ""'],
    ['NaN', '120,NaN', 'value "NaN"'],
    ['an infinite value', '120,Infinity', 'value "Infinity"'],
    ['a value beyond all numbers', '120,1e999', 'value "1e999"'],
    ['a hexadecimal value', '120,0x10', 'value "0x10"'],
    ['a negative value', '120,-1', 'value -1'],
    ['a timestamp that is no time', 'noon,1', 'timestamp "noon"'],
    ['a date that does not exist', '2024-02-33T00:00:00Z,1', 'timestamp "2024-02-33T00:00:00Z"'],
    ['the same timestamp twice', '60,1', 'timestamp "60" again'],
    ['an earlier timestamp', '30,1', 'timestamp "30" after a later one'],
    ['a third column', '120,1,2', '3 columns'],
    ['one column', '120', '1 columns'],
    ['a blank line between rows', '', 'a blank line'],
  ])('with %s is refused at its line', (_, row, got) => {
    expect(faults(`timestamp,value\n60,1\n${row}\n180,1`)).toEqual([{ where: 'x.csv:3', got }]);
  });

  it('tells all faults at once', () => {
    expect(faults('timestamp,value\n60,x\n60,1\n30,-2').map(({ where }) => where)).toEqual(['x.csv:2', 'x.csv:3', 'x.csv:4', 'x.csv:4']);
  });

  it('tells the first 20 and how many more there are', () => {
    const all = faults(`timestamp,value\n${'x,y\n'.repeat(30)}`);
    expect(all).toHaveLength(21);
    expect(all.at(-1)).toEqual({ where: 'x.csv', got: '40 more faults' });
  });
});

describe('for any text', () => {
  it('there are rows that rise in time and are usable, or faults, never anything else', () => {
    const cell = fc.oneof(fc.integer({ min: -3, max: 9 }).map(String), fc.constantFrom('', 'NaN', 'x', '1e3', ' 7 ', '\uFEFF', '2024-01-01T00:00:00Z'));
    const text = fc.array(fc.array(cell, { minLength: 1, maxLength: 3 }), { maxLength: 6 }).map((rows) => `timestamp,value\n${rows.map((row) => row.join(',')).join('\n')}`);
    fc.assert(fc.property(text, (each) => {
      const found = faults(each);
      if (found.length > 0) return;
      const samples = parseCsv(each, 'x.csv');
      samples.forEach((sample, index) => {
        expect(sample.value).toBeGreaterThanOrEqual(0);
        if (index > 0) expect(sample.time).toBeGreaterThan(samples[index - 1]!.time);
      });
    }), { seed: 7, numRuns: 500 });
  });
});
