import type { Level, Report } from './schema';

const NUMBERS = new Map<number, Intl.NumberFormat>();

/** `1,234.5`, always in the same notation whatever the machine's locale. */
export function fixed(value: number, digits: number): string {
  let format = NUMBERS.get(digits);
  if (!format) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    NUMBERS.set(digits, format);
  }
  // A difference that rounds to nothing has no sign.
  return format.format(Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).replace(/^-/, '−');
}

/** US dollars: `1,234.56`, four decimals below ten cents; null is `unknown`, which is not 0. */
export function usd(value: number | null): string {
  if (value === null) return 'unknown';
  return fixed(value, value !== 0 && Math.abs(value) < 0.1 ? 4 : 2);
}

/** A share from 0 to 1 as `80.7 %`, never broken before its sign; null is `unknown`. */
export function percent(value: number | null, digits = 1): string {
  return value === null ? 'unknown' : `${fixed(value * 100, digits)}\u00a0%`;
}

/** A plain figure, or `unknown`. */
export function figure(value: number | null, digits = 2): string {
  return value === null ? 'unknown' : fixed(value, digits);
}

/** A few digits that suit the size: `1,234`, `56.7`, `0.123`. */
export function compact(value: number): string {
  const size = Math.abs(value);
  return fixed(value, size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** A duration: `0.4 s`, `32 s`, `4 min 5 s`. Rounded once, so that no part reaches 60. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1 minute`, `2 minutes`. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${fixed(value, 0)} ${value === 1 ? noun : plural}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number) => String(value).padStart(2, '0');

/** `14:05`, UTC, from unix seconds. */
export function clock(time: number): string {
  const date = new Date(time * 1000);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** `5 May`, UTC. */
export function day(time: number): string {
  const date = new Date(time * 1000);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]!}`;
}

/** `5 May 2018 14:05`, UTC. */
export function dateTime(time: number): string {
  return `${day(time)} ${new Date(time * 1000).getUTCFullYear()} ${clock(time)}`;
}

/**
 * What a level's results may claim. Where no container runs they are results of shape: admission, order, scheduling and scale decisions, never how the real
 * service behaves.
 */
export function claim(level: Level): { readonly kind: 'shape' | 'behaviour'; readonly sentence: string } {
  switch (level) {
    case 'simulate':
      return { kind: 'shape', sentence: 'Cluster, autoscaler and service were modelled; synthesis, checks, prices, forecaster and trace are real.' };
    case 'control-plane':
      return { kind: 'shape', sentence: 'API server, scheduler, autoscaler and KEDA are the real programs; the pods’ work was modelled, no container ran.' };
    case 'kind':
      return { kind: 'behaviour', sentence: 'Real containers, synced by the real Argo CD, answered a real load; machines, database and AWS were stood in for by this machine.' };
  }
}

/** `a result of shape, not of behaviour`, or `a result of behaviour`. */
export function claimed(level: Level): string {
  return claim(level).kind === 'shape' ? 'a result of shape, not of behaviour' : 'a result of behaviour';
}

/** Bytes as `964 MiB`, `1.2 GiB`; null is `unknown`. */
export function bytes(value: number | null): string {
  if (value === null) return 'unknown';
  const mebibytes = value / 2 ** 20;
  return mebibytes >= 1024 ? `${fixed(mebibytes / 1024, 1)} GiB` : `${fixed(mebibytes, mebibytes < 10 ? 1 : 0)} MiB`;
}

/** How policies did, in a sentence. */
export function policySentence(policies: Report['policies']): string {
  return policies.map((policy) => `${policy.name} ${policy.violationMinutes} violation min, ${policy.replicaHours.toFixed(1)} replica-hours`).join('; ');
}
