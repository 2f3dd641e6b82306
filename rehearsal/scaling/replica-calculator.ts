/**
 * From metrics to a number of replicas, as `pkg/controller/podautoscaler/replica_calculator.go` of Kubernetes 1.36 does it,
 * integer arithmetic included: its truncations decide whether a ratio is within tolerance.
 */

/** A pod as the HPA controller sees it. Times are seconds of the controller's clock. */
export interface HpaPod {
  readonly phase: 'Pending' | 'Running' | 'Failed';
  /** Marked for deletion. */
  readonly deleting: boolean;
  /** Status of its Ready condition; null while it has none. */
  readonly ready: boolean | null;
  /** Last change of the Ready condition. */
  readonly readyTransition: number;
  /** `status.startTime`; null until a kubelet took the pod. */
  readonly startTime: number | null;
  /** Request of the metric's resource, thousandths of its unit. */
  readonly request: number;
  /** What the resource metrics API says of it; null if it says nothing. */
  readonly usage: HpaUsage | null;
}

/** Use of a resource over the `window` seconds before `timestamp`; whole thousandths of its unit. */
export interface HpaUsage {
  readonly value: number;
  readonly timestamp: number;
  readonly window: number;
}

export interface Tolerances { readonly down: number; readonly up: number }

/** The controller's answer for one metric; `invalid` carries why it has none. */
export type Proposal = { readonly replicas: number } | { readonly invalid: string };

const MAX_INT32 = 2 ** 31 - 1;

function within(tolerances: Tolerances, ratio: number): boolean {
  return 1 - tolerances.down <= ratio && ratio <= 1 + tolerances.up;
}

/** True if the HPA leaves the pod's CPU sample out because the pod is starting. */
function cpuUnready(pod: HpaPod, usage: HpaUsage, now: number, cpuInitializationPeriod: number, initialReadinessDelay: number): boolean {
  if (pod.ready === null || pod.startTime === null) return true;
  // Within the initialization period a sample counts once a full window was collected after the pod turned ready.
  if (pod.startTime + cpuInitializationPeriod > now) return !pod.ready || usage.timestamp < pod.readyTransition + usage.window;
  // Later, an unready pod is left out only if it never was ready.
  return !pod.ready && pod.startTime + initialReadinessDelay > pod.readyTransition;
}

/**
 * Replicas for a resource target in percent of requests.
 *
 * @param targetUtilization percent, a whole number as the API has it
 */
export function resourceReplicas(o: {
  readonly pods: readonly HpaPod[];
  readonly current: number;
  readonly resource: 'cpu' | 'memory';
  readonly targetUtilization: number;
  readonly tolerances: Tolerances;
  readonly now: number;
  readonly cpuInitializationPeriod: number;
  readonly initialReadinessDelay: number;
}): Proposal {
  const { pods, current, targetUtilization, tolerances } = o;
  if (pods.length === 0) return { invalid: 'no pods' };
  let ready = 0;
  let usage = 0;
  let requests = 0;
  let unready = 0;
  let unreadyRequests = 0;
  let missing = 0;
  let missingRequests = 0;
  let fallbackUsage = 0;
  for (const pod of pods) {
    if (pod.deleting || pod.phase === 'Failed') continue;
    if (pod.phase === 'Pending') {
      unready += 1;
      unreadyRequests += pod.request;
    } else if (pod.usage === null) {
      missing += 1;
      missingRequests += pod.request;
      fallbackUsage += Math.trunc((pod.request * Math.max(100, targetUtilization)) / 100);
    } else if (o.resource === 'cpu' && cpuUnready(pod, pod.usage, o.now, o.cpuInitializationPeriod, o.initialReadinessDelay)) {
      unready += 1;
      unreadyRequests += pod.request;
    } else {
      ready += 1;
      usage += pod.usage.value;
      requests += pod.request;
    }
  }
  if (ready === 0) return { invalid: 'no metrics of pods that are ready' };
  if (requests === 0) return { invalid: 'pods without a request' };

  const ratio = Math.trunc((usage * 100) / requests) / targetUtilization;
  const scaleUpWithUnready = unready > 0 && ratio > 1;
  if (!scaleUpWithUnready && missing === 0) {
    return { replicas: within(tolerances, ratio) ? current : Math.ceil(ratio * ready) };
  }

  // What is not known is assumed to argue against the change: full use on the way down, none on the way up.
  let counted = ready;
  if (missing > 0 && ratio < 1) {
    usage += fallbackUsage;
    requests += missingRequests;
    counted += missing;
  } else if (missing > 0 && ratio > 1) {
    requests += missingRequests;
    counted += missing;
  }
  if (scaleUpWithUnready) {
    requests += unreadyRequests;
    counted += unready;
  }
  const adjusted = Math.trunc((usage * 100) / requests) / targetUtilization;
  if (within(tolerances, adjusted) || (ratio < 1 && adjusted > 1) || (ratio > 1 && adjusted < 1)) return { replicas: current };
  const replicas = Math.ceil(adjusted * counted);
  if ((adjusted < 1 && replicas > current) || (adjusted > 1 && replicas < current)) return { replicas: current };
  return { replicas };
}

/** Thousandths, rounded up as a quantity's MilliValue() is; what binary fractions leave over is not a thousandth. */
function milli(value: number): number {
  return Math.ceil(value * 1000 - 1e-6);
}

/**
 * Replicas for an external metric with a target per replica.
 *
 * @param values what the external metrics API returned; null if it failed. Anything not finite counts as failed.
 * @param statusReplicas pods that exist, from the scale's status
 * @param averageValue target per replica
 */
export function externalReplicas(o: {
  readonly values: readonly number[] | null;
  readonly statusReplicas: number;
  readonly averageValue: number;
  readonly tolerances: Tolerances;
}): Proposal {
  if (o.values === null || o.values.length === 0) return { invalid: 'no external metric' };
  let usage = 0;
  for (const value of o.values) {
    if (!Number.isFinite(value)) return { invalid: 'external metric is not a number' };
    usage += milli(value);
  }
  const target = milli(o.averageValue);
  const ratio = usage / (target * o.statusReplicas);
  if (within(o.tolerances, ratio)) return { replicas: o.statusReplicas };
  return { replicas: Math.min(MAX_INT32, Math.ceil(usage / target)) };
}
