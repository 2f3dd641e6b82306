import { type Fault, refuse, show } from '../../../base/faults';
import { type ForecastMetric, recordingRules } from '../../contract';
import type { ScaledObjectRef } from './interface';

/** What a trigger asks for, read from its metadata. */
export interface Trigger {
  readonly namespace: string;
  readonly service: string;
  readonly metric: ForecastMetric;
  /** What one replica may be given, in the metric's unit. */
  readonly target: number;
  /** Quantile of the forecast that is provisioned for. */
  readonly quantile: number;
  /** How far ahead demand looks, seconds. */
  readonly leadTimeSeconds: number;
  /** Name under which KEDA and the autoscaler know the metric. */
  readonly metricName: string;
}

/** Metrics that add up over replicas; a ratio or a latency divided by a target per replica means nothing. */
export const SCALABLE_METRICS: readonly ForecastMetric[] = ['requests', 'memory'];

/** Keys that KEDA reads itself and passes on. */
const OF_KEDA = ['scalerAddress', 'enableTLS', 'unsafeSsl'];
/** Keys that are read here. */
const OWN = ['service', 'namespace', 'metric', 'target', 'quantile', 'leadTimeSeconds'];
const DNS_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * Reads the metadata of a trigger of type `external` or `external-push`:
 * `target` (required), `service` (default: the ScaledObject's name), `namespace` (default: the ScaledObject's), `metric` (default `requests`),
 * `quantile` and `leadTimeSeconds` (default: those of the service).
 *
 * @param defaults what applies where the trigger says nothing
 * @throws FaultError naming every key that is unknown, missing or out of range
 */
export function readTrigger(ref: ScaledObjectRef | null, defaults: { readonly quantile: number; readonly leadTimeSeconds: number }): Trigger {
  const faults: Fault[] = [];
  const metadata = ref?.scalerMetadata ?? {};
  const fault = (key: string, got: string | undefined, allowed: string, todo = `set '${key}' in the trigger's metadata`) => {
    faults.push({ where: `metadata ${key}`, got: got === undefined ? 'nothing' : show(got.slice(0, 80)), allowed, do: todo });
  };
  const given = (key: string): string | undefined => (Object.hasOwn(metadata, key) ? metadata[key] : undefined);
  const number = (key: string, min: number, max: number, fallback?: number): number => {
    const text = given(key);
    if (text === undefined && fallback !== undefined) return fallback;
    const value = text !== undefined && /^\d{1,16}(\.\d{1,16})?(e[-+]?\d{1,3})?$/i.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    fault(key, text, `a number from ${min} to ${max}`);
    return NaN;
  };
  const name = (key: string, fallback: string | undefined): string => {
    const value = given(key) ?? fallback ?? '';
    if (!DNS_NAME.test(value)) fault(key, value, 'a name as Kubernetes has them, of at most 253 lower-case letters, digits, - and .');
    return value;
  };

  const known = [...OF_KEDA, ...OWN];
  for (const key of Object.keys(metadata)) {
    if (!known.includes(key)) fault(key.slice(0, 80), 'a key that nobody reads', known.join(', '), 'correct or remove it');
  }
  const service = name('service', ref?.name);
  const namespace = name('namespace', ref?.namespace);
  const metric = (given('metric') ?? 'requests') as ForecastMetric;
  if (!SCALABLE_METRICS.includes(metric)) {
    fault('metric', metric, SCALABLE_METRICS.join(', '), Object.hasOwn(recordingRules, metric) ? 'scale on a metric that adds up over replicas' : "set 'metric' in the trigger's metadata");
  }
  const target = number('target', 0.001, 1e15); // Kubernetes counts in thousandths
  const quantile = number('quantile', 0.5, 0.99, defaults.quantile);
  const leadTimeSeconds = number('leadTimeSeconds', 30, 3600, defaults.leadTimeSeconds);
  refuse('the trigger cannot be served', faults);
  return { namespace, service, metric, target, quantile, leadTimeSeconds, metricName: `tideline-demand-${metric}` };
}
