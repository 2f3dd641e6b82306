import { Content, html, Markup } from '../markup';

/** A part of the page with its heading; `id` is where links lead. */
export function section(id: string, title: string, body: Content, badge: Content = undefined): Markup {
  return html`<section class="card" id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${title} ${badge}</h2>
${body}</section>`;
}

/** Text columns, unlike {@link dataTable}, whose cells are figures. */
export function textTable(caption: string, head: readonly string[], rows: readonly (readonly Content[])[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption class="quiet">${caption}</caption>
<thead><tr>${head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>
`)}</tbody></table></div>`;
}

/** A status in colour, with a sign and a word, so that none of the three is needed alone. */
export function status(kind: 'good' | 'bad' | 'open' | 'none', word: string): Markup {
  return html`<span class="pill ${kind}">${{ good: '✓', bad: '✗', open: '?', none: '–' }[kind]} ${word}</span>`;
}
