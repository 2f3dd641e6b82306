import type { ScoreTable, TrackResult } from './track';

/** A score as people read it. */
export function showScore(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-';
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(3);
}

/** The columns of a table: the scores of its first row. */
export function columnsOf(table: ScoreTable): string[] {
  return Object.keys(table.rows[0]?.scores ?? {});
}

/** All tables of a result for a terminal. */
export function asText(result: TrackResult): string {
  const parts = result.tables.map((table) => {
    const columns = columnsOf(table);
    const rows = [['', ...columns], ...table.rows.map((row) => [row.name, ...columns.map((column) => showScore(row.scores[column]))])];
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    const lines = rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ').trimEnd());
    return `${table.title}\n${lines.join('\n')}\n`;
  });
  const skipped = result.skipped.map(({ id, reason }) => `not scored: ${id} (${reason})\n`);
  return [...parts, skipped.join('')].filter((part) => part !== '').join('\n');
}
