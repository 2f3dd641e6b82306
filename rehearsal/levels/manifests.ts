import { KubeObject, nameOf, refOf } from '../control-plane/kube-objects';
import type { Substitution } from '../report/schema';
import { cpuTarget, reactivePolicy, Tuning } from './policy';
import { readPolicy } from './read-policy';

type Mutable = { [key: string]: unknown };

/** Objects that a level gives the cluster, and where they differ from dist/. */
export interface Changed {
  readonly objects: KubeObject[];
  readonly substitutions: Substitution[];
}

/** Visits every object in a JSON value, parents first. */
function walk(value: unknown, visit: (node: Mutable) => void): void {
  if (Array.isArray(value)) {
    value.forEach((each) => walk(each, visit));
  } else if (typeof value === 'object' && value !== null) {
    visit(value as Mutable);
    Object.values(value).forEach((each) => walk(each, visit));
  }
}

/**
 * The same service a second time, scaled reactively: every object renamed into another namespace, its ScaledObject replaced by an HPA on CPU with
 * the tuned settings and the same limits. Other objects of KEDA are left out, objects outside namespaces get the new namespace as a suffix; the namespace
 * itself comes first, made if the Application does not bring it.
 *
 * @param objects of the service's Application; not changed
 */
export function reactiveCopy(objects: readonly KubeObject[], tuning: Tuning, options: {
  /** @default - what the first ScaledObject scales */
  readonly service?: string;
  /** @default - the service's namespace with `-reactive` */
  readonly namespace?: string;
} = {}): KubeObject[] {
  const service = options.service ?? String(objects.find((object) => object.kind === 'ScaledObject')?.spec?.scaleTargetRef?.name ?? '');
  const predictive = readPolicy(objects, { service });
  const from = predictive.namespace;
  const to = options.namespace ?? `${from}-reactive`;
  const reactive = reactivePolicy(predictive, tuning, to);
  const clusterWide = new Set(objects.filter((object) => object.metadata.namespace === undefined && object.kind !== 'Namespace').map((object) => `${object.kind}/${object.metadata.name}`));
  const suffix = `-${to}`;
  const own = objects.some((object) => object.kind === 'Namespace' && object.metadata.name === from);
  const namespace: KubeObject[] = own ? [] : [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: to } }];

  return namespace.concat(objects.flatMap((original): KubeObject[] => {
    const object = structuredClone(original) as unknown as Mutable & { metadata: Mutable; kind: string };
    if (original.kind === 'Namespace') object.metadata.name = original.metadata.name === from ? to : original.metadata.name;
    else if (original.metadata.namespace === undefined) object.metadata.name = `${original.metadata.name}${suffix}`;
    walk(object, (node) => {
      for (const key of ['namespace', 'kubernetes.io/metadata.name']) if (node[key] === from) node[key] = to;
      for (const [key, value] of Object.entries(node)) {
        if (typeof value === 'string') node[key] = value.replaceAll(`.${from}.svc`, `.${to}.svc`);
      }
      if (typeof node.roleRef === 'object' && node.roleRef !== null) {
        const ref = node.roleRef as Mutable;
        if (clusterWide.has(`${String(ref.kind)}/${String(ref.name)}`)) ref.name = `${String(ref.name)}${suffix}`;
      }
    });
    if (original.kind === 'ScaledObject' && original.spec?.scaleTargetRef?.name === service) {
      return [{
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { ...(object.metadata as unknown as KubeObject['metadata']) },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: service },
          minReplicas: reactive.hpa.minReplicas,
          maxReplicas: reactive.hpa.maxReplicas,
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpuTarget(reactive) } } }],
          behavior: structuredClone(reactive.hpa.behavior),
        },
      }];
    }
    if (original.apiVersion.startsWith('keda.sh/')) return [];
    return [object as unknown as KubeObject];
  }));
}

/** Annotation by which KWOK takes a pod's start-up time. */
const START_UP = 'pod-ready.stage.kwok.x-k8s.io/delay';

