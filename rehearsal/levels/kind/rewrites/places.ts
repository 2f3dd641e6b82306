import { contract as catalog } from '../../../../apps/catalog/contract';
import { contract as forecaster } from '../../../../forecaster/contract';
import type { KubeObject } from '../../../control-plane/kube-objects';
import type { Substitution } from '../../../report/schema';
import { ObjectRewrite, replaced, unchanged } from './tree';

/** Who provisions volumes on a machine without AWS. */
export const LOCAL_PROVISIONER = 'rancher.io/local-path';
/** metrics-server asks kubelets no more often than this, whatever it is told: the least that it accepts. */
const METRIC_RESOLUTION = '10s';
/** Ten seconds is its default. */
const KUBELET_TIMEOUT = '5s';

/** Volumes come from a folder of the node. */
export const localStorage: ObjectRewrite = (object) => {
  if (object.kind !== 'StorageClass') return unchanged(object);
  const { parameters, ...rest } = object;
  const why = 'no EBS volume can be had here';
  const substitutions = [
    ...replaced(object, 'provisioner', String(object.provisioner), LOCAL_PROVISIONER, why),
    ...(parameters === undefined ? [] : replaced(object, 'parameters', JSON.stringify(parameters), 'absent', why)),
  ];
  return { objects: [{ ...rest, provisioner: LOCAL_PROVISIONER }], substitutions };
};

/** The forecaster asks the timekeeper instead of Prometheus, and as often as the trace needs. */
export function forecastInTraceTime(o: { readonly speed: number; readonly timekeeperUrl: string }): ObjectRewrite {
  const { prometheusUrl, intervalSeconds } = forecaster.settings;
  return (original) => {
    if (!['Deployment', 'StatefulSet'].includes(original.kind) || original.metadata.name !== forecaster.name) return unchanged(original);
    const object = structuredClone(original) as KubeObject;
    const substitutions: Substitution[] = [];
    for (const container of (object.spec?.template?.spec?.containers ?? []) as { name: string; env?: { name: string; value?: string }[] }[]) {
      if (container.name !== forecaster.name) continue;
      const set = (name: string, unset: string, to: string, why: string): void => {
        const env = container.env ??= [];
        const existing = env.find((each) => each.name === name);
        substitutions.push(...replaced(original, `spec.template.spec.containers[${container.name}].env[${name}]`, existing?.value ?? unset, to, why));
        if (existing) existing.value = to;
        else if (to !== unset) env.push({ name, value: to });
      };
      set(prometheusUrl.env, 'absent', o.timekeeperUrl, 'the timekeeper answers for Prometheus in the time of the trace');
      const fallback = String(intervalSeconds.fallback);
      const interval = Number(container.env?.find((each) => each.name === intervalSeconds.env)?.value ?? fallback);
      set(intervalSeconds.env, fallback, String(Math.max(1, interval / o.speed)), `time runs ${o.speed} times as fast`);
    }
    return { objects: [object], substitutions };
  };
}

/** Lets the rehearsal's own pods through where policies are enforced. @param namespace of those pods */
export function openTo(namespace: string, o: { readonly forecaster: string; readonly prometheus: string; readonly port: number }): ObjectRewrite {
  const peer = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }];
  const ports = [{ port: o.port, protocol: 'TCP' }];
  return (object) => {
    if (object.kind !== 'NetworkPolicy') return unchanged(object);
    const direction = object.metadata.name === o.forecaster ? 'egress' : object.metadata.name === o.prometheus ? 'ingress' : undefined;
    if (!direction) return unchanged(object);
    const rules = (object.spec?.[direction] ?? []) as readonly unknown[];
    const rule = direction === 'egress' ? { to: peer, ports } : { from: peer, ports };
    return {
      objects: [{ ...object, spec: { ...object.spec, [direction]: [...rules, rule] } }],
      substitutions: replaced(object, `spec.${direction}[${rules.length}]`, 'absent', `namespace ${namespace}, port ${o.port}`, 'the timekeeper stands between the forecaster and Prometheus'),
    };
  };
}

/** metrics-server asks kubelets as often as it can. */
export function metricsServer(speed: number): ObjectRewrite {
  return (original) => {
    if (original.kind !== 'Deployment' || original.metadata.name !== 'metrics-server') return unchanged(original);
    const object = structuredClone(original) as KubeObject;
    const container = object.spec?.template?.spec?.containers?.[0] as { args?: string[] } | undefined;
    if (!container) return unchanged(original);
    const substitutions: Substitution[] = [];
    const set = (flag: string, value: string, why: string): void => {
      const args = container.args ??= [];
      const index = args.findIndex((arg) => arg.startsWith(`${flag}=`));
      const to = `${flag}=${value}`;
      substitutions.push(...replaced(original, `spec.template.spec.containers[0].args[${flag}]`, args[index] ?? 'absent', to, why));
      args.splice(index === -1 ? args.length : index, index === -1 ? 0 : 1, to);
    };
    if (speed > 1) {
      set('--metric-resolution', METRIC_RESOLUTION, `time runs ${speed} times as fast; it accepts nothing shorter`);
      set('--kubelet-request-timeout', KUBELET_TIMEOUT, 'it ends at once unless this is shorter than its interval');
    }
    return { objects: [object], substitutions };
  };
}

/** The database of a rehearsal is empty: the catalog fills it, or every answer would be shorter than any user's. */
export const withProducts: ObjectRewrite = (original) => {
  if (original.kind !== 'Deployment' || original.metadata.name !== catalog.name) return unchanged(original);
  const object = structuredClone(original) as KubeObject;
  const { env: name, fallback } = catalog.settings.seed;
  const substitutions = ((object.spec?.template?.spec?.containers ?? []) as { name: string; env?: { name: string; value?: string }[] }[]).flatMap((container) => {
    if (container.name !== catalog.name) return [];
    const others = (container.env ?? []).filter((each) => each.name !== name);
    const before = container.env?.find((each) => each.name === name)?.value ?? String(fallback);
    container.env = [...others, { name, value: 'always' }];
    return replaced(original, `spec.template.spec.containers[${container.name}].env[${name}]`, before, 'always', 'the database of the rehearsal is empty');
  });
  return { objects: [object], substitutions };
};

/** Argo CD looks at every Application this often, whatever it was told of changes. */
const RECONCILIATION = { 'timeout.reconciliation': '20s', 'timeout.reconciliation.jitter': '0s' };

/**
 * Argo CD compares each Application more often than every three minutes. It misses a change of a definition's status at times, and a wave would wait for the next comparison.
 */
export const oftenReconciled: ObjectRewrite = (object) => {
  if (object.kind !== 'ConfigMap' || object.metadata.name !== 'argocd-cm') return unchanged(object);
  const data = (object.data ?? {}) as Readonly<Record<string, string>>;
  const why = 'a rehearsal does not wait three minutes for the next comparison';
  return {
    objects: [{ ...object, data: { ...data, ...RECONCILIATION } }],
    substitutions: Object.entries(RECONCILIATION).flatMap(([key, to]) => replaced(object, `data["${key}"]`, data[key] ?? 'absent', to, why)),
  };
};
