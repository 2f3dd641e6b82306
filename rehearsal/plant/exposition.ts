import type { Labels } from './recording-rules';

/** One line of a `/metrics` page. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{([^]*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;
const LABEL = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\["\\n])*)"\s*(,|$)/;

function parseValue(text: string): number | undefined {
  if (/^[+-]?Inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^NaN$/i.test(text)) return NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * Parses Prometheus' text format.
 *
 * @throws Error naming the first line that is not of the format; Prometheus then drops the whole scrape, and so does the plant
 */
export function parseExposition(text: string): ExposedSample[] {
  const samples: ExposedSample[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const match = LINE.exec(line);
    const value = match ? parseValue(match[3]!) : undefined;
    if (!match || value === undefined) throw new Error(`line ${index + 1} is not of the text format`);
    const labels: Record<string, string> = {};
    let rest = match[2] ?? '';
    while (rest.trim() !== '') {
      const label = LABEL.exec(rest);
      if (!label) throw new Error(`line ${index + 1} has labels that are not of the text format`);
      labels[label[1]!] = label[2]!.replace(/\\(.)/g, (_, each: string) => (each === 'n' ? '\n' : each));
      rest = rest.slice(label[0].length);
    }
    samples.push({ name: match[1]!, labels, value });
  });
  return samples;
}