/** Windows that manifests hold in whole seconds, and the least each may become. */
const WINDOWS: readonly { readonly kinds: readonly string[]; readonly key: string; readonly min: number }[] = [
  { kinds: ['ScaledObject', 'HorizontalPodAutoscaler'], key: 'stabilizationWindowSeconds', min: 0 },
  { kinds: ['ScaledObject', 'HorizontalPodAutoscaler'], key: 'periodSeconds', min: 1 },
  { kinds: ['ScaledObject'], key: 'pollingInterval', min: 1 },
  { kinds: ['ScaledObject'], key: 'cooldownPeriod', min: 0 },
  { kinds: ['ScaledObject'], key: 'initialCooldownPeriod', min: 0 },
  { kinds: ['Deployment'], key: 'minReadySeconds', min: 0 },
];

/**
 * Divides the windows of autoscalers by the speed, to whole seconds, and says what became of each. At speed 1 no window changes.
 *
 * @param options `startupSeconds`: start-up of the pods of each Deployment by its name, modelled seconds; others keep the control plane's
 */
export function compress(objects: readonly KubeObject[], speed: number, options: {
  /** @default - none */
  readonly startupSeconds?: Readonly<Record<string, number>>;
} = {}): Changed {
  const substitutions: Substitution[] = [];
  const changed = objects.map((original) => {
    const object = structuredClone(original) as KubeObject;
    const name = nameOf(refOf(original));
    const visit = (value: unknown, path: string): void => {
      if (Array.isArray(value)) {
        value.forEach((each, index) => visit(each, `${path}[${index}]`));
      } else if (typeof value === 'object' && value !== null) {
        const node = value as Mutable;
        for (const [key, each] of Object.entries(node)) {
          const window = WINDOWS.find((known) => known.key === key && known.kinds.includes(original.kind));
          if (window === undefined || typeof each !== 'number') {
            visit(each, `${path}.${key}`);
            continue;
          }
          const exact = each / speed;
          const scaled = Math.max(window.min, Math.round(exact));
          if (scaled === each) continue;
          node[key] = scaled;
          const rounding = scaled === exact ? '' : `, rounded from ${Number(exact.toFixed(3))} s: it then means ${Number((scaled * speed).toFixed(0))} s`;
          substitutions.push({ object: name, path: `${path}.${key}`, from: `${each} s`, to: `${scaled} s`, why: `time runs ${speed} times as fast${rounding}` });
        }
      }
    };
    visit(object.spec, 'spec');
    const startup = original.kind === 'Deployment' ? options.startupSeconds?.[original.metadata.name] : undefined;
    if (startup !== undefined) {
      const template = object.spec.template as { metadata?: { annotations?: Record<string, string> } };
      const delay = `${Math.round((startup * 1000) / speed)}ms`;
      template.metadata = { ...template.metadata, annotations: { ...template.metadata?.annotations, [START_UP]: delay } };
      substitutions.push({
        object: name,
        path: `spec.template.metadata.annotations["${START_UP}"]`,
        from: 'absent',
        to: delay,
        why: `pods are modelled: they take ${startup} s to start, and time runs ${speed} times as fast`,
      });
    }
    return object;
  });
  return { objects: changed, substitutions };
}

/** Points the prometheus triggers of ScaledObjects at another server. */
export function redirectPrometheus(objects: readonly KubeObject[], serverAddress: string, why: string): Changed {
  const substitutions: Substitution[] = [];
  const changed = objects.map((original) => {
    if (original.kind !== 'ScaledObject') return original;
    const object = structuredClone(original) as KubeObject;
    ((object.spec?.triggers ?? []) as { type: string; metadata: Record<string, string> }[]).forEach((trigger, index) => {
      if (trigger.type !== 'prometheus') return;
      substitutions.push({
        object: nameOf(refOf(original)), path: `spec.triggers[${index}].metadata.serverAddress`, from: trigger.metadata.serverAddress ?? 'absent', to: serverAddress, why,
      });
      trigger.metadata.serverAddress = serverAddress;
    });
    return object;
  });
  return { objects: changed, substitutions };
}
