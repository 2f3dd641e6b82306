import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FaultError } from '../../base/faults';
import { catalogue } from './catalogue';
import { parseCsv } from './parse-csv';
import { regrid } from './regrid';
import type { Trace } from './trace';

const GZIP = [0x1f, 0x8b];

function read(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const names = catalogue.map((each) => each.name).join(', ');
    throw new FaultError('the trace cannot be read', [
      { where: path, got: code === 'ENOENT' ? 'no such file' : code, allowed: `a readable .csv or .csv.gz file, or one of ${names}`, do: 'check the path given to --trace' },
    ]);
  }
  if (bytes[0] === GZIP[0] && bytes[1] === GZIP[1]) {
    try {
      bytes = gunzipSync(bytes);
    } catch (error) {
      throw new FaultError('the trace cannot be read', [
        { where: path, got: `gzip that does not unpack (${(error as Error).message})`, allowed: 'a whole gzip file', do: 'copy the file again' },
      ]);
    }
  }
  return bytes.toString('utf8');
}

/**
 * Loads a trace: the name of a shipped one, or a CSV file (plain or gzip) with the header `timestamp,value`.
 *
 * @param nameOrFile default: the first shipped trace
 * @throws FaultError with `file:line` for every fault
 */
export function loadTrace(nameOrFile: string = catalogue[0]!.name): Trace {
  const shipped = catalogue.find((each) => each.name === nameOrFile);
  const path = shipped ? join(__dirname, shipped.file) : nameOrFile;
  const file = basename(path);
  const samples = parseCsv(read(path), file);
  return {
    name: shipped?.name ?? file.replace(/\.csv(\.gz)?$/i, ''),
    source: shipped ? `${shipped.source} at ${shipped.commit.slice(0, 12)}` : file,
    licence: shipped?.licence ?? 'not stated',
    stepSeconds: 60,
    ...regrid(samples, file),
    samples: samples.length,
  };
}
