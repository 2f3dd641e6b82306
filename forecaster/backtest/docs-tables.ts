import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../../base/atomic-file';
import { FaultError } from '../../base/faults';
import type { BacktestDocument } from './result';
import { cellsOf, columnsOf } from './text-table';
import type { ScoreTable } from './track';

/**
 * Puts the tables of backtests into a page, so that no number in it was typed.
 *
 * A table stands between `<!-- backtest TRACK: TITLE -->` and `<!-- end -->`; other text is left as it is.
 *
 * @throws FaultError naming every table that the page wants of these tracks and that no run has
 */
export function fillTables(page: string, runs: readonly BacktestDocument[]): string {
  const missing: string[] = [];
  const filled = page.replace(/(<!-- backtest (\w+): (.+?) -->\n)[\s\S]*?(<!-- end -->)/g, (all, open: string, track: string, title: string, end: string) => {
    const run = runs.find((one) => one.track === track);
    if (!run) return all;
    const table = run.tables.find((one) => one.title === title);
    if (table) return `${open}${asMarkdown(table)}${end}`;
    missing.push(`${track}: ${title}`);
    return all;
  });
  if (missing.length > 0) {
    throw new FaultError('the page was not changed', missing.map((where) => ({
      where, got: 'no such table', allowed: runs.flatMap((run) => run.tables.map((table) => table.title)).slice(0, 20).join('; '), do: 'correct the title in the page, or run the track with what makes the table',
    })));
  }
  return filled;
}

function asMarkdown(table: ScoreTable): string {
  const columns = columnsOf(table);
  const lines = [['', ...columns], ['---', ...columns.map(() => '--:')], ...table.rows.map((row) => [row.name, ...cellsOf(table, row)])];
  return `${lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}\n`;
}

function main(): void {
  const [page, ...files] = process.argv.slice(2);
  if (page === undefined || files.length === 0) {
    process.stderr.write('usage: tsx forecaster/backtest/docs-tables.ts PAGE.md SCORES.json...\n');
    process.exitCode = 2;
    return;
  }
  writeFileAtomic(page, fillTables(readFileSync(page, 'utf8'), files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as BacktestDocument)));
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    process.stderr.write(`${error instanceof FaultError ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
