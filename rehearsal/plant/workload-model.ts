import { contract as catalog } from '../../apps/catalog/contract';

/** What one replica of a service can do and needs. */
export interface Workload {
  /** CPU request, and limit: a replica cannot use more. */
  readonly cpuRequestMillicores: number;
  /** CPU of a replica without requests. */
  readonly idleCpuMillicores: number;
  /** CPU time one request costs. */
  readonly cpuSecondsPerRequest: number;
  /** From the pod's creation to ready. */
  readonly startupSeconds: number;
  readonly sloLatencyP95Seconds: number;
  readonly idleMemoryMiB: number;
  readonly memoryLimitMiB: number;
  /** How long callers wait before they give up. */
  readonly timeoutSeconds: number;
  /** What every answer takes beside the work itself: network and proxies. @default 0 */
  readonly latencyFloorSeconds?: number;
}

/** The catalog service by its contract. What the contract does not say: callers wait 10 s, an idle replica holds half its memory request. */
export const catalogWorkload: Workload = {
  cpuRequestMillicores: catalog.resources.cpuRequestMillicores,
  idleCpuMillicores: catalog.work.idleCpuMillicores,
  cpuSecondsPerRequest: catalog.work.cpuSecondsPerRequest,
  startupSeconds: catalog.startupSeconds,
  sloLatencyP95Seconds: catalog.slo.latencyP95Seconds,
  idleMemoryMiB: catalog.resources.memoryRequestMiB / 2,
  memoryLimitMiB: catalog.resources.memoryLimitMiB,
  timeoutSeconds: 10,
};

/** Requests per second that one ready replica can serve. */
export function replicaCapacity(workload: Workload): number {
  return (workload.cpuRequestMillicores - workload.idleCpuMillicores) / 1000 / workload.cpuSecondsPerRequest;
}

/** What the service meets in one step. */
export interface Load {
  /** Requests per second offered. */
  readonly demand: number;
  /** Ready replicas. */
  readonly ready: number;
  /** Requests waiting from the step before. */
  readonly backlog: number;
}

/** How the service did in one step. */
export interface ServiceState {
  readonly cpuMillicoresPerReplica: number;
  /** CPU used over CPU requested, 0 to 1. */
  readonly utilisation: number;
  /** Seconds; never above the callers' patience. */
  readonly latencyP95: number;
  readonly servedPerSecond: number;
  /** Requests still waiting. */
  readonly backlog: number;
  /** Requests whose callers gave up. */
  readonly dropped: number;
  readonly memoryBytesPerReplica: number;
  /** Requests per second that the ready replicas can serve. */
  readonly capacity: number;
}

const LN20 = Math.log(20);
const MIB = 1024 * 1024;
/** Memory a request holds while it is in the system. */
const MIB_PER_REQUEST = 0.25;

/**
 * One step of the queueing model. Each ready replica is an M/M/1 queue (load spread evenly): its response time is exponential with rate
 * mu - lambda, so p95 = ln(20) / (mu - lambda); what exceeds capacity waits, and the time to drain it is added, as is the latency floor. Callers
 * leave after `timeoutSeconds`, which bounds both the backlog and the latency.
 *
 * @param dt seconds, above 0
 */
export function step(workload: Workload, load: Load, dt: number): ServiceState {
  const perReplica = replicaCapacity(workload);
  const capacity = load.ready * perReplica;
  const offered = load.demand * dt + load.backlog;
  const served = Math.min(offered, capacity * dt);
  const waiting = offered - served;
  const backlog = Math.min(waiting, capacity * workload.timeoutSeconds);
  const servedPerSecond = served / dt;

  const lambda = load.ready > 0 ? load.demand / load.ready : 0;
  const queueing = lambda < perReplica ? LN20 / (perReplica - lambda) : workload.timeoutSeconds;
  const draining = capacity > 0 ? backlog / capacity : 0;
  const latencyP95 = load.ready > 0 ? Math.min(workload.timeoutSeconds, (workload.latencyFloorSeconds ?? 0) + queueing + draining) : workload.timeoutSeconds;

  const busy = load.ready > 0 ? (servedPerSecond / load.ready) * workload.cpuSecondsPerRequest * 1000 : 0;
  const cpuMillicoresPerReplica = Math.min(workload.cpuRequestMillicores, workload.idleCpuMillicores + busy);
  const inSystem = load.ready > 0 ? backlog / load.ready + Math.min(lambda, perReplica) * Math.min(latencyP95, 1) : 0;
  const memoryMiB = Math.min(workload.memoryLimitMiB, workload.idleMemoryMiB + inSystem * MIB_PER_REQUEST);
  return {
    cpuMillicoresPerReplica,
    utilisation: cpuMillicoresPerReplica / workload.cpuRequestMillicores,
    latencyP95,
    servedPerSecond,
    backlog,
    dropped: waiting - backlog,
    memoryBytesPerReplica: Math.round(memoryMiB * MIB),
    capacity,
  };
}
