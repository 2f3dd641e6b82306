import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Fault, refuse, show } from '../../base/faults';

/** Names of the tracks, as `--track` takes them. */
export const TRACK_NAMES = ['ops5m', 'short', 'm4', 'oom'] as const;
export type TrackName = (typeof TRACK_NAMES)[number];

/** What the command line asks for; paths are absolute. */
export interface BacktestOptions {
  readonly data: string;
  readonly track: TrackName;
  /** Scores as JSON. */
  readonly out: string;
  /** The report beside it. */
  readonly page: string;
  /** JSON lines. @default - forecasts are scored and forgotten */
  readonly forecasts?: string;
  /** Run the Python baselines too. */
  readonly compare: boolean;
  readonly only?: readonly string[];
  /** @default - one per core */
  readonly jobs?: number;
}

export const USAGE = `usage: npx projen backtest --data DIR --track ${TRACK_NAMES.join('|')} --out FILE
                          [--forecasts FILE] [--compare] [--only id,...] [--jobs N]

  --data       folder that holds manifest.json (oom: oom_manifest.json; m4: m4_hourly/train.csv.gz)
  --track      what to score: ops5m (a week or more), short (a day or two), m4 (M4 Hourly), oom (out of memory)
  --out        scores as JSON; the report goes beside it, ending in .html
  --forecasts  every forecast, one JSON line each
  --compare    run statsforecast beside it (ops5m; needs Python 3.11 or later)
  --only       only these series
  --jobs       processes that share the work; the result does not depend on it (default: one per core)
`;

const flags = {
  data: { type: 'string' }, track: { type: 'string' }, out: { type: 'string' }, forecasts: { type: 'string' },
  compare: { type: 'boolean' }, only: { type: 'string' }, jobs: { type: 'string' }, help: { type: 'boolean' },
} as const;

/**
 * Reads the command line.
 *
 * @returns 'help' when that is asked for
 * @throws FaultError with everything that is wrong with it
 */
export function readOptions(argv: readonly string[], directory: string): BacktestOptions | 'help' {
  const { values, tokens } = parseArgs({ args: [...argv], options: flags, strict: false, tokens: true, allowPositionals: true });
  if (values.help) return 'help';
  const faults: Fault[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push({ where: 'command line', got: show(token.value), allowed: 'options only', do: 'remove it or name its option; --help lists them' });
    if (token.kind === 'option' && !(token.name in flags)) faults.push({ where: token.rawName, got: 'an unknown option', allowed: Object.keys(flags).map((name) => `--${name}`).join(', '), do: 'correct the name' });
  }
  const text = (name: 'data' | 'track' | 'out' | 'forecasts' | 'only' | 'jobs', allowed: string, required = false): string | undefined => {
    const value = values[name];
    if (typeof value === 'string' && value !== '') return value;
    if (value !== undefined || required) faults.push({ where: `--${name}`, got: value === undefined ? 'nothing' : 'no value', allowed, do: `add --${name} with a value` });
    return undefined;
  };
  const data = text('data', 'a folder with a manifest', true);
  const track = text('track', TRACK_NAMES.join(', '), true);
  if (track !== undefined && !(TRACK_NAMES as readonly string[]).includes(track)) faults.push({ where: '--track', got: show(track), allowed: TRACK_NAMES.join(', '), do: 'choose one of them' });
  const out = text('out', 'a path to a file', true);
  const forecasts = text('forecasts', 'a path to a file');
  const jobsText = text('jobs', 'a whole number from 1 to 256');
  const jobs = jobsText === undefined ? undefined : Number(jobsText);
  if (jobs !== undefined && !(Number.isInteger(jobs) && jobs >= 1 && jobs <= 256)) faults.push({ where: '--jobs', got: show(jobsText), allowed: 'a whole number from 1 to 256', do: 'correct it or leave it out' });
  const only = text('only', 'ids of series, separated by commas')?.split(',').map((id) => id.trim()).filter((id) => id !== '');

  const dataDir = data === undefined ? '' : resolve(directory, data);
  if (data !== undefined && !isFolder(dataDir)) faults.push({ where: '--data', got: `${show(data)}, which is no folder`, allowed: 'a folder with a manifest', do: 'correct the path' });
  const outFile = resolve(directory, out ?? '');
  const forecastFile = forecasts === undefined ? undefined : resolve(directory, forecasts);
  for (const [name, given, file] of [['--out', out, outFile], ['--forecasts', forecasts, forecastFile]] as const) {
    if (given !== undefined && isFolder(file!)) faults.push({ where: name, got: `${show(given)}, which is a folder`, allowed: 'a path to a file', do: 'add a file name' });
  }
  const page = `${outFile.slice(0, outFile.length - extname(outFile).length)}.html`;
  if (out !== undefined && page === outFile) faults.push({ where: '--out', got: show(out), allowed: 'a path that does not end in .html', do: 'end it in .json; the report goes beside it' });
  if (out !== undefined && forecastFile !== undefined && [outFile, page].includes(forecastFile)) faults.push({ where: '--forecasts', got: 'the file of the scores or the report', allowed: 'a file of its own', do: 'choose another name' });
  if (values.compare === true && track !== 'ops5m') faults.push({ where: '--compare', got: `track ${show(track)}`, allowed: 'track ops5m', do: 'leave out --compare: the other tracks name what others reached in their tables' });
  refuse('the command line is not usable', faults);
  return { data: dataDir, track: track as TrackName, out: outFile, page, forecasts: forecastFile, compare: values.compare === true, only, jobs };
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
