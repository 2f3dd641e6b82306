import { KubeApi, KubeObject, ObjectRef, refOf } from '../../../../../rehearsal/control-plane';

/** An API server's store in memory, with logs of containers: enough to read, list and patch. Selectors on labels and on an event's object work. */
export class MemoryApi extends KubeApi {
  readonly objects: KubeObject[] = [];
  /** By `namespace/pod/container`, `(previous)` behind it for the run before. */
  readonly logs = new Map<string, string>();
  readonly patches: { readonly ref: ObjectRef; readonly patch: unknown }[] = [];
  /** Called before every list, e.g. to let time go on. */
  onList: (kind: string) => void = () => undefined;
  /** Called after every patch. */
  onPatch: (ref: ObjectRef) => void = () => undefined;

  constructor(objects: readonly KubeObject[] = []) {
    super({ url: 'https://127.0.0.1:1', caCertPem: '', certPem: '', keyPem: '' });
    this.objects.push(...objects);
  }

  override async pathOf({ kind, namespace, name }: Omit<ObjectRef, 'name'> & { readonly name?: string }): Promise<string> {
    return `/${kind}/${namespace ?? ''}/${name ?? ''}`;
  }

  override async request<T>(_method: string, path: string): Promise<T> {
    const [, , namespace, pod, rest = ''] = path.split('/');
    const query = new URLSearchParams(rest.split('?')[1]);
    return (this.logs.get(`${namespace}/${pod}/${query.get('container')}${query.has('previous') ? ' (previous)' : ''}`) ?? '') as T;
  }

  override async tryGet<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    const found = this.objects.find((object) => object.kind === ref.kind && object.metadata.name === ref.name && object.metadata.namespace === ref.namespace);
    return found && structuredClone(found) as T;
  }

  override async get<T extends KubeObject>(ref: ObjectRef): Promise<T> {
    const found = await this.tryGet<T>(ref);
    if (!found) throw new Error(`no ${ref.kind} ${ref.name}`);
    return found;
  }

  override async list<T extends KubeObject>(_apiVersion: string, kind: string, options: { namespace?: string; labelSelector?: string; fieldSelector?: string } = {}): Promise<T[]> {
    this.onList(kind);
    const labels = (options.labelSelector ?? '').split(',').filter(Boolean).map((each) => each.split('=') as [string, string]);
    const involved = /involvedObject\.kind=([^,]+),involvedObject\.name=(.+)/.exec(options.fieldSelector ?? '');
    return structuredClone(this.objects.filter((object) => object.kind === kind
      && (options.namespace === undefined || object.metadata.namespace === options.namespace)
      && labels.every(([key, value]) => object.metadata.labels?.[key] === value)
      && (!involved || (object.involvedObject?.kind === involved[1] && object.involvedObject?.name === involved[2])))) as T[];
  }

  override async patch<T extends KubeObject>(ref: ObjectRef, patch: unknown): Promise<T> {
    const index = this.objects.findIndex((object) => object.kind === ref.kind && object.metadata.name === ref.name && object.metadata.namespace === ref.namespace);
    this.patches.push({ ref, patch });
    this.objects[index] = merge(this.objects[index], patch) as KubeObject;
    this.onPatch(ref);
    return structuredClone(this.objects[index]) as T;
  }

  /** Puts an object in the place of that of the same name. */
  put(object: KubeObject): void {
    const { kind, name, namespace } = refOf(object);
    const index = this.objects.findIndex((each) => each.kind === kind && each.metadata.name === name && each.metadata.namespace === namespace);
    if (index === -1) this.objects.push(object);
    else this.objects[index] = object;
  }
}

function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = { ...(typeof target === 'object' && target !== null ? target as Record<string, unknown> : {}) };
  for (const [key, value] of Object.entries(patch)) base[key] = merge(base[key], value);
  return base;
}

/** What a test says of an Application. */
export interface ApplicationSaid {
  readonly wave?: number;
  readonly sync?: string;
  readonly health?: string;
  readonly revision?: string;
  readonly conditions?: readonly { readonly type: string; readonly message: string }[];
  readonly operation?: { readonly phase: string; readonly message: string };
  readonly resources?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string; readonly status?: string }[];
  readonly ignore?: readonly string[];
  /** @default - it was synced once */
  readonly neverSynced?: boolean;
}

/** An Application as Argo CD keeps it. */
export function application(name: string, said: ApplicationSaid = {}): KubeObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1', kind: 'Application',
    metadata: { name, namespace: 'argocd', annotations: { 'argocd.argoproj.io/sync-wave': String(said.wave ?? 0) } },
    spec: {
      source: { repoURL: 'https://github.com/example/tideline.git', targetRevision: 'main', path: `dist/dev/${name}` },
      syncPolicy: { automated: { selfHeal: true } },
      ...(said.ignore ? { ignoreDifferences: said.ignore.map((each) => ({ group: 'apps', kind: 'Deployment', name: each })) } : {}),
    },
    status: {
      sync: { status: said.sync ?? 'Synced', revision: said.revision ?? 'a'.repeat(40) },
      health: { status: said.health ?? 'Healthy' },
      ...(said.neverSynced ? {} : { history: [{ id: 0 }] }),
      ...(said.conditions ? { conditions: said.conditions } : {}),
      ...(said.operation ? { operationState: said.operation } : {}),
      resources: (said.resources ?? []).map((each) => ({ version: 'v1', ...(each.kind === 'Deployment' ? { group: 'apps' } : {}), status: 'Synced', ...each })),
    },
  };
}

/** A Deployment with one pod, which is ready unless a status of its container says otherwise. */
export function deployment(name: string, namespace: string, container?: object): KubeObject[] {
  const labels = { 'app.kubernetes.io/name': name };
  const ready = container === undefined ? 1 : 0;
  return [
    {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace, uid: name },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels } } },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: ready, availableReplicas: ready },
    },
    {
      apiVersion: 'v1', kind: 'Pod', metadata: { name: `${name}-1`, namespace, labels },
      status: { phase: 'Running', containerStatuses: [container ?? { name, ready: true, restartCount: 0, state: { running: {} } }] },
    },
  ];
}

/** An event about a pod. */
export function event(pod: string, namespace: string, reason: string, message: string, second = 0): KubeObject {
  return {
    apiVersion: 'v1', kind: 'Event', metadata: { name: `${pod}.${reason}.${second}`, namespace }, involvedObject: { kind: 'Pod', name: pod }, reason, message,
    lastTimestamp: new Date(second * 1000).toISOString(),
  };
}
