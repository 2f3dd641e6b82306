import { HARNESS_NAMESPACE } from './api-services';
import type { KubeApi } from './kube-api';
import { KubeError } from './kube-connection';
import { ObjectRef, pathOfVersion, ResourceType } from './kube-objects';

/** An object that was not there before. */
export interface Leftover extends ObjectRef {}

/** Kinds and objects that come and go by themselves, each with the reason why it is none of anybody's leftovers. */
export const IGNORED: readonly { readonly why: string; readonly matches: (type: ResourceType, ref: ObjectRef, labels: Labels) => boolean }[] = [
  { why: 'events are a log, and expire', matches: (type) => type.kind === 'Event' },
  { why: 'leases are heartbeats of nodes and programs', matches: (type) => type.group === 'coordination.k8s.io' },
  { why: 'metrics are readings, not objects', matches: (type) => isReading(type) },
  { why: 'component statuses are computed on reading', matches: (type) => type.kind === 'ComponentStatus' },
  { why: 'the API server registers its own groups', matches: (type, _ref, labels) => type.kind === 'APIService' && AUTOMANAGED in labels },
  { why: 'the API server tells about itself', matches: (type) => type.group === 'internal.apiserver.k8s.io' || type.group === 'storagemigration.k8s.io' },
  { why: 'each namespace gets them a moment after its birth', matches: (type, ref) => type.group === '' && ((type.kind === 'ServiceAccount' && ref.name === 'default') || (type.kind === 'ConfigMap' && ref.name === 'kube-root-ca.crt')) },
  { why: 'controllers create their accounts when they first act', matches: (type, ref) => type.kind === 'ServiceAccount' && ref.namespace === 'kube-system' },
  { why: 'the rehearsal itself', matches: (type, ref) => ref.namespace === HARNESS_NAMESPACE || (type.kind === 'Namespace' && ref.name === HARNESS_NAMESPACE) },
];

function isReading(type: ResourceType): boolean {
  return /(?:^|\.)metrics\.k8s\.io$/.test(type.group);
}

/** On the APIServices that the API server keeps for its own groups and for those of CustomResourceDefinitions. */
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';

type Labels = Readonly<Record<string, string>>;

/** Keys of all objects, for comparing. */
export type Snapshot = ReadonlySet<string>;

/** What two snapshots compare: not the uid, because an object that was replaced was there before. */
const keyOf = (type: ResourceType, ref: ObjectRef) => `${type.group}/${type.kind}/${ref.namespace ?? ''}/${ref.name}`;

/** Every object of every kind that can be listed, but the {@link IGNORED}. */
export async function allObjects(api: KubeApi): Promise<Map<string, ObjectRef>> {
  const types = new Map<string, ResourceType>();
  for (const type of await api.discover()) {
    const key = `${type.group}/${type.resource}`;
    if (type.verbs.includes('list') && !types.has(key)) types.set(key, type); // versions come best first
  }
  const objects = new Map<string, ObjectRef>();
  await Promise.all([...types.values()].map(async (type) => {
    for (const { ref, labels } of await listNames(api, type)) {
      if (!IGNORED.some((rule) => rule.matches(type, ref, labels))) objects.set(keyOf(type, ref), ref);
    }
  }));
  return objects;
}

async function listNames(api: KubeApi, type: ResourceType): Promise<{ readonly ref: ObjectRef; readonly labels: Labels }[]> {
  if (isReading(type)) return [];
  const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
  try {
    const { items } = await api.request<{ items?: { metadata: { name: string; namespace?: string; labels?: Labels } }[] }>('GET', `${pathOfVersion(apiVersion)}/${type.resource}`, undefined, { accept });
    return (items ?? []).map(({ metadata: { name, namespace, labels = {} } }) => ({ ref: { apiVersion, kind: type.kind, name, ...(namespace ? { namespace } : {}) }, labels }));
  } catch (error) {
    // A kind that was there at discovery and is gone now, or one that says it can be listed and cannot.
    if (error instanceof KubeError && [404, 405].includes(error.status)) return [];
    throw error;
  }
}

/** Objects that a baseline does not hold, sorted. */
export function leftoversSince(baseline: Snapshot, objects: ReadonlyMap<string, ObjectRef>): Leftover[] {
  return [...objects].filter(([key]) => !baseline.has(key)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ref]) => ref);
}
