/** One rule of how fast an autoscaler may change, as in `autoscaling/v2`. */
export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  /** 1 to 1800. */
  readonly periodSeconds: number;
}

/** The rules of one direction, as in `autoscaling/v2`. Absent fields are Kubernetes' defaults. */
export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled';
  readonly policies?: readonly ScalingPolicy[];
  readonly tolerance?: string | number;
}

/** `spec.behavior` of an autoscaler. */
export interface ScalingBehavior {
  readonly scaleUp?: ScalingRules;
  readonly scaleDown?: ScalingRules;
}

/** A behaviour at compressed time, and where whole seconds could not hold it exactly. */
export interface CompressedBehavior {
  readonly behavior: ScalingBehavior;
  readonly notes: readonly string[];
}

/** What the API server fills in where an object says nothing. https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#default-behavior */
const DEFAULTS: { readonly scaleUp: ScalingRules; readonly scaleDown: ScalingRules } = {
  scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] },
  scaleDown: { policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
};

/** Largest value of a policy that is of any use: replicas are 32-bit numbers. */
const LARGEST = 2 ** 31 - 1;

/**
 * Divides the windows of a behaviour by the speed.
 *
 * Periods are whole seconds from 1, and rules that an object leaves out get a period of 15 s of wall time from the API server: so every rule is
 * spelled out, and where a period cannot become short enough its value grows to what it would have allowed over the longer period. The window of
 * stabilization is left out where it is the default, because the controller manager's flag carries it in milliseconds.
 *
 * @param speed modelled seconds in one second
 */
export function compressBehavior(behavior: ScalingBehavior | undefined, speed: number): CompressedBehavior {
  const notes: string[] = [];
  const rules = (direction: 'scaleUp' | 'scaleDown'): ScalingRules => {
    const merged = { ...DEFAULTS[direction], ...behavior?.[direction] };
    const window = merged.stabilizationWindowSeconds;
    const compressed: ScalingRules = { ...merged, policies: merged.policies?.map((policy) => compressPolicy(policy, speed, direction, notes)) };
    if (window === undefined || window === 0) return compressed;
    if (direction === 'scaleDown' && window === DEFAULT_WINDOW) {
      const { stabilizationWindowSeconds: _, ...others } = compressed;
      return others;
    }
    const seconds = Math.round(window / speed);
    if (seconds * speed !== window) notes.push(`${direction}: the stabilization window of ${window} s became ${seconds} s, which stand for ${seconds * speed} s`);
    return { ...compressed, stabilizationWindowSeconds: seconds };
  };
  return { behavior: { scaleUp: rules('scaleUp'), scaleDown: rules('scaleDown') }, notes };
}

/** `--horizontal-pod-autoscaler-downscale-stabilization`, in seconds. */
const DEFAULT_WINDOW = 300;

function compressPolicy(policy: ScalingPolicy, speed: number, direction: 'scaleUp' | 'scaleDown', notes: string[]): ScalingPolicy {
  const periodSeconds = Math.max(1, Math.round(policy.periodSeconds / speed));
  const stretch = (periodSeconds * speed) / policy.periodSeconds;
  if (stretch === 1) return { ...policy, periodSeconds };
  const value = stretchedValue(policy, stretch, direction);
  if (value === policy.value) return { ...policy, periodSeconds };
  const unit = policy.type === 'Percent' ? '%' : ' pods';
  notes.push(`${direction}: ${policy.value}${unit} per ${policy.periodSeconds} s became ${value}${unit} per ${periodSeconds * speed} s`);
  return { type: policy.type, value, periodSeconds };
}

/** What a rule allows when it is applied `stretch` times in a row. */
function stretchedValue({ type, value }: ScalingPolicy, stretch: number, direction: 'scaleUp' | 'scaleDown'): number {
  if (type === 'Pods') return Math.min(LARGEST, Math.max(1, Math.round(value * stretch)));
  const factor = direction === 'scaleUp' ? (1 + value / 100) ** stretch - 1 : 1 - Math.max(0, 1 - value / 100) ** stretch;
  return Math.min(LARGEST, Math.max(1, Math.round(factor * 100)));
}
