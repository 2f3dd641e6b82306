import { FaultError } from '../../../../base/faults';
import type { MinuteRecorder } from '../../../plant/minutes';
import type { Workload } from '../../../plant/workload-model';
import type { PolicyResult } from '../../../report/schema';
import type { Measured } from '../../../report/schema-kind';

/** What `GET /run` of the load generator answers, as far as it is read here. Seconds. */
export interface LoadgenReport {
  readonly state: 'running' | 'finished' | 'stopped';
  readonly elapsedSeconds: number;
  readonly totalSeconds: number;
  readonly requests: number;
  readonly latestSendSeconds: number;
  readonly summary: LoadgenSummary;
  readonly intervals: readonly (LoadgenSummary & { readonly fromSeconds: number })[];
}

/** A stretch of a run. */
export interface LoadgenSummary {
  readonly outcomes: Readonly<Record<'ok' | 'status' | 'timeout' | 'connection' | 'not-sent', number>>;
  readonly latency: { readonly p95: number | null };
}

/** What the pods' metrics said, one element per minute; null where nothing was recorded. */
export interface PodMetrics {
  readonly cpuMillicoresPerReplica: readonly (number | null)[];
  readonly memoryBytesPerReplica: readonly (number | null)[];
}

const failedOf = ({ outcomes }: LoadgenSummary): number => outcomes.status + outcomes.timeout + outcomes.connection;
const allOf = ({ outcomes }: LoadgenSummary): number => Object.values(outcomes).reduce((sum, count) => sum + count, 0);

/** Parses `GET /run`. @throws FaultError if it is something else */
export function loadgenReport(value: unknown): LoadgenReport {
  const report = value as Partial<LoadgenReport> | null;
  if (typeof report !== 'object' || report === null || typeof report.state !== 'string' || !Array.isArray(report.intervals) || !Number.isFinite(report.latestSendSeconds)) {
    throw new FaultError('the load generator answers something else', [{
      where: 'loadgen GET /run', got: JSON.stringify(value).slice(0, 200), allowed: 'a report of a run', do: 'use the image of this release',
    }]);
  }
  return report as LoadgenReport;
}

/** What a run with real pods came to. */
export interface MeasuredRun {
  /** Counted the replicas, minute by minute; its latencies are not looked at. */
  readonly recorder: MinuteRecorder;
  /** Of the whole replay, with one interval per minute of it. */
  readonly report: LoadgenReport;
  readonly metrics: PodMetrics;
  readonly startupSeconds: number | null;
  readonly workload: Workload;
  readonly minutes: number;
  /** Trace seconds per second. */
  readonly speed: number;
  readonly parameters: PolicyResult['parameters'];
  readonly price: (replicas: readonly number[], stepSeconds: number) => number;
}

/**
 * A run with real pods as a policy's result: replicas as the API had them, latency and failures as the load generator met them. A minute violates if its p95 latency
 * exceeded the objective, or a request failed or could not be sent.
 */
export function measuredResult(o: MeasuredRun): PolicyResult & { readonly measured: Measured } {
  const { workload, report, minutes, speed } = o;
  const wallSeconds = 60 / speed;
  const base = o.recorder.result({ name: 'predictive', level: 'kind', parameters: o.parameters, price: o.price });
  const everyMinute = <T>(of: (minute: number) => T): T[] => Array.from({ length: minutes }, (_, minute) => of(minute));
  const at = (minute: number) => report.intervals[minute];
  const failed = everyMinute((minute) => {
    const found = at(minute);
    return found ? failedOf(found) + found.outcomes['not-sent'] : 0;
  });
  // Nothing answered in a minute with requests: as long as callers wait. No request at all: nobody waited.
  const latencyP95 = everyMinute((minute) => at(minute)?.latency.p95 ?? (failed[minute]! > 0 ? workload.timeoutSeconds : 0));
  const violations = everyMinute((minute): 0 | 1 => (latencyP95[minute]! > workload.sloLatencyP95Seconds || failed[minute]! > 0 ? 1 : 0));
  // A minute in which nobody looked is as the one before it.
  const held = <T>(values: readonly T[], nothing: T) => everyMinute((minute) => values[Math.min(minute, values.length - 1)] ?? nothing);
  const { series } = base;
  const measured: Measured = {
    requests: allOf(report.summary),
    failed: failedOf(report.summary),
    notSent: report.summary.outcomes['not-sent'],
    latestSendSeconds: report.latestSendSeconds,
    startupSeconds: o.startupSeconds,
    series: {
      requestsPerSecond: everyMinute((minute) => (at(minute) ? allOf(at(minute)!) / wallSeconds : 0)),
      failed,
      cpuMillicoresPerReplica: everyMinute((minute) => o.metrics.cpuMillicoresPerReplica[minute] ?? null),
      memoryBytesPerReplica: everyMinute((minute) => o.metrics.memoryBytesPerReplica[minute] ?? null),
    },
  };
  return {
    ...base,
    violationMinutes: violations.filter(Boolean).length,
    series: {
      replicas: held(series.replicas, 0), ready: held(series.ready, 0), capacity: held(series.capacity, 0), demandForecast: held(series.demandForecast, null),
      latencyP95, violations,
    },
    measured,
  };
}

/** What a range query of one series answers, on a grid of times; null where it has no finite value. */
export function onGrid(result: unknown, times: readonly number[], toleranceSeconds: number): (number | null)[] {
  const [series] = (Array.isArray(result) ? result : []) as { readonly values?: readonly (readonly [number, string])[] }[];
  const values = series?.values ?? [];
  return times.map((time) => {
    const found = values.find(([at]) => Math.abs(at - time) <= toleranceSeconds);
    const value = found ? Number(found[1]) : NaN;
    return Number.isFinite(value) ? value : null;
  });
}
