import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Fault, FaultError, refuse, show } from '../../base/faults';

/** Samples of one series in time order. */
export interface SeriesSamples {
  /** Unix seconds, never falling; samples of the same second are neighbours. */
  readonly times: Float64Array;
  /** Same length as `times`; every one finite. */
  readonly values: Float64Array;
}

const HEADER = 'timestamp,value';
/** More faults than this in one file are one mistake made many times. */
const SHOWN_FAULTS = 20;
/** 5138-11-16 in seconds, 1973-03-03 in milliseconds: beyond it somebody exported milliseconds. */
const LATEST_SECONDS = 1e11;

/**
 * Reads a series file: CSV, plain or gzip (told by its first bytes), header `timestamp,value`, unix seconds.
 *
 * Rows may come in any order and share a second: both are sorted out here and averaged when binned. A row without a value (empty, `NaN`)
 * says that the sample is missing and is passed over, as an absent row would be.
 *
 * @throws FaultError with every fault of the file (at most 20 are shown) when it cannot be read or is not such a file
 */
export function readSeriesFile(path: string): SeriesSamples {
  return parseSeries(readText(path), path);
}

/**
 * Text of a file, plain or gzip.
 *
 * @throws FaultError when it cannot be read or unpacked
 */
export function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an unknown error';
    throw new FaultError('could not read a file', [
      { where: path, got: code === 'ENOENT' ? 'no such file' : `refused (${code})`, allowed: 'a file that this user can read', do: 'correct the path or the permissions' },
    ]);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (error) {
    throw new FaultError('could not unpack a file', [
      { where: path, got: `damaged gzip (${(error as Error).message})`, allowed: 'a complete gzip file or plain CSV', do: 'copy the file again' },
    ]);
  }
}

/** Reads the text of a series file; `where` names it in faults. */
export function parseSeries(text: string, where: string): SeriesSamples {
  const lines = text.split('\n');
  const faults: Fault[] = [];
  const header = (lines[0] ?? '').replace(/^\uFEFF/, '').trim();
  if (header !== HEADER) {
    faults.push({ where: `${where}:1`, got: header === '' ? 'no header' : show(header), allowed: HEADER, do: 'make the first line the header and give both columns' });
  }
  const rows: [number, number][] = [];
  let more = 0;
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index]!.trim();
    if (line === '') continue;
    const row = parseRow(line);
    if (row === 'missing') continue;
    if (Array.isArray(row)) rows.push(row);
    else if (faults.length < SHOWN_FAULTS) faults.push({ where: `${where}:${index + 1}`, ...row });
    else more++;
  }
  if (more > 0) faults.push({ where, got: `${more} more such rows`, allowed: 'none', do: 'mend the rows above first' });
  if (faults.length === 0 && rows.length === 0) faults.push({ where, got: 'no sample', allowed: 'at least one row with a value', do: 'check how the file was exported' });
  refuse('a series file is not usable', faults);
  rows.sort((a, b) => a[0] - b[0]);
  return { times: Float64Array.from(rows, (row) => row[0]), values: Float64Array.from(rows, (row) => row[1]) };
}

type RowFault = Omit<Fault, 'where'>;

function parseRow(line: string): [number, number] | 'missing' | RowFault {
  const cells = line.split(',');
  if (cells.length !== 2) return { got: show(line), allowed: 'two columns, timestamp and value', do: 'give one sample a line' };
  const time = toNumber(cells[0]!);
  if (!Number.isFinite(time)) return { got: `timestamp ${show(cells[0])}`, allowed: 'unix seconds as a number', do: 'convert dates to unix seconds' };
  if (Math.abs(time) >= LATEST_SECONDS) return { got: `timestamp ${show(cells[0])}`, allowed: 'unix seconds', do: 'divide milliseconds by 1000' };
  const text = cells[1]!.trim();
  if (text === '' || text.toLowerCase() === 'nan') return 'missing';
  const value = toNumber(text);
  if (!Number.isFinite(value)) return { got: `value ${show(text)}`, allowed: 'a finite number, or nothing where the sample is missing', do: 'export numbers without units or leave the cell empty' };
  return [time, value];
}

/** NaN for everything that is not a plain decimal number; `Number('')` and `Number('0x10')` would not do. */
function toNumber(text: string): number {
  const trimmed = text.trim();
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed) ? Number(trimmed) : NaN;
}
