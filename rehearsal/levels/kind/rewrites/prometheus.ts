import { parse, stringify } from 'yaml';
import type { KubeObject } from '../../../control-plane/kube-objects';
import type { Substitution } from '../../../report/schema';
import { ObjectRewrite, replaced, unchanged } from './tree';

/** Prometheus is asked no more often than this, seconds. */
const SHORTEST_SECONDS = 1;
/** A rate needs two samples; four let one be late and one be missing. */
const SCRAPES_IN_A_WINDOW = 4;
/** The kubelet measures containers every 10 to 15 s whoever asks and however often; a shorter window would hold no two of its samples. */
const KUBELET_WINDOW_SECONDS = 40;

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a duration as Prometheus writes them, e.g. `1m30s`. @returns undefined if it is none */
export function secondsOfDuration(text: string): number | undefined {
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce((sum, [, value, unit]) => sum + Number(value) * UNITS[unit!]!, 0);
}

/** A duration as Prometheus reads it, in whole milliseconds. */
export function durationOfSeconds(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/**
 * Divides the intervals of Prometheus' configuration and the intervals and windows of its rules by the speed. Expressions are changed only between the brackets of
 * a window.
 */
export function compressPrometheus(speed: number): ObjectRewrite {
  return (object) => {
    if (object.kind !== 'ConfigMap' || speed === 1) return unchanged(object);
    const data = object.data as Readonly<Record<string, string>> | undefined;
    const entries = Object.entries(data ?? {}).map(([key, text]) => {
      const { value, substitutions } = compressText(object, key, text, speed);
      return { entry: [key, value] as const, substitutions };
    });
    const substitutions = entries.flatMap((each) => each.substitutions);
    return substitutions.length === 0 ? unchanged(object) : { objects: [{ ...object, data: Object.fromEntries(entries.map(({ entry }) => entry)) }], substitutions };
  };
}

type Json = Record<string, unknown>;
const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function compressText(object: KubeObject, key: string, text: string, speed: number): { readonly value: string; readonly substitutions: readonly Substitution[] } {
  const same = { value: text, substitutions: [] };
  if (!/\.ya?ml$/.test(key)) return same;
  const file: unknown = parse(text);
  if (!isRecord(file)) return same;
  const substitutions: Substitution[] = [];
  const set = (holder: Json, field: string, path: string): void => {
    const seconds = secondsOfDuration(String(holder[field] ?? ''));
    if (seconds === undefined) return;
    const to = durationOfSeconds(Math.max(SHORTEST_SECONDS, seconds / speed));
    substitutions.push(...replaced(object, `data["${key}"] ${path}${field}`, String(holder[field]), to, `time runs ${speed} times as fast`));
    holder[field] = to;
  };
  if (isRecord(file.global)) for (const field of ['scrape_interval', 'scrape_timeout', 'evaluation_interval']) set(file.global, field, 'global.');
  for (const job of Array.isArray(file.scrape_configs) ? file.scrape_configs.filter(isRecord) : []) {
    for (const field of ['scrape_interval', 'scrape_timeout']) set(job, field, `scrape_configs[${String(job.job_name)}].`);
  }
  for (const group of Array.isArray(file.groups) ? file.groups.filter(isRecord) : []) {
    // A window counts scrapes; where the two differ, rules are computed as often as everything is scraped.
    const interval = secondsOfDuration(String(group.interval ?? ''));
    set(group, 'interval', `groups[${String(group.name)}].`);
    const scrape = Math.max(SHORTEST_SECONDS, (interval ?? 15) / speed);
    for (const rule of Array.isArray(group.rules) ? group.rules.filter(isRecord) : []) {
      const from = String(rule.expr ?? '');
      const to = compressWindows(from, speed, scrape);
      substitutions.push(...replaced(object, `data["${key}"] groups[${String(group.name)}].rules[${String(rule.record ?? rule.alert)}].expr`, windowsOf(from), windowsOf(to),
        `time runs ${speed} times as fast; a window holds ${SCRAPES_IN_A_WINDOW} scrapes at least, and of what kubelets measure ${KUBELET_WINDOW_SECONDS} s`));
      rule.expr = to;
    }
  }
  return substitutions.length === 0 ? same : { value: stringify(file, { lineWidth: 0 }), substitutions };
}

/** A metric, its labels and a window. */
const WINDOW = /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^{}]*\})?\[(\w+)\]/g;

/** Divides the windows of an expression. @param scrape seconds between two samples */
export function compressWindows(expression: string, speed: number, scrape: number): string {
  return expression.replace(WINDOW, (whole, metric: string, labels: string | undefined, window: string) => {
    const seconds = secondsOfDuration(window);
    if (seconds === undefined) return whole;
    const least = Math.max(SCRAPES_IN_A_WINDOW * scrape, metric.startsWith('container_') ? Math.min(seconds, KUBELET_WINDOW_SECONDS) : 0);
    return `${metric}${labels ?? ''}[${durationOfSeconds(Math.max(least, seconds / speed))}]`;
  });
}

/** `[1m], [10s]`: the windows of an expression, for the report. */
function windowsOf(expression: string): string {
  return [...expression.matchAll(WINDOW)].map(([, , , window]) => `[${window}]`).join(', ');
}

