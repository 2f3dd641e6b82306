import type { Fault } from '../../base/faults';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Reads `30m`, `1800s` or `1h`; gives seconds, or what is wrong with it. */
export function parseHorizon(text: string, bounds: { readonly min: number; readonly max: number }): { readonly seconds: number } | { readonly fault: Fault } {
  const match = /^(\d{1,6})([smh])$/.exec(text);
  const seconds = match ? Number(match[1]) * UNITS[match[2]!]! : NaN;
  if (seconds >= bounds.min && seconds <= bounds.max) return { seconds };
  return {
    fault: {
      where: 'query horizon',
      got: text.slice(0, 40) || 'nothing',
      allowed: `a whole number with a unit, from ${bounds.min}s to ${bounds.max}s, for example 30m, 1800s or 1h`,
      do: 'ask for a horizon within these bounds',
    },
  };
}

/** Reads `0.1,0.5,0.9`; gives ascending levels, or what is wrong with them. */
export function parseQuantiles(text: string): { readonly levels: readonly number[] } | { readonly fault: Fault } {
  const parts = text.split(',');
  const levels = [...new Set(parts.map((part) => (/^0?\.\d{1,6}$/.test(part.trim()) ? Number(part) : NaN)))].sort((a, b) => a - b);
  if (parts.length <= MOST_LEVELS && levels.every((level) => level >= 0.001 && level <= 0.999)) return { levels };
  return {
    fault: {
      where: 'query quantiles',
      got: text.slice(0, 80) || 'nothing',
      allowed: `1 to ${MOST_LEVELS} comma-separated numbers from 0.001 to 0.999`,
      do: 'ask for quantiles within these bounds, for example 0.1,0.5,0.9',
    },
  };
}

const MOST_LEVELS = 20;
