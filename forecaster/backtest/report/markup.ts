const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text from data as HTML, fit for element content and quoted attributes. Ids of series are whatever a manifest says. */
export function escapeHtml(text: string): string {
  // Control characters are no characters of HTML.
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** A coordinate as short as it can be without being seen. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
