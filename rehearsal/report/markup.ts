/** HTML that is already escaped. Only {@link html} and {@link trusted} make it, so that text from data cannot become markup by accident. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a template. Text and numbers are escaped, absent things leave nothing. */
export type Content = string | number | Markup | false | null | undefined | readonly Content[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML, fit for element content and for quoted attributes. */
export function escapeHtml(text: string): string {
  // Control characters are no characters of HTML; a terminal's colours may be in a program's message.
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** A template whose values are escaped unless they are markup themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.reduce((text, part, index) => text + render(values[index - 1]) + part));
}

/** Markup written by hand in this folder: style, script. Never for data. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function render(value: Content): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return escapeHtml(String(value));
}

/** JSON for a data block of a page: nothing in it can end the block. */
export function jsonBlock(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replace(/</g, '\\u003c').replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029'));
}
