import { forecasterMetrics, recordingRules } from '../../forecaster/contract';
import type { Level, PolicyResult } from '../report/schema';
import type { TraceWindow } from '../traces';
import type { AffineClock } from './clock';
import { minuteOf, MinuteRecord, MinuteRecorder } from './minutes';
import { Labels, SeriesStore } from './recording-rules';
import { ServiceState, step, Workload } from './workload-model';

/** One copy of the service that the plant plays the work of. */
export interface PlantTarget {
  readonly namespace: string;
  /** Label of its recording rules. */
  readonly service: string;
  readonly policy: PolicyResult['name'];
}

/** A pod of a target as the API server has it. */
export interface PlantPod {
  readonly name: string;
  readonly running: boolean;
  readonly ready: boolean;
  /** Marked for deletion. */
  readonly terminating: boolean;
  /** @default - not scheduled */
  readonly nodeName?: string;
  /** @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - one container of the service's name */
  readonly containers?: readonly string[];
}

/** Where the plant learns of pods: a watch on a real API server, or a test. */
export interface PodSource {
  pods(target: PlantTarget): readonly PlantPod[];
  /** `spec.replicas` of the target's Deployment. */
  desired(target: PlantTarget): number;
}

/** What the plant is made of. */
export interface PlantOptions {
  readonly workload: Workload;
  /** Maps this machine's time to the trace's; its trace start should be the window's `from`. */
  readonly clock: AffineClock;
  readonly targets: readonly PlantTarget[];
  readonly source: PodSource;
  readonly window: TraceWindow;
  /** What the trace's values are multiplied with to become requests per second. */
  readonly scale: number;
}

/** CPU and memory of one pod over the last tick. */
export interface PodUsage {
  readonly pod: PlantPod;
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
}

interface TargetState {
  readonly target: PlantTarget;
  readonly labels: Labels;
  readonly recorder: MinuteRecorder;
  backlog: number;
  last: ServiceState | undefined;
}

/**
 * Plays the work that no container does: for the ready pods of each target it computes CPU, latency and backlog under the trace's load, records the
 * recording rules the platform's Prometheus would record, and counts every minute for the report. It reads no clock; somebody calls {@link tick}.
 *
 * Before the window starts, or while the clock stands still at its start, the first minute's load holds, unrecorded: pods can come up under it.
 */
export class Plant {
  readonly series = new SeriesStore();
  private readonly states: readonly TargetState[];
  private readonly demand: readonly number[];
  private wall: number | undefined;

  constructor(private readonly options: PlantOptions) {
    const { window, scale, workload, targets } = options;
    this.demand = window.replay.map((value) => value * scale);
    this.states = targets.map((target) => ({
      target,
      labels: { namespace: target.namespace, service: target.service },
      recorder: new MinuteRecorder({ start: window.from, sloLatencyP95Seconds: workload.sloLatencyP95Seconds, expectsSignal: target.policy === 'predictive' }),
      backlog: 0,
      last: undefined,
    }));
    // A rule evaluated at a minute's end holds that minute's mean, so the stamp is the end.
    window.history.forEach((value, index) => {
      const time = window.from - (window.history.length - 1 - index) * 60;
      for (const { labels } of this.states) this.series.append(recordingRules.requests, labels, time, value * scale);
    });
  }

  /** Requests per second offered at a time of the trace. */
  demandAt(traceTime: number): number {
    const minute = minuteOf(traceTime, this.options.window.from);
    return this.demand[Math.min(Math.max(minute, 0), this.demand.length - 1)]!;
  }

  /** Wall time of the last tick, seconds; 0 before the first. */
  get lastTick(): number {
    return this.wall ?? 0;
  }

  /** True once the whole window was played. */
  finished(wallNow: number): boolean {
    return this.options.clock.running && this.options.clock.toTrace(wallNow) >= this.options.window.to;
  }

  /**
   * Plays the time since the last tick with the pods there are now. Cheap: call it several times per minute of the trace.
   *
   * @param wallNow seconds; a time before the last tick is ignored
   */
  tick(wallNow: number): void {
    const { clock, window } = this.options;
    const before = this.wall;
    if (before !== undefined && wallNow <= before) return;
    this.wall = wallNow;
    if (before === undefined) return;
    if (!clock.running) {
      for (const state of this.states) this.settle(state, (wallNow - before) * clock.speed);
      return;
    }
    const now = Math.min(clock.toTrace(wallNow), window.to);
    const from = Math.min(Math.max(clock.toTrace(before), window.from), now);
    if (now > from) for (const state of this.states) this.advance(state, from, now);
  }

