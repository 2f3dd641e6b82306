/**
 * The part of `autoscaling/v2` that decides replica counts, as plain data, with the defaults of Kubernetes 1.36
 * (pkg/apis/autoscaling/v2/defaults.go and the flags of kube-controller-manager).
 */

/** One limit on the rate of change. */
export interface HpaPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  /** 1 to 1800. */
  readonly periodSeconds: number;
}

/** How fast replicas may change in one direction. */
export interface HpaRules {
  /** How long the gentlest recent recommendation holds, seconds. @default - 0 upwards; the controller's downscale stabilization downwards */
  readonly stabilizationWindowSeconds?: number;
  /** @default 'Max' */
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled';
  /** @default - upwards 4 pods or 100 % per 15 s; downwards 100 % per 15 s */
  readonly policies?: readonly HpaPolicy[];
  /** Share around the target that changes nothing. @default - the controller's tolerance */
  readonly tolerance?: number;
}

export interface HpaBehavior {
  readonly scaleUp?: HpaRules;
  readonly scaleDown?: HpaRules;
}

/** One metric of an HPA. Only the kinds that the platform writes. */
export type HpaMetric =
  | { readonly type: 'Resource'; readonly resource: 'cpu' | 'memory'; /** Percent of the pods' requests. */ readonly averageUtilization: number }
  | { readonly type: 'External'; readonly name: string; /** Value per replica. */ readonly averageValue: number };

/** What an HPA object says. */
export interface HpaSpec {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly HpaMetric[];
  /** @default - the rules the controller had before `behavior` existed: at most double or 4, and the downscale stabilization */
  readonly behavior?: HpaBehavior;
}

/** What the controller manager is started with. Seconds of its own clock. */
export interface HpaControllerOptions {
  /** @default 0.1 */
  readonly tolerance?: number;
  /** @default 300 */
  readonly cpuInitializationPeriodSeconds?: number;
  /** @default 30 */
  readonly initialReadinessDelaySeconds?: number;
  /** @default 300 */
  readonly downscaleStabilizationSeconds?: number;
}

export const HPA_DEFAULTS: Required<HpaControllerOptions> = {
  tolerance: 0.1,
  cpuInitializationPeriodSeconds: 300,
  initialReadinessDelaySeconds: 30,
  downscaleStabilizationSeconds: 300,
};

/** The rules the API server fills in where a `behavior` leaves them out. */
export const DEFAULT_SCALE_UP: Required<Omit<HpaRules, 'tolerance'>> = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }],
};
export const DEFAULT_SCALE_DOWN: Required<Omit<HpaRules, 'tolerance' | 'stabilizationWindowSeconds'>> = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};
