import { Fault, refuse, show } from '../../base/faults';
import { KubeObject, nameOf, refOf } from '../control-plane/kube-objects';
import type { HpaBehavior, HpaMetric, HpaRules } from '../scaling/hpa-spec';
import { DEMAND_METRIC, ScalingPolicy } from './policy';

type Json = Readonly<Record<string, unknown>>;

/** Collects what a manifest says that the simulator does not understand: simulating something else would be a lie. */
class Reader {
  readonly faults: Fault[] = [];

  constructor(private readonly object: string) {}

  refuse(path: string, got: unknown, allowed: string): void {
    this.faults.push({ where: `${this.object} ${path}`, got: show(got), allowed, do: 'write it in a form the simulator understands, or teach the simulator' });
  }

  record(value: unknown, path: string): Json {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
    if (value !== undefined) this.refuse(path, value, 'an object');
    return {};
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    if (value !== undefined) this.refuse(path, value, 'a list');
    return [];
  }

  /** A number, also where it is written as text, as KEDA's trigger metadata has it. */
  number(value: unknown, path: string, min: number, fallback?: number): number {
    if (value === undefined && fallback !== undefined) return fallback;
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof parsed === 'number' && Number.isFinite(parsed) && parsed >= min) return parsed;
    this.refuse(path, value, `a number from ${min}`);
    return NaN;
  }

  only(value: Json, known: readonly string[], path: string): void {
    for (const key of Object.keys(value)) if (!known.includes(key)) this.refuse(`${path}.${key}`, value[key], known.map((each) => `${path}.${each}`).join(', '));
  }
}

function rules(reader: Reader, value: unknown, path: string): HpaRules | undefined {
  if (value === undefined) return undefined;
  const json = reader.record(value, path);
  reader.only(json, ['stabilizationWindowSeconds', 'selectPolicy', 'policies', 'tolerance'], path);
  const select = json.selectPolicy;
  if (select !== undefined && !['Max', 'Min', 'Disabled'].includes(String(select))) reader.refuse(`${path}.selectPolicy`, select, 'Max, Min, Disabled');
  return {
    ...(json.stabilizationWindowSeconds === undefined ? {} : { stabilizationWindowSeconds: reader.number(json.stabilizationWindowSeconds, `${path}.stabilizationWindowSeconds`, 0) }),
    ...(select === undefined ? {} : { selectPolicy: select as 'Max' }),
    ...(json.tolerance === undefined ? {} : { tolerance: reader.number(json.tolerance, `${path}.tolerance`, 0) }),
    ...(json.policies === undefined ? {} : {
      policies: reader.list(json.policies, `${path}.policies`).map((each, index) => {
        const policy = reader.record(each, `${path}.policies[${index}]`);
        if (policy.type !== 'Pods' && policy.type !== 'Percent') reader.refuse(`${path}.policies[${index}].type`, policy.type, 'Pods, Percent');
        return {
          type: policy.type as 'Pods',
          value: reader.number(policy.value, `${path}.policies[${index}].value`, 1),
          periodSeconds: reader.number(policy.periodSeconds, `${path}.policies[${index}].periodSeconds`, 1),
        };
      }),
    }),
  };
}

function behavior(reader: Reader, value: unknown, path: string): HpaBehavior | undefined {
  if (value === undefined) return undefined;
  const json = reader.record(value, path);
  const [scaleUp, scaleDown] = [rules(reader, json.scaleUp, `${path}.scaleUp`), rules(reader, json.scaleDown, `${path}.scaleDown`)];
  return { ...(scaleUp ? { scaleUp } : {}), ...(scaleDown ? { scaleDown } : {}) };
}

