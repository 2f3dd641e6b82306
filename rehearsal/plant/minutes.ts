import type { Level, PolicyResult } from '../report/schema';

/** What one moment of a service looked like; holds until the next sample. */
export interface MomentSample {
  /** Requests per second offered. */
  readonly demand: number;
  /** Replicas asked for. */
  readonly replicas: number;
  readonly ready: number;
  /** Requests per second. */
  readonly capacity: number;
  /** Seconds. */
  readonly latencyP95: number;
  /** Published demand, requests per second; null where there was none. */
  readonly demandForecast: number | null;
}

/** One minute of the trace. */
export interface MinuteRecord extends MomentSample {
  /** Its first second, trace time. */
  readonly time: number;
  readonly violation: boolean;
  /** Replica-seconds asked for. */
  readonly replicaSeconds: number;
}

interface Open {
  readonly index: number;
  readonly worst: { demand: number; ready: number; capacity: number; latencyP95: number };
  readonly last: { replicas: number; demandForecast: number | null };
  violation: boolean;
  replicaSeconds: number;
  signalMissing: boolean;
}

/** Sums of large times carry rounding: a time this close to a minute's start, in minutes, belongs to it. */
const ROUNDING = 1e-6;

/** Number of the minute that a time falls into, counted from `start`. */
export function minuteOf(time: number, start: number): number {
  return Math.floor((time - start) / 60 + ROUNDING);
}

/**
 * Folds moments into minutes. `ready`, `capacity` and `latencyP95` are the worst of the minute, `replicas` and `demandForecast` those at its end;
 * a minute violates if any moment of it did. Both levels count with this class, so that their numbers mean the same.
 */
export class MinuteRecorder {
  private readonly minutes: MinuteRecord[] = [];
  private readonly missing: boolean[] = [];
  private open: Open | undefined;
  private events = 0;
  private violated = 0;
  private replicaSeconds = 0;
  private lastReplicas: number | undefined;

  /**
   * @param options `start`: trace time of minute 0; `sloLatencyP95Seconds`; `expectsSignal`: whether a moment without published demand is a fallback
   */
  constructor(private readonly options: { readonly start: number; readonly sloLatencyP95Seconds: number; readonly expectsSignal: boolean }) {}

  /**
   * @param from trace time of the moment's start
   * @param to of its end; a moment that crosses a minute's end is split there
   */
  add(from: number, to: number, moment: MomentSample): void {
    if (this.lastReplicas !== undefined && this.lastReplicas !== moment.replicas) this.events += 1;
    this.lastReplicas = moment.replicas;
    let at = from;
    while (at < to) {
      const index = minuteOf(at, this.options.start);
      const end = Math.min(to, this.options.start + (index + 1) * 60);
      if (index >= 0) this.fold(index, end - at, moment);
      if (!(end > at)) break;
      at = end;
    }
  }

  private fold(index: number, seconds: number, moment: MomentSample): void {
    if (this.open === undefined || this.open.index !== index) {
      this.close();
      this.open = {
        index,
        violation: false,
        replicaSeconds: 0,
        signalMissing: false,
        worst: { demand: moment.demand, ready: moment.ready, capacity: moment.capacity, latencyP95: moment.latencyP95 },
        last: { replicas: moment.replicas, demandForecast: moment.demandForecast },
      };
    }
    const { worst, last } = this.open;
    worst.demand = Math.max(worst.demand, moment.demand);
    worst.ready = Math.min(worst.ready, moment.ready);
    worst.capacity = Math.min(worst.capacity, moment.capacity);
    worst.latencyP95 = Math.max(worst.latencyP95, moment.latencyP95);
    last.replicas = moment.replicas;
    last.demandForecast = moment.demandForecast;
    this.open.violation ||= moment.demand > moment.capacity || moment.latencyP95 > this.options.sloLatencyP95Seconds;
    this.open.signalMissing ||= moment.demandForecast === null;
    this.open.replicaSeconds += moment.replicas * seconds;
    this.replicaSeconds += moment.replicas * seconds;
  }

  private close(): void {
    if (this.open === undefined) return;
    this.minutes.push(this.record(this.open));
    this.missing.push(this.open.signalMissing);
    if (this.open.violation) this.violated += 1;
    this.open = undefined;
  }

  private record({ index, worst, last, violation, replicaSeconds }: Open): MinuteRecord {
    return { time: this.options.start + index * 60, ...worst, ...last, violation, replicaSeconds };
  }

  /** Every minute so far, the one under way included. */
  records(): readonly MinuteRecord[] {
    return this.open === undefined ? [...this.minutes] : [...this.minutes, this.record(this.open)];
  }

  /** Minutes that violated so far. */
  get violationMinutes(): number {
    return this.violated + (this.open?.violation === true ? 1 : 0);
  }

  /** Minutes in which published demand was missing at some moment. */
  get fallbackMinutes(): number {
    return this.missing.filter(Boolean).length + (this.open?.signalMissing === true ? 1 : 0);
  }

  /** Changes of the desired replica count. */
  get scaleEvents(): number {
    return this.events;
  }

  /** Replicas asked for, integrated over time. */
  get replicaHours(): number {
    return this.replicaSeconds / 3600;
  }

  /** The part of the report that this recorder knows. */
  result(o: {
    readonly name: PolicyResult['name'];
    readonly level: Level;
    readonly parameters: PolicyResult['parameters'];
    /** US dollars for the replicas of each minute. */
    readonly price: (replicas: readonly number[], stepSeconds: number) => number;
  }): PolicyResult {
    const records = this.records();
    const replicas = records.map((each) => each.replicas);
    return {
      name: o.name,
      level: o.level,
      parameters: o.parameters,
      violationMinutes: this.violationMinutes,
      replicaHours: this.replicaHours,
      costUsd: o.price(replicas, 60),
      scaleEvents: this.events,
      fallbackMinutes: this.options.expectsSignal ? this.fallbackMinutes : 0,
      series: {
        replicas,
        ready: records.map((each) => each.ready),
        capacity: records.map((each) => each.capacity),
        latencyP95: records.map((each) => each.latencyP95),
        demandForecast: records.map((each) => each.demandForecast),
        violations: records.map((each) => (each.violation ? 1 : 0)),
      },
    };
  }
}
