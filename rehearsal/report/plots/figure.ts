import { claim, dateTime } from '../format';
import { Content, html, Markup } from '../markup';
import type { Level } from '../schema';

/** A plot or several, with what they show, which level produced it, and the same as a table. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly lead: Content;
  readonly body: Content;
  readonly table: DataTable;
}

/** Figures of a plot as rows. */
export interface DataTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Content[])[];
}

/** Which level produced a result, and what it may claim. */
export function levelBadge(level: Level): Markup {
  return html`<span class="level" title="${claim(level).sentence}">${level} · ${claim(level).kind} result</span>`;
}

export function figureOf(o: Figure): Markup {
  return html`<figure class="plot" id="${o.id}">
<figcaption><h3>${o.title} ${levelBadge(o.level)}</h3><p>${o.lead}</p></figcaption>
${o.body}
<details><summary>The same as a table</summary>${dataTable(o.table)}</details>
</figure>`;
}

/** A table that scrolls within its own box. The first column names the row; the others are figures. */
export function dataTable(o: DataTable): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${o.caption}"><table class="data"><caption>${o.caption}</caption>
<thead><tr>${o.head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${o.rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>
`)}</tbody></table></div>`;
}

/** A stretch of the trace that one row of a table sums up: indices of the series, half-open. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

const BUCKET_MINUTES = [5, 15, 30, 60, 180, 360, 720, 1440, 10_080];
const MOST_ROWS = 30;

/** Rows for a series of any length: few enough to be read. */
export function buckets(times: readonly number[], stepSeconds = 60): Bucket[] {
  const wanted = (times.length * stepSeconds) / 60 / MOST_ROWS;
  const minutes = BUCKET_MINUTES.find((each) => each >= wanted) ?? Math.ceil(wanted);
  const size = Math.max(1, Math.round((minutes * 60) / stepSeconds));
  return Array.from({ length: Math.ceil(times.length / size) }, (_, row) => {
    const from = row * size;
    return { from, to: Math.min(times.length, from + size), label: dateTime(times[from]!) };
  });
}

/** Sums up a stretch of a series; null where it holds nothing. */
export function over(values: readonly (number | null)[], bucket: Bucket, fold: 'max' | 'min' | 'mean' | 'sum' | 'last'): number | null {
  const known = values.slice(bucket.from, bucket.to).filter((value) => value !== null);
  if (known.length === 0) return null;
  switch (fold) {
    case 'max': return known.reduce((a, b) => Math.max(a, b));
    case 'min': return known.reduce((a, b) => Math.min(a, b));
    case 'last': return known.at(-1)!;
    case 'sum': return known.reduce((a, b) => a + b, 0);
    case 'mean': return known.reduce((a, b) => a + b, 0) / known.length;
  }
}
