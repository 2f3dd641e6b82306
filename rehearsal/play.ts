import type { Environment } from '../config';
import type { ScalingPolicy } from './levels';
import { catalogWorkload, replicaCapacity } from './plant';
import { loadTrace, requestsScale, TraceWindow, window } from './traces';

/** Hours of a trace as they are played. */
export interface Play {
  readonly window: TraceWindow;
  /** What the trace's values are multiplied with to become requests per second. */
  readonly scale: number;
}

/** Hours that lead the service to its most replicas. */
export function playOf(trace: ReturnType<typeof loadTrace>, hours: number, policy: ScalingPolicy, environment: Environment): Play {
  const part = window(trace, hours);
  return { window: part, scale: requestsScale({ history: part.history, maxReplicas: policy.hpa.maxReplicas, requestsPerReplica: requestsPerReplica(policy, environment) }) };
}

/** What one replica is meant to take. */
export function requestsPerReplica(policy: ScalingPolicy, environment: Environment): number {
  return policy.signal?.threshold ?? replicaCapacity(catalogWorkload) * (environment.scaling.cpuTargetPercent / 100);
}

