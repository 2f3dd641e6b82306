import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../../../../base/faults';
import { forecasterMetrics } from '../../../../forecaster/contract';
import { compress as compressWindows } from '../../../control-plane/compression';
import type { KubeObject } from '../../../control-plane/kube-objects';
import { AffineClock } from '../../../plant/clock';
import { parseExposition } from '../../../plant/exposition';
import { MinuteRecorder } from '../../../plant/minutes';
import { catalogWorkload, replicaCapacity, Workload } from '../../../plant/workload-model';
import type { PolicyResult, Report } from '../../../report/schema';
import type { Measured, PlantVsKind } from '../../../report/schema-kind';
import { ClockBody, TIMEKEEPER } from '../../../stand-ins/timekeeper/contract';
import { ForecastLog } from '../../forecast-log';
import { FORECAST_HORIZON_MINUTES } from '../../forecast-run';
import { compressedTiming } from '../../loop';
import { compress } from '../../manifests';
import { readPolicy } from '../../read-policy';
import type { KindCluster } from '../contract';
import { ClusterService } from './cluster-service';
import { comparePlant } from './compare';
import { LoadgenReport, loadgenReport, measuredResult, PodMetrics } from './measure';
import { PodUse } from './pod-use';
import { PodWatch } from './samples';
import { PlayedTrace, TARGET, traceBody } from './trace';

/** Where the replay is. */
export interface KindProgress {
  readonly minute: number;
  readonly minutes: number;
  /** Requests per second. */
  readonly demand: number;
  readonly replicas: number;
  readonly ready: number;
  /** Of the last whole minute, seconds; null before there was one. */
  readonly latencyP95: number | null;
  readonly secondsLeft: number;
}

/** What the loop is closed with. */
export interface KindLoopOptions extends PlayedTrace {
  readonly cluster: Pick<KindCluster, 'api' | 'forward' | 'failed'>;
  readonly seed: number;
  /** The catalog service's Application as dist/ has it. */
  readonly application: readonly KubeObject[];
  /** Bearer tokens; secrets. */
  readonly tokens: { readonly forecaster: string; readonly loadgen: string; readonly timekeeper: string };
  readonly parameters: PolicyResult['parameters'];
  readonly price: (replicas: readonly number[], stepSeconds: number) => number;
  /** @default catalogWorkload */
  readonly workload?: Workload;
  /** Called with the step under way, and while the trace is replayed with where it is. */
  readonly onStep: (step: string, progress?: KindProgress) => void;
  /** Told of what nobody asked for. */
  readonly note: (what: string) => void;
  /** Unix seconds of this machine, with fractions. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface KindLoopResult {
  readonly policy: PolicyResult & { readonly measured: Measured };
  readonly forecast: Report['forecast'];
  readonly plantVsKind: PlantVsKind;
}

/** Ports of Services, not of pods. */
const SERVICES = {
  timekeeper: { namespace: TIMEKEEPER.namespace, name: TIMEKEEPER.name, port: TIMEKEEPER.port },
  forecaster: { namespace: 'forecaster', name: 'forecaster', port: 80 },
  loadgen: { namespace: 'loadgen', name: 'loadgen', port: 80 },
  prometheus: { namespace: 'observability', name: 'prometheus', port: 9090 },
} as const;
type Services = Readonly<Record<keyof typeof SERVICES, ClusterService>>;

/** The forecaster learns the whole history and proves itself on it before it is trusted. */
const DEMAND_SECONDS = 240;
/** How long the Deployment must stand still before the replay begins, and how long that may take, seconds. */
const SETTLED_SECONDS = 12;
const SETTLE_SECONDS = 300;
/** Pods, demand and the load generator are looked at so often, milliseconds. */
const LOOK_MS = 1000;
/** Looks in a row that may fail: an API server on few cores is late at times. */
const MOST_MISSED = 15;
/** Requests under way at the end of the trace may take as long as callers wait; then the generator is at its end, too. */
const LAST_ANSWERS_SECONDS = 30;

/**
 * Closes the loop on real pods: the load generator asks the real catalog for what the trace says, the forecaster learns the trace, KEDA and the HPA scale the pods.
 *
 * @throws FaultError naming what did not do its part; AbortError when interrupted. The cluster is left as it is.
 */
export async function runKindLoop(options: KindLoopOptions): Promise<KindLoopResult> {
  const { cluster, tokens } = options;
  const opened: ClusterService[] = [];
  const open = async (name: keyof typeof SERVICES, token = ''): Promise<ClusterService> => {
    const service = await ClusterService.open(cluster, { ...SERVICES[name], token });
    opened.push(service);
    return service;
  };
  const play = async (): Promise<KindLoopResult> => {
    options.onStep('open ways into the cluster');
    const services: Services = {
      timekeeper: await open('timekeeper', tokens.timekeeper), forecaster: await open('forecaster', tokens.forecaster),
      loadgen: await open('loadgen', tokens.loadgen), prometheus: await open('prometheus'),
    };
    return new KindLoop(options, services).play();
  };
  try {
    return await Promise.race([play(), cluster.failed]);
  } finally {
    await Promise.allSettled(opened.map((service) => service.close()));
  }
}

/** Demand that was published from a time of the trace on. */
interface Published { readonly from: number; readonly value: number | null }

class KindLoop {
  private readonly demand: readonly number[];
  private readonly workload: Workload;
  private readonly pods: PodWatch;
  private readonly log: ForecastLog;
  private readonly clock: AffineClock;
  private readonly published: Published[] = [];
  private readonly restarts = new Map<string, number>();
  private readonly used: PodUse;
  private idleCpu: number | null = null;

