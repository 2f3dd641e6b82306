import { HpaSpec } from '../scaling/hpa-spec';
import { Fallback } from '../scaling/keda-signal';

/** Name of the forecast metric in {@link HpaSpec.metrics}. */
export const DEMAND_METRIC = 'demand';

/** How one copy of a service is scaled, as data that both the simulator and a manifest can be made from. */
export interface ScalingPolicy {
  readonly name: 'reactive' | 'predictive';
  readonly namespace: string;
  readonly service: string;
  /** The HPA; a forecast signal is its external metric {@link DEMAND_METRIC}. */
  readonly hpa: HpaSpec;
  /** Where forecast demand comes from. @default - the policy uses none */
  readonly signal?: {
    /** PromQL, or `grpc://` and the address of an external scaler. */
    readonly query: string;
    /** Requests per second per replica. */
    readonly threshold: number;
    /** @default - failures are passed on to the HPA */
    readonly fallback?: Fallback;
  };
}

/** What a search may set on the reactive policy. */
export interface Tuning {
  readonly targetPercent: number;
  readonly stabilizationSeconds: number;
}

/** CPU target of a policy, percent. */
export function cpuTarget(policy: ScalingPolicy): number | undefined {
  for (const metric of policy.hpa.metrics) if (metric.type === 'Resource' && metric.resource === 'cpu') return metric.averageUtilization;
  return undefined;
}

/** The same service scaled on CPU alone, with the given target and window; limits and scale-up rules stay those of the predictive policy. */
export function reactivePolicy(policy: ScalingPolicy, tuning: Tuning, namespace = `${policy.namespace}-reactive`): ScalingPolicy {
  return {
    name: 'reactive',
    namespace,
    service: policy.service,
    hpa: {
      ...policy.hpa,
      metrics: [{ type: 'Resource', resource: 'cpu', averageUtilization: tuning.targetPercent }],
      behavior: { ...policy.hpa.behavior, scaleDown: { ...policy.hpa.behavior?.scaleDown, stabilizationWindowSeconds: tuning.stabilizationSeconds } },
    },
  };
}