  private ready(target: PlantTarget): number {
    return this.options.source.pods(target).filter((pod) => pod.ready && !pod.terminating).length;
  }

  /** Before the trace runs, the load of its first minute holds; nothing is recorded. */
  private settle(state: TargetState, seconds: number): void {
    state.last = step(this.options.workload, { demand: this.demand[0]!, ready: this.ready(state.target), backlog: state.backlog }, seconds);
    // Who came too early has left by the time the trace begins.
    state.backlog = 0;
  }

  private advance(state: TargetState, from: number, to: number): void {
    const { source, workload } = this.options;
    const ready = this.ready(state.target);
    const replicas = source.desired(state.target);
    const demandForecast = state.target.policy === 'predictive' ? this.publishedDemand(state.target, to) : null;
    let at = from;
    while (at < to) {
      // The load changes at whole minutes, and rules are recorded there.
      const minuteEnd = this.options.window.from + (minuteOf(at, this.options.window.from) + 1) * 60;
      const end = Math.min(to, minuteEnd);
      const demand = this.demandAt(at);
      state.last = step(workload, { demand, ready, backlog: state.backlog }, end - at);
      state.backlog = state.last.backlog;
      if (at >= this.options.window.from && end > at) {
        state.recorder.add(at, end, { demand, replicas, ready, capacity: state.last.capacity, latencyP95: state.last.latencyP95, demandForecast });
      }
      if (end === minuteEnd && end > this.options.window.from) this.record(state, end, demand, ready);
      at = end;
    }
  }

  private record({ labels, last }: TargetState, time: number, demand: number, ready: number): void {
    this.series.append(recordingRules.requests, labels, time, demand);
    this.series.append(recordingRules.cpu, labels, time, last!.utilisation);
    this.series.append(recordingRules.latency, labels, time, last!.latencyP95);
    this.series.append(recordingRules.memory, labels, time, last!.memoryBytesPerReplica * ready);
    this.series.append(recordingRules.replicas, labels, time, ready);
  }

  /**
   * Demand that a query would find for the target; null where there is none.
   *
   * @param traceTime default: the last tick
   */
  publishedDemand(target: PlantTarget, traceTime = this.options.clock.toTrace(this.lastTick)): number | null {
    const found = this.series.instant(forecasterMetrics.demand, { namespace: target.namespace, service: target.service, metric: 'requests' }, traceTime);
    const values = found.map((sample) => sample.value).filter((value) => !Number.isNaN(value));
    return values.length === 0 ? null : Math.max(...values);
  }

  /** CPU and memory of a namespace's running pods as of the last tick. */
  usage(namespace?: string): { readonly target: PlantTarget; readonly pods: readonly PodUsage[] }[] {
    const { source, workload } = this.options;
    return this.states.filter(({ target }) => namespace === undefined || target.namespace === namespace).map(({ target, last }) => ({
      target,
      pods: source.pods(target).filter((pod) => pod.running && !pod.terminating).map((pod) => ({
        pod,
        cpuMillicores: pod.ready && last ? last.cpuMillicoresPerReplica : workload.idleCpuMillicores,
        memoryBytes: pod.ready && last ? last.memoryBytesPerReplica : workload.idleMemoryMiB * 1024 * 1024,
      })),
    }));
  }

  private state(target: PlantTarget): TargetState {
    const found = this.states.find((state) => state.target.namespace === target.namespace && state.target.service === target.service);
    if (!found) throw new RangeError(`the plant has no target ${target.namespace}/${target.service}`);
    return found;
  }

  /** Every minute of the window played so far. */
  records(target: PlantTarget): readonly MinuteRecord[] {
    return this.state(target).recorder.records();
  }

  /** The target's part of the report. */
  policyResult(target: PlantTarget, o: {
    readonly level: Level;
    readonly parameters: PolicyResult['parameters'];
    /** US dollars for the replicas of each minute. */
    readonly price: (replicas: readonly number[], stepSeconds: number) => number;
  }): PolicyResult {
    return this.state(target).recorder.result({ name: target.policy, ...o });
  }
}