  constructor(private readonly o: KindLoopOptions, private readonly services: Services) {
    this.demand = o.window.replay.map((value) => value * o.scale);
    this.workload = o.workload ?? catalogWorkload;
    this.pods = new PodWatch(o.cluster.api, TARGET);
    this.log = new ForecastLog(services.forecaster, { name: TARGET.name, namespace: TARGET.namespace, horizonMinutes: FORECAST_HORIZON_MINUTES });
    this.used = new PodUse(services.prometheus, o.speed, o.signal);
    this.clock = new AffineClock({ traceStart: o.window.from, speed: o.speed });
  }

  async play(): Promise<KindLoopResult> {
    const { o } = this;
    o.onStep('tell the forecaster what lies before the replay');
    await this.giveHistory();
    await this.waitForDemand();
    this.idleCpu = await this.used.idleCpuMillicores(); // the load has not begun
    o.onStep('settle at the first minute of the trace');
    const initialReplicas = await this.settle();
    const wallStart = await this.start();
    const recorder = new MinuteRecorder({ start: o.window.from, sloLatencyP95Seconds: this.workload.sloLatencyP95Seconds, expectsSignal: true });
    const report = await this.replay(recorder);
    o.onStep('read what the pods used');
    const policy = measuredResult({
      recorder, report, metrics: await this.podMetrics(wallStart), startupSeconds: this.pods.startupSeconds, workload: this.workload, minutes: this.demand.length, speed: o.speed,
      parameters: o.parameters, price: o.price,
    });
    const inRequests = (value: number) => value * o.scale;
    return {
      policy,
      forecast: this.log.section({ start: o.window.from, history: o.window.history.map(inRequests), replay: this.demand }),
      plantVsKind: this.compare(policy, initialReplicas, wallStart),
    };
  }

  private async giveHistory(): Promise<void> {
    // Given before already where the forecaster had to become ready; once more, in case the timekeeper was started again since.
    await this.services.timekeeper.json('/trace', { method: 'PUT', body: traceBody(this.o), signal: this.o.signal });
  }