function readScaledObject(object: KubeObject, service: string): { policy: ScalingPolicy; faults: Fault[] } {
  const reader = new Reader(nameOf(refOf(object)));
  const spec = reader.record(object.spec, 'spec');
  reader.only(spec, ['scaleTargetRef', 'minReplicaCount', 'maxReplicaCount', 'pollingInterval', 'cooldownPeriod', 'initialCooldownPeriod', 'triggers', 'fallback', 'advanced'], 'spec');
  const metrics: HpaMetric[] = [];
  let signal: ScalingPolicy['signal'];
  reader.list(spec.triggers, 'spec.triggers').forEach((each, index) => {
    const path = `spec.triggers[${index}]`;
    const trigger = reader.record(each, path);
    const metadata = reader.record(trigger.metadata, `${path}.metadata`);
    if (trigger.type === 'cpu' && trigger.metricType === 'Utilization') {
      reader.only(metadata, ['value'], `${path}.metadata`);
      metrics.push({ type: 'Resource', resource: 'cpu', averageUtilization: reader.number(metadata.value, `${path}.metadata.value`, 1) });
    } else if (trigger.type === 'prometheus' && signal === undefined) {
      if (trigger.metricType !== undefined && trigger.metricType !== 'AverageValue') reader.refuse(`${path}.metricType`, trigger.metricType, 'AverageValue');
      if (String(metadata.ignoreNullValues) !== 'false') reader.refuse(`${path}.metadata.ignoreNullValues`, metadata.ignoreNullValues, '"false": a missing forecast must not look like no demand');
      if (typeof metadata.query !== 'string') reader.refuse(`${path}.metadata.query`, metadata.query, 'a query');
      const threshold = reader.number(metadata.threshold, `${path}.metadata.threshold`, 0.001);
      signal = { query: String(metadata.query), threshold };
      metrics.push({ type: 'External', name: DEMAND_METRIC, averageValue: threshold });
    } else if (trigger.type === 'external-push' && signal === undefined) {
      if (trigger.metricType !== undefined && trigger.metricType !== 'AverageValue') reader.refuse(`${path}.metricType`, trigger.metricType, 'AverageValue');
      reader.only(metadata, ['scalerAddress', 'enableTLS', 'service', 'namespace', 'metric', 'target', 'quantile', 'leadTimeSeconds'], `${path}.metadata`);
      if (typeof metadata.scalerAddress !== 'string') reader.refuse(`${path}.metadata.scalerAddress`, metadata.scalerAddress, 'an address');
      if ((metadata.metric ?? 'requests') !== 'requests') reader.refuse(`${path}.metadata.metric`, metadata.metric, 'requests');
      const threshold = reader.number(metadata.target, `${path}.metadata.target`, 0.001);
      signal = { query: `grpc://${String(metadata.scalerAddress)}`, threshold };
      metrics.push({ type: 'External', name: DEMAND_METRIC, averageValue: threshold });
    } else {
      reader.refuse(path, `${String(trigger.type)} ${String(trigger.metricType)}`, 'one cpu trigger with metricType Utilization, and at most one prometheus or external-push trigger');
    }
  });
  if (signal !== undefined && spec.fallback !== undefined) {
    const fallback = reader.record(spec.fallback, 'spec.fallback');
    if (fallback.behavior !== undefined && fallback.behavior !== 'static') reader.refuse('spec.fallback.behavior', fallback.behavior, 'static');
    signal = {
      ...signal,
      fallback: {
        failureThreshold: reader.number(fallback.failureThreshold, 'spec.fallback.failureThreshold', 0),
        replicas: reader.number(fallback.replicas, 'spec.fallback.replicas', 0),
      },
    };
  }
  const advanced = reader.record(spec.advanced, 'spec.advanced');
  reader.only(advanced, ['horizontalPodAutoscalerConfig', 'restoreToOriginalReplicaCount'], 'spec.advanced');
  const config = reader.record(advanced.horizontalPodAutoscalerConfig, 'spec.advanced.horizontalPodAutoscalerConfig');
  const written = behavior(reader, config.behavior, 'spec.advanced.horizontalPodAutoscalerConfig.behavior');
  const policy: ScalingPolicy = {
    name: signal ? 'predictive' : 'reactive',
    namespace: object.metadata.namespace ?? 'default',
    service,
    hpa: {
      // KEDA itself switches a workload on and off at a minimum of 0; the simulator has no such switch.
      minReplicas: reader.number(spec.minReplicaCount, 'spec.minReplicaCount', 1),
      maxReplicas: reader.number(spec.maxReplicaCount, 'spec.maxReplicaCount', 1),
      metrics,
      ...(written ? { behavior: written } : {}),
    },
    ...(signal ? { signal } : {}),
  };
  return { policy, faults: reader.faults };
}

function readHpa(object: KubeObject, service: string): { policy: ScalingPolicy; faults: Fault[] } {
  const reader = new Reader(nameOf(refOf(object)));
  const spec = reader.record(object.spec, 'spec');
  const metrics = reader.list(spec.metrics, 'spec.metrics').flatMap((each, index): HpaMetric[] => {
    const metric = reader.record(each, `spec.metrics[${index}]`);
    const resource = reader.record(metric.resource, `spec.metrics[${index}].resource`);
    const target = reader.record(resource.target, `spec.metrics[${index}].resource.target`);
    if (metric.type === 'Resource' && resource.name === 'cpu' && target.type === 'Utilization') {
      return [{ type: 'Resource', resource: 'cpu', averageUtilization: reader.number(target.averageUtilization, `spec.metrics[${index}].resource.target.averageUtilization`, 1) }];
    }
    reader.refuse(`spec.metrics[${index}]`, metric.type, 'Resource cpu with a Utilization target');
    return [];
  });
  const written = behavior(reader, spec.behavior, 'spec.behavior');
  const policy: ScalingPolicy = {
    name: 'reactive',
    namespace: object.metadata.namespace ?? 'default',
    service,
    hpa: {
      minReplicas: reader.number(spec.minReplicas, 'spec.minReplicas', 1, 1),
      maxReplicas: reader.number(spec.maxReplicas, 'spec.maxReplicas', 1),
      metrics,
      ...(written ? { behavior: written } : {}),
    },
  };
  return { policy, faults: reader.faults };
}

/**
 * Reads how a service is scaled from its manifests, so that what is simulated is what dist/ says.
 *
 * @param objects the service's Application; exactly one ScaledObject or HorizontalPodAutoscaler in it scales the Deployment of that name
 * @throws FaultError naming everything that the simulator does not understand
 */
export function readPolicy(objects: readonly KubeObject[], options: { readonly service: string }): ScalingPolicy {
  const { service } = options;
  const scalers = objects.filter((object) => (object.kind === 'ScaledObject' || object.kind === 'HorizontalPodAutoscaler') && object.spec?.scaleTargetRef?.name === service);
  const [scaler] = scalers;
  if (scaler === undefined || scalers.length > 1) {
    const got = scalers.length === 0 ? 'none' : scalers.map((object) => nameOf(refOf(object))).join(', ');
    refuse(`the scaling of ${service} cannot be read`, [{ where: `scaler of ${service}`, got, allowed: 'one ScaledObject or HorizontalPodAutoscaler', do: 'check the manifests of the service in dist/' }]);
  }
  const { policy, faults } = scaler!.kind === 'ScaledObject' ? readScaledObject(scaler!, service) : readHpa(scaler!, service);
  if (policy.hpa.metrics.length === 0 && faults.length === 0) {
    faults.push({ where: nameOf(refOf(scaler!)), got: 'no metrics', allowed: 'at least CPU', do: 'add a trigger' });
  }
  refuse(`the scaling of ${service} cannot be read`, faults);
  return policy;
}
