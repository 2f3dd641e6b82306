/** A Kubernetes object as it stands in dist/. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape belongs to the kind
  readonly [field: string]: any;
}

/** An object, and where it comes from. */
export interface ManifestObject {
  /** Path below the folder that was loaded. */
  readonly file: string;
  readonly environment: string;
  /** Folder below the environment: an Argo CD Application, `delivery`, `root`, or `bootstrap/<install>`. */
  readonly application: string;
  /** Wave of the Application; undefined if no Application names the folder. What an environment starts from comes before every wave. */
  readonly wave?: number;
  readonly object: KubernetesObject;
}

/** Whether an object is among those that have to be there before Argo CD can sync. On EKS they come otherwise. */
export function isBootstrapped({ application }: Pick<ManifestObject, 'application'>): boolean {
  return application.startsWith('bootstrap/');
}

/** The Terraform JSON of a stack. */
export interface TerraformStack {
  readonly name: string;
  readonly file: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Everything that is proven at once. */
export interface Synthesized {
  readonly objects: readonly ManifestObject[];
  /** Empty if the stacks were not given. */
  readonly stacks: readonly TerraformStack[];
}

/** `dev: Deployment catalog/catalog` */
export function titleOf({ environment, object }: ManifestObject): string {
  const { name, namespace } = object.metadata;
  return `${environment}: ${object.kind} ${namespace ? `${namespace}/` : ''}${name}`;
}

/** API group, `''` for the core group. */
export function groupOf(object: KubernetesObject): string {
  return object.apiVersion.includes('/') ? object.apiVersion.slice(0, object.apiVersion.indexOf('/')) : '';
}

/** The pod template of a workload; undefined for anything else. */
export function podTemplateOf(object: KubernetesObject): { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> }; readonly spec: PodSpec } | undefined {
  switch (object.kind) {
    case 'Deployment': case 'StatefulSet': case 'DaemonSet': case 'ReplicaSet': case 'Job': case 'Rollout': return object.spec?.template;
    case 'CronJob': return object.spec?.jobTemplate?.spec?.template;
    case 'Pod': return { metadata: object.metadata, spec: object.spec };
    default: return undefined;
  }
}

/** The parts of a pod that the rules read. */
export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- read field by field
  readonly [field: string]: any;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- read field by field
  readonly [field: string]: any;
}

/** Objects by environment: nothing refers across environments. */
export function byEnvironment(objects: readonly ManifestObject[]): Map<string, ManifestObject[]> {
  const result = new Map<string, ManifestObject[]>();
  for (const each of objects) result.set(each.environment, [...(result.get(each.environment) ?? []), each]);
  return result;
}

/** A selector over labels, as policies and workloads have it. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** Whether labels satisfy every key of a selector's matchLabels; an empty selector matches everything. */
export function matches(selector: Readonly<Record<string, string>> | undefined, labels: Readonly<Record<string, string>> | undefined): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
}

/** Whether labels satisfy a selector, expressions included. Without a selector nothing matches; an empty selector matches everything. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (selector === undefined || selector === null) return false;
  return matches(selector.matchLabels, labels) && (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key];
    switch (operator) {
      case 'In': return value !== undefined && values.includes(value);
      case 'NotIn': return value === undefined || !values.includes(value);
      case 'Exists': return value !== undefined;
      case 'DoesNotExist': return value === undefined;
      default: return false; // an operator nobody knows selects nothing, so that the rule speaks up
    }
  });
}

/** Whether a scaler's target is this workload. */
export function scales(scaler: KubernetesObject, target: KubernetesObject): boolean {
  const reference = scaler.spec?.scaleTargetRef;
  return ['HorizontalPodAutoscaler', 'ScaledObject'].includes(scaler.kind) && scaler.metadata.namespace === target.metadata.namespace
    && reference?.name === target.metadata.name && (reference?.kind ?? 'Deployment') === target.kind;
}
