import { Fault, refuse, show } from '../../base/faults';
import type { Sample } from './trace';

/** How many faults are told one by one. */
const TOLD = 20;
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;
const HINT = 'see the first lines of a shipped trace in rehearsal/traces';

/** Unix seconds of a cell, or undefined. Times without a zone are UTC: a trace must not depend on who replays it. */
function parseTime(cell: string): number | undefined {
  if (/^\d{1,12}(\.\d+)?$/.test(cell)) return Number(cell);
  if (!ISO.test(cell)) return undefined;
  const text = cell.replace(' ', 'T');
  const parsed = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isFinite(parsed) ? parsed / 1000 : undefined;
}

/** A finite number, or undefined. Hexadecimal and blank cells are not numbers here. */
function parseValue(cell: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell)) return undefined;
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

/** Refuses with the faults told one by one, and the number of those left out. */
function refuseAll(file: string, faults: readonly Fault[]): void {
  const left = faults.length - TOLD;
  const told = faults.slice(0, TOLD);
  if (left > 0) told.push({ where: file, got: `${left} more faults`, allowed: 'none', do: 'mend the ones above first; they are often the same' });
  refuse(`the trace ${file} is not usable`, told);
}

/**
 * Reads `timestamp,value` rows. Tolerates a byte order mark, CRLF line ends and blank lines at the end.
 *
 * @param file name for faults, which are `file:line`
 * @returns at least one sample, in strictly rising time
 * @throws FaultError with the first 20 faults and the number of further ones
 */
export function parseCsv(text: string, file: string): Sample[] {
  const lines = (text.startsWith('\uFEFF') ? text.slice(1) : text).split(/\r\n|\n|\r/);
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  if (lines.length === 0) refuseAll(file, [{ where: `${file}:1`, got: 'an empty file', allowed: 'the header timestamp,value and rows', do: HINT }]);

  const faults: Fault[] = [];
  const header = lines[0]!.split(',').map((cell) => cell.trim().toLowerCase());
  if (header.length !== 2 || header[0] !== 'timestamp' || header[1] !== 'value') {
    faults.push({ where: `${file}:1`, got: show(lines[0]), allowed: 'the header timestamp,value', do: 'put that line first' });
  }
  if (lines.length === 1) faults.push({ where: `${file}:1`, got: 'a header without rows', allowed: 'at least one row', do: HINT });

  const samples: Sample[] = [];
  let latest = -Infinity;
  for (let index = 1; index < lines.length; index += 1) {
    const where = `${file}:${index + 1}`;
    const cells = lines[index]!.split(',').map((cell) => cell.trim());
    if (cells.length !== 2) {
      faults.push({
        where, got: lines[index]!.trim() === '' ? 'a blank line' : `${cells.length} columns`, allowed: '2 columns: timestamp,value', do: 'mend or delete the line',
      });
      continue;
    }
    const [first, second] = cells as [string, string];
    const time = parseTime(first);
    const value = parseValue(second);
    if (time === undefined) faults.push({ where, got: `timestamp ${show(first)}`, allowed: 'unix seconds or ISO 8601', do: 'mend the timestamp' });
    if (value === undefined) faults.push({ where, got: `value ${show(second)}`, allowed: 'a finite number', do: 'mend the value, or delete the line: short gaps are filled' });
    else if (value < 0) faults.push({ where, got: `value ${second}`, allowed: 'a rate of requests, 0 or more', do: 'mend the value' });
    if (time === undefined) continue;
    if (time === latest) faults.push({ where, got: `timestamp ${show(first)} again`, allowed: 'each timestamp once', do: 'delete one of the rows' });
    else if (time < latest) faults.push({ where, got: `timestamp ${show(first)} after a later one`, allowed: 'rising timestamps', do: 'sort the rows by time' });
    latest = Math.max(latest, time);
    if (value !== undefined) samples.push({ time, value, line: index + 1 });
  }
  refuseAll(file, faults);
  return samples;
}
