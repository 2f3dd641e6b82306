import type { ScoreRow, ScoreTable, TrackResult } from './track';

/**
 * A score as people read it.
 *
 * @param whole the column holds counts
 */
export function showScore(value: number | null | undefined, whole = false): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-';
  if (whole) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(3);
}

/** The columns of a table: the scores of its first row. */
export function columnsOf(table: ScoreTable): string[] {
  return Object.keys(table.rows[0]?.scores ?? {});
}

/** Columns that count; whole numbers elsewhere may be a ratio that came out even. */
const COUNTS = ['series', 'failed'];

/** The cells of a row, one per column. */
export function cellsOf(table: ScoreTable, row: ScoreRow): string[] {
  return columnsOf(table).map((column) => {
    const values = table.rows.map((one) => one.scores[column] ?? null);
    const whole = values.every((value) => value === null || Number.isInteger(value)) && (COUNTS.includes(column) || values.some((value) => value !== null && Math.abs(value) > 1));
    return showScore(row.scores[column], whole);
  });
}

/** All tables of a result for a terminal. */
export function asText(result: TrackResult): string {
  const parts = result.tables.map((table) => {
    const columns = columnsOf(table);
    const rows = [['', ...columns], ...table.rows.map((row) => [row.name, ...cellsOf(table, row)])];
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    const lines = rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ').trimEnd());
    return `${table.title}\n${lines.join('\n')}\n`;
  });
  const skipped = result.skipped.map(({ id, reason }) => `not scored: ${id} (${reason})\n`);
  return [...parts, skipped.join('')].filter((part) => part !== '').join('\n');
}