  /** What the forecaster publishes now; null where it publishes nothing. */
  private async publishedNow(): Promise<number | null> {
    const page = await this.services.forecaster.text('/metrics', { signal: this.o.signal });
    const ours = { namespace: TARGET.namespace, service: TARGET.name, metric: 'requests' };
    const values = parseExposition(page)
      .filter(({ name, labels }) => name === forecasterMetrics.demand && Object.entries(ours).every(([key, value]) => labels[key] === value))
      .map(({ value }) => value).filter((value) => Number.isFinite(value));
    return values.length === 0 ? null : Math.max(...values);
  }

  private async waitForDemand(): Promise<void> {
    const { now, signal } = this.o;
    const began = now();
    let last = 'no answer';
    while (now() - began < DEMAND_SECONDS) {
      const demand = await this.publishedNow().catch((error: Error) => {
        signal.throwIfAborted();
        last = error.message;
        return null;
      });
      if (demand !== null) return;
      this.o.onStep(`wait until the forecaster publishes demand: ${Math.round(now() - began)} s`);
      await sleep(1000, undefined, { signal });
      last = 'no demand';
    }
    throw new FaultError('the forecaster does not publish demand', [{
      where: `${forecasterMetrics.demand}{service="${TARGET.name}"}`, got: `${last} after ${DEMAND_SECONDS} s`, allowed: 'a number, once it has proved itself on the history',
      do: 'replay a trace with more history, or look at GET /models/status of the forecaster: it says why it is not trusted',
    }]);
  }

  /** The first minute's load holds until as many replicas as are wanted for it are ready. @returns how many those are */
  private async settle(): Promise<number> {
    const { now, signal } = this.o;
    await this.load({ kind: 'steady', ratePerSecond: this.demand[0] ?? 0, seconds: 3 * SETTLE_SECONDS });
    const began = now();
    let still = began;
    let state = '';
    while (now() - began < SETTLE_SECONDS) {
      await sleep(LOOK_MS, undefined, { signal });
      const { desired, ready } = await this.pods.look();
      const current = `${ready} of ${desired} replicas ready`;
      if (current !== state || ready !== desired || desired === 0) still = now();
      state = current;
      this.o.onStep(`settle at the first minute of the trace: ${state}`);
      if (now() - still >= SETTLED_SECONDS) {
        this.pods.forget();
        return desired;
      }
    }
    throw new FaultError('the service did not settle before the replay', [{
      where: `Deployment ${TARGET.namespace}/${TARGET.name}`, got: state, allowed: `no change for ${SETTLED_SECONDS} s`,
      do: 'look at the HPA and at the pods of KEDA; with --keep the cluster stays',
    }]);
  }

  private async load(shape: Readonly<Record<string, unknown>>): Promise<void> {
    const { speed, seed, signal } = this.o;
    await this.services.loadgen.json('/run', { method: 'POST', body: { shape, seed, spacing: 'poisson', intervalSeconds: 60 / speed }, again: false, signal });
  }

  /** Load and clock begin together. @returns when, by the clock of the cluster */
  private async start(): Promise<number> {
    const { o } = this;
    await this.services.loadgen.json('/run', { method: 'DELETE', signal: o.signal });
    await this.load({ kind: 'trace', ratesPerSecond: this.demand, stepSeconds: 60, compression: o.speed });
    const { wallStart } = await this.services.timekeeper.json<ClockBody>('/clock', { method: 'POST', again: false, signal: o.signal });
    this.clock.start(o.now());
    return wallStart!;
  }

