import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSeriesFile } from '../../../forecaster/backtest/csv';

const ROOT = join(__dirname, '../../..');
const FIXTURES = join(__dirname, 'fixtures');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(argv: readonly string[]): { readonly process: ChildProcess; readonly ended: Promise<Ended>; readonly said: (text: string) => Promise<void> } {
  const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), join(ROOT, 'forecaster/backtest/main.ts'), ...argv], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  let heard: () => void = () => undefined;
  child.stdout.on('data', (chunk) => { out += String(chunk); });
  child.stderr.on('data', (chunk) => { err += String(chunk); heard(); });
  return {
    process: child,
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err }))),
    said: (text) => new Promise((resolve) => {
      heard = () => { if (err.includes(text)) resolve(); };
      heard();
    }),
  };
}

const run = (...argv: string[]) => start(argv).ended;

describe('the backtest command', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tideline-backtest-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const linesOf = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { id: string; origin: number; q: Record<string, number[]>; cpu_ms: number });
  const scoresOf = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, never> & { tables: { title: string }[]; series: { id: string; cpu?: unknown }[]; skipped: { id: string }[] };
  const withoutCpu = (name: string) => {
    const { tables, series, ...rest } = scoresOf(name);
    return { ...rest, tables: tables.filter((table) => table.title !== 'CPU'), series: series.map(({ cpu: _, ...one }) => one) };
  };

  it('scores a folder, and the result does not depend on the number of processes', async () => {
    for (const jobs of ['1', '3']) {
      const ended = await run('--data', FIXTURES, '--track', 'ops5m', '--out', join(folder, `${jobs}/scores.json`), '--forecasts', join(folder, `${jobs}/f.jsonl`), '--jobs', jobs);
      expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('tideline') });
      expect(ended.err).toContain('4/4');
    }
    expect(withoutCpu('3/scores.json')).toEqual(withoutCpu('1/scores.json'));
    const lines = linesOf('1/f.jsonl');
    expect(linesOf('3/f.jsonl').map((line) => ({ ...line, cpu_ms: 0 }))).toEqual(lines.map((line) => ({ ...line, cpu_ms: 0 })));
    expect(lines.map((line) => `${line.id} ${line.origin.toString().padStart(12, '0')}`)).toEqual(lines.map((line) => `${line.id} ${line.origin.toString().padStart(12, '0')}`).sort());
    expect(lines.every((line) => line.cpu_ms >= 0 && Object.values(line.q).every((values) => values.length === 12))).toBe(true);
    expect(scoresOf('1/scores.json').series.map((one) => one.id)).toEqual(['one/load', 'one/signed', 'two/sparse']);
    expect(scoresOf('1/scores.json').skipped.map((one) => one.id)).toEqual(['two/constant']);
    expect(readFileSync(join(folder, '1/scores.html'), 'utf8')).toContain('<svg');
    expect(readdirSync(join(folder, '1')).sort()).toEqual(['f.jsonl', 'scores.html', 'scores.json']);
  });

  it('gives the same line when the future of its origin is another', async () => {
    const data = join(folder, 'other-future');
    cpSync(FIXTURES, data, { recursive: true });
    const first = linesOf('1/f.jsonl').filter((line) => line.id === 'one/load');
    const kept = 10;
    const origin = first[kept - 1]!.origin;
    const { times, values } = readSeriesFile(join(FIXTURES, 'load.csv.gz'));
    const rows = [...times].map((time, index) => `${time},${time < origin + 300 ? values[index] : 9999 - index}`);
    writeFileSync(join(data, 'load.csv.gz'), `timestamp,value\n${rows.join('\n')}\n`);
    expect(await run('--data', data, '--track', 'ops5m', '--out', join(folder, 'other.json'), '--forecasts', join(folder, 'other.jsonl'), '--only', 'one/load')).toMatchObject({ code: 0 });
    const other = linesOf('other.jsonl');
    const plain = (lines: typeof other) => lines.map(({ cpu_ms: _, ...line }) => line);
    expect(plain(other).slice(0, kept)).toEqual(plain(first).slice(0, kept));
    expect(plain(other)[kept]).not.toEqual(plain(first)[kept]);
  });

  it('scores cold start', async () => {
    expect(await run('--data', FIXTURES, '--track', 'short', '--out', join(folder, 'short.json'))).toMatchObject({ code: 0 });
    expect(scoresOf('short.json').series.map((one) => one.id)).toEqual(['two/day_cpu', 'two/day_memory']);
  });

  it('refuses what it cannot use with exit code 2 and writes nothing', async () => {
    const data = join(folder, 'broken');
    mkdirSync(data);
    const entry = { dataset: 'd', kind: 'cpu', track: 'ops5m' };
    writeFileSync(join(data, 'manifest.json'), JSON.stringify({ series: [{ ...entry, id: 'a', file: 'a.csv' }, { ...entry, id: 'b', file: 'b.csv' }] }));
    writeFileSync(join(data, 'b.csv'), 'timestamp,value\n0,eleven\n');
    const out = join(folder, 'refused.json');
    const lines = join(folder, 'refused.jsonl');
    const unreadable = await run('--data', data, '--track', 'ops5m', '--out', out, '--forecasts', lines);
    expect(unreadable.code).toBe(2);
    expect(unreadable.err).toMatch(/a\.csv\] got: no such file; allowed: .+; do: /);
    expect(unreadable.err).toMatch(/b\.csv:2\] got: value "eleven"; allowed: .+; do: /);
    const cases = [['--track', 'daily', '--data', data], ['--track', 'ops5m', '--data', join(folder, 'none')], ['--track', 'short', '--data', data], ['--track', 'ops5m', '--data', data, '--only', 'c']];
    for (const argv of cases) expect(await run(...argv, '--out', out)).toMatchObject({ code: 2, err: expect.stringMatching(/got: .+; allowed: .+; do: /) });
    expect(existsSync(out) || existsSync(lines)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('refused'))).toEqual([]);
  });

  it('leaves the old files and nothing half-written when it is stopped', async () => {
    const out = join(folder, 'stopped/scores.json');
    mkdirSync(join(folder, 'stopped'));
    writeFileSync(out, 'old');
    const command = start(['--data', FIXTURES, '--track', 'ops5m', '--out', out, '--forecasts', join(folder, 'stopped/f.jsonl'), '--jobs', '1']);
    await command.said('starting');
    command.process.kill('SIGINT');
    expect(await command.ended).toMatchObject({ code: 130, err: expect.stringContaining('nothing was written') });
    expect(readdirSync(join(folder, 'stopped'))).toEqual(['scores.json']);
    expect(readFileSync(out, 'utf8')).toBe('old');
  });
});
