import type { BacktestDocument } from '../result';
import { cellsOf, columnsOf, showScore } from '../text-table';
import type { ScoreTable } from '../track';
import { escapeHtml } from './markup';
import { renderPlot } from './plots';
import { STYLE } from './style';

/** The report: one file, no script, nothing fetched. */
export function renderPage(document: BacktestDocument): string {
  const { meta, track, tables, series, skipped, plots = [] } = document;
  const title = `Backtest: ${track}`;
  const fans = plots.filter((plot) => plot.kind === 'fan');
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>`,
    `<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(meta.description)}: ${series.length} series.</p><p class="soft">${escapeHtml(meta.protocol)}.</p></header><main>`,
    ...tables.slice(0, 1).map(tableOf),
    ...plots.filter((plot) => plot.kind !== 'fan').map(renderPlot),
    ...(fans.length > 0 ? ['<div class="fans">', ...fans.map(renderPlot), '</div>'] : []),
    ...tables.slice(1).map(tableOf),
    perSeries(series),
    skipped.length > 0 ? `<section><h2>Not scored</h2><ul>${skipped.map(({ id, reason }) => `<li>${escapeHtml(id)}: ${escapeHtml(reason)}</li>`).join('')}</ul></section>` : '',
    '</main></body></html>\n',
  ].join('\n');
}

function tableOf(table: ScoreTable): string {
  const columns = columnsOf(table);
  const head = ['', ...columns].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const rows = table.rows.map((row) => `<tr${row.name.startsWith('tideline') ? ' class="ours"' : ''}><th scope="row">${escapeHtml(row.name)}</th>`
    + `${cellsOf(table, row).map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<section><h2>${escapeHtml(table.title)}</h2><p class="soft">${escapeHtml(table.caption)}</p><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

/** Every plain number that a track tells of its series; what is nested stays in the JSON. */
function perSeries(series: BacktestDocument['series']): string {
  const columns = [...new Set(series.flatMap((one) => Object.keys(one).filter((key) => key !== 'id' && (typeof one[key] === 'number' || typeof one[key] === 'string'))))];
  if (columns.length === 0) return '';
  const cell = (value: unknown) => (typeof value === 'number' ? showScore(value, Number.isInteger(value) && Math.abs(value) > 1) : escapeHtml(typeof value === 'string' ? value : '-'));
  const rows = series.map((one) => `<tr><td>${escapeHtml(one.id)}</td>${columns.map((column) => `<td>${cell(one[column])}</td>`).join('')}</tr>`);
  return `<section><details><summary>Every series</summary><div class="scroll"><table><thead><tr><th>series</th>${columns.map((name) => `<th>${escapeHtml(name)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div></details></section>`;
}