  private async replay(recorder: MinuteRecorder): Promise<LoadgenReport> {
    const { o, clock } = this;
    const { from, to } = o.window;
    let missed = 0;
    let recorded = from;
    let answered = o.now();
    let report: LoadgenReport | undefined;
    for (;;) {
      await sleep(LOOK_MS, undefined, { signal: o.signal });
      try {
        const [sample, demandForecast, found] = await Promise.all([
          this.pods.look(), this.publishedNow().catch(() => null), this.services.loadgen.json('/run', { signal: o.signal }).then(loadgenReport),
        ]);
        missed = 0;
        answered = o.now();
        report = found;
        const time = Math.min(clock.toTrace(answered), to);
        const minute = Math.min(this.demand.length - 1, Math.floor((time - from) / 60));
        const { desired: replicas, ready, restarts } = sample;
        this.told(time, demandForecast);
        this.startedAgain(restarts);
        if (time > recorded) {
          recorder.add(recorded, time, { demand: this.demand[minute]!, replicas, ready, capacity: ready * replicaCapacity(this.workload), latencyP95: 0, demandForecast });
          recorded = time;
        }
        if (time < to) this.log.poll(minute);
        const whole = found.intervals[minute - 1];
        o.onStep('replay the trace', {
          minute, minutes: this.demand.length, demand: this.demand[minute]!, replicas, ready, latencyP95: whole?.latency.p95 ?? null,
          secondsLeft: Math.max(0, (to - time) / o.speed),
        });
      } catch (error) {
        o.signal.throwIfAborted();
        missed += 1;
        if (missed === 1) o.note(`a look at the replay failed: ${(error as Error).message.split('\n')[0]}`);
        if (missed > MOST_MISSED) throw error;
      }
      if (recorded >= to && report?.state !== 'running') break;
      if (o.now() > clock.toWall(to) + LAST_ANSWERS_SECONDS) {
        throw new FaultError('the load generator did not come to its end', [{
          where: 'loadgen GET /run', got: `state ${report?.state ?? 'unknown'}, last answer ${Math.round(o.now() - answered)} s ago`, allowed: 'finished',
          do: 'look at its log and its CPU: it may have too little',
        }]);
      }
    }
    if (report!.state === 'stopped') o.note('somebody stopped the load generator before the end of the trace');
    return report!;
  }

  private told(time: number, value: number | null): void {
    const last = this.published.at(-1);
    if (last && last.value !== null && value === null) this.o.note('the forecaster publishes no demand: scaling goes on reactively');
    if (last && last.value === null && value !== null) this.o.note('the forecaster publishes demand again');
    if (!last || last.value !== value) this.published.push({ from: time, value });
  }

  private startedAgain(restarts: Readonly<Record<string, number>>): void {
    for (const [pod, count] of Object.entries(restarts)) {
      const before = this.restarts.get(pod) ?? 0;
      if (count > before) this.o.note(`the container of pod ${pod} was started again (${count} times so far)`);
      this.restarts.set(pod, count);
    }
  }

  /** CPU and memory of a replica in each minute of the replay. @param wallStart by the cluster's clock */
  private async podMetrics(wallStart: number): Promise<PodMetrics> {
    const ends = this.demand.map((_, minute) => wallStart + ((minute + 1) * 60) / this.o.speed);
    try {
      return await this.used.inMinutes(ends);
    } catch (error) {
      this.o.signal.throwIfAborted();
      this.o.note(`what the pods used cannot be told: ${(error as Error).message.split('\n')[0]}`);
      return { cpuMillicoresPerReplica: [], memoryBytesPerReplica: [] };
    }
  }

  private compare(result: PolicyResult & { readonly measured: Measured }, initialReplicas: number, wallStart: number): PlantVsKind {
    const { o } = this;
    const compressed = compress(o.application, o.speed).objects;
    return comparePlant({
      result, initialReplicas, idleCpuMillicores: this.idleCpu, workload: this.workload, start: o.window.from,
      policy: readPolicy(compressed, { service: TARGET.name }),
      timing: compressedTiming({ compression: compressWindows(o.speed), startupSeconds: 0, wallStart }),
      publishedDemand: (traceTime) => this.published.findLast(({ from }) => from <= traceTime)?.value ?? this.published[0]?.value ?? null,
    });
  }
}
