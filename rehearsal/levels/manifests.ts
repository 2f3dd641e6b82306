import { compressBehavior, ScalingBehavior, ScalingRules } from '../control-plane/behavior';
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

/** Windows outside behaviors that manifests hold in whole seconds, and the least each may become. */
const WINDOWS: readonly { readonly kind: string; readonly key: string; readonly min: number }[] = [
  { kind: 'ScaledObject', key: 'pollingInterval', min: 1 },
  { kind: 'ScaledObject', key: 'cooldownPeriod', min: 0 },
  { kind: 'ScaledObject', key: 'initialCooldownPeriod', min: 0 },
  { kind: 'Deployment', key: 'minReadySeconds', min: 0 },
];

/** Where each kind of autoscaler keeps its behavior, below `spec`. */
const BEHAVIOR: Readonly<Record<string, readonly string[]>> = {
  ScaledObject: ['advanced', 'horizontalPodAutoscalerConfig', 'behavior'],
  HorizontalPodAutoscaler: ['behavior'],
};

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
    const list = (path: string, from: string, to: string, why: string) => substitutions.push({ object: nameOf(refOf(original)), path, from, to, why });
    for (const { kind, key, min } of WINDOWS) {
      const seconds: unknown = kind === original.kind ? original.spec?.[key] : undefined;
      if (typeof seconds !== 'number') continue;
      const scaled = Math.max(min, Math.round(seconds / speed));
      if (scaled === seconds) continue;
      object.spec[key] = scaled;
      const stands = scaled * speed === seconds ? '' : `; rounded to whole seconds it stands for ${Number((scaled * speed).toFixed(0))} s`;
      list(`spec.${key}`, `${seconds} s`, `${scaled} s`, `time runs ${speed} times as fast${stands}`);
    }
    const place = BEHAVIOR[original.kind];
    if (place !== undefined && speed !== 1) compressBehaviorAt(object.spec as Mutable, place, speed, list);
    const startup = original.kind === 'Deployment' ? options.startupSeconds?.[original.metadata.name] : undefined;
    if (startup !== undefined) {
      const template = object.spec.template as { metadata?: { annotations?: Record<string, string> } };
      const delay = `${Math.round((startup * 1000) / speed)}ms`;
      template.metadata = { ...template.metadata, annotations: { ...template.metadata?.annotations, [START_UP]: delay } };
      list(`spec.template.metadata.annotations["${START_UP}"]`, 'absent', delay, `pods are modelled: they take ${startup} s to start, and time runs ${speed} times as fast`);
    }
    return object;
  });
  return { objects: changed, substitutions };
}

/** Compresses the behavior at a place below a spec, also one that is not there: the API server would fill in wall time. */
function compressBehaviorAt(spec: Mutable, place: readonly string[], speed: number, list: (path: string, from: string, to: string, why: string) => void): void {
  const key = place.at(-1)!;
  const parent = place.slice(0, -1).reduce<Mutable>((node, step) => (node[step] ??= {}) as Mutable, spec);
  const before = parent[key] as ScalingBehavior | undefined;
  const { behavior, notes } = compressBehavior(before, speed);
  parent[key] = behavior;
  for (const direction of ['scaleUp', 'scaleDown'] as const) {
    const [from, to] = [inWords(before?.[direction]), inWords(behavior[direction])];
    if (from === to) continue;
    const inexact = notes.filter((note) => note.startsWith(`${direction}: `)).map((note) => note.slice(direction.length + 2));
    list(`spec.${place.join('.')}.${direction}`, from, to, [`time runs ${speed} times as fast, in whole seconds`, ...inexact].join('; '));
  }
}

/** `4 pods per 15 s, 100 % per 15 s; window 0 s`. */
function inWords(rules: ScalingRules | undefined): string {
  if (rules === undefined) return 'the default';
  const policies = rules.policies?.map(({ type, value, periodSeconds }) => `${value} ${type === 'Pods' ? 'pods' : '%'} per ${periodSeconds} s`).join(', ') ?? 'the default rate';
  const window = rules.stabilizationWindowSeconds === undefined ? "the controller's" : `${rules.stabilizationWindowSeconds} s`;
  return `${policies}; window ${window}`;
}

/** Where triggers of a type are pointed to instead. */
export interface Redirection {
  readonly types: readonly string[];
  /** Key of the trigger's metadata. */
  readonly key: string;
  readonly address: string;
  readonly why: string;
}

/** Points triggers of ScaledObjects at other servers. */
export function redirectTriggers(objects: readonly KubeObject[], redirections: readonly Redirection[]): Changed {
  const substitutions: Substitution[] = [];
  const changed = objects.map((original) => {
    if (original.kind !== 'ScaledObject') return original;
    const object = structuredClone(original) as KubeObject;
    ((object.spec?.triggers ?? []) as { type: string; metadata: Record<string, string> }[]).forEach((trigger, index) => {
      for (const { types, key, address, why } of redirections) {
        if (!types.includes(trigger.type)) continue;
        substitutions.push({ object: nameOf(refOf(original)), path: `spec.triggers[${index}].metadata.${key}`, from: trigger.metadata[key] ?? 'absent', to: address, why });
        trigger.metadata[key] = address;
      }
    });
    return object;
  });
  return { objects: changed, substitutions };
}
