import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../../base/faults';
import { KubeConnection, KubeError } from './kube-connection';
import { KubeObject, nameOf, ObjectRef, pathOfVersion, refOf, ResourceType } from './kube-objects';

const CONTENT_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml', // JSON is YAML
} as const;

/** Options of {@link KubeApi.waitFor}. */
export interface WaitOptions<T extends KubeObject> {
  /** What is waited for, as a reader would say it: `the Deployment to be available`. */
  readonly what: string;
  readonly ref: ObjectRef;
  /** True when it has come about; else why it has not, which the message of a timeout shows. The object is undefined while it does not exist. */
  readonly until: (object: T | undefined) => true | string;
  /** @default 60 */
  readonly timeoutSeconds?: number;
  /** Pause between looks, in milliseconds. @default 100 */
  readonly pollMs?: number;
  /** @default - none */
  readonly signal?: AbortSignal;
}

/** One change seen by a watch. */
export interface WatchEvent<T extends KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

/** Who applied what, in `metadata.managedFields`. */
export const FIELD_MANAGER = 'tideline-rehearsal';

/** A client of one API server, for objects of any kind. */
export class KubeApi extends KubeConnection {
  private types = new Map<string, ResourceType>();

  /** What the server serves now, all groups. Groups whose own server does not answer are left out. */
  async discover(): Promise<ResourceType[]> {
    interface Resource { readonly resource: string; readonly responseKind?: { readonly kind: string }; readonly scope: string; readonly verbs: string[] }
    interface Served { readonly version: string; readonly freshness?: string; readonly resources?: readonly Resource[] }
    interface Discovery { readonly items: readonly { readonly metadata: { readonly name?: string }; readonly versions: readonly Served[] }[] }
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const answers = await Promise.all(['/api', '/apis'].map((path) => this.request<Discovery>('GET', path, undefined, { accept })));
    const types = answers.flatMap((answer) => answer.items).flatMap((group) => group.versions
      .filter((version) => version.freshness !== 'Stale')
      .flatMap((version) => (version.resources ?? []).map((each): ResourceType => ({
        group: group.metadata.name ?? '',
        version: version.version,
        kind: each.responseKind?.kind ?? '',
        resource: each.resource,
        namespaced: each.scope === 'Namespaced',
        verbs: each.verbs,
      }))));
    this.types = new Map(types.map((type) => [`${type.group === '' ? '' : `${type.group}/`}${type.version} ${type.kind}`, type]));
    return types;
  }

  /** How a kind is served. @throws FaultError when it is not */
  async typeOf(apiVersion: string, kind: string): Promise<ResourceType> {
    const key = `${apiVersion} ${kind}`;
    if (!this.types.has(key)) await this.discover();
    const type = this.types.get(key);
    if (type) return type;
    throw new FaultError('the API server does not know a kind', [
      { where: `${kind} (${apiVersion})`, got: 'a kind that is not served', allowed: 'built-in kinds and those of applied CustomResourceDefinitions', do: 'apply its CustomResourceDefinition first' },
    ]);
  }

  /** The path of an object, or of all objects of its kind when `name` is empty. */
  async pathOf(ref: Omit<ObjectRef, 'name'> & { readonly name?: string }): Promise<string> {
    const type = await this.typeOf(ref.apiVersion, ref.kind);
    const namespace = type.namespaced && (ref.namespace || ref.name) ? `/namespaces/${ref.namespace ?? 'default'}` : '';
    return `${pathOfVersion(ref.apiVersion)}${namespace}/${type.resource}${ref.name ? `/${encodeURIComponent(ref.name)}` : ''}`;
  }

  async get<T extends KubeObject>(ref: ObjectRef): Promise<T> {
    return this.request<T>('GET', await this.pathOf(ref));
  }

  /** undefined when it does not exist. */
  async tryGet<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.get<T>(ref);
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All objects of a kind, in one namespace or in all. */
  async list<T extends KubeObject>(
    apiVersion: string,
    kind: string,
    options: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string } = {},
  ): Promise<T[]> {
    const path = await this.pathOf({ apiVersion, kind, namespace: options.namespace });
    const query = new URLSearchParams();
    if (options.labelSelector) query.set('labelSelector', options.labelSelector);
    if (options.fieldSelector) query.set('fieldSelector', options.fieldSelector);
    const { items } = await this.request<{ items: T[] }>('GET', query.size > 0 ? `${path}?${query}` : path);
    return items.map((item) => ({ ...item, apiVersion, kind })); // lists leave these two out of their items
  }

  async create<T extends KubeObject>(object: T): Promise<T> {
    return this.request<T>('POST', await this.pathOf({ ...refOf(object), name: undefined, namespace: object.metadata.namespace ?? 'default' }), object);
  }

  /** @param subresource for example `status` or `scale` */
  async patch<T extends KubeObject>(ref: ObjectRef, patch: unknown, type: 'json' | 'merge' | 'strategic' = 'merge', subresource?: string): Promise<T> {
    const path = `${await this.pathOf(ref)}${subresource ? `/${subresource}` : ''}?fieldManager=${FIELD_MANAGER}`;
    return this.request<T>('PATCH', path, patch, { contentType: CONTENT_TYPES[type] });
  }

  /** Deletes an object; one that is not there is no error. */
  async delete(ref: ObjectRef, options: { readonly graceSeconds?: number; readonly propagation?: 'Background' | 'Foreground' | 'Orphan' } = {}): Promise<void> {
    try {
      await this.request('DELETE', await this.pathOf(ref), {
        propagationPolicy: options.propagation ?? 'Background',
        ...(options.graceSeconds === undefined ? {} : { gracePeriodSeconds: options.graceSeconds }),
      });
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
    }
  }

  /**
   * Server-side apply, one object after the other in the given order. Of a kind that has just been defined, it waits for it to be served.
   *
   * @throws FaultError with every object that the server refused
   */
  async apply(objects: readonly KubeObject[], options: { readonly fieldManager?: string; readonly force?: boolean; readonly signal?: AbortSignal } = {}): Promise<KubeObject[]> {
    const { fieldManager = FIELD_MANAGER, force = true, signal } = options;
    const applied: KubeObject[] = [];
    const faults = [];
    for (const object of objects) {
      signal?.throwIfAborted();
      try {
        const path = `${await this.pathOfNew(object, signal)}?fieldManager=${fieldManager}&force=${force}`;
        applied.push(await this.request<KubeObject>('PATCH', path, object, { contentType: CONTENT_TYPES.apply, signal }));
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof FaultError) faults.push(...error.faults);
        else faults.push({ where: nameOf(refOf(object)), got: (error as Error).message, allowed: 'an object that the API server accepts', do: 'correct the object' });
      }
    }
    if (faults.length > 0) throw new FaultError('the API server refused objects', faults);
    return applied;
  }

  /**
   * Waits until objects of the given CustomResourceDefinitions can be listed, which is a moment after these are applied.
   *
   * @throws FaultError naming the first that does not come
   */
  async waitForDefinitions(definitions: readonly KubeObject[], signal?: AbortSignal): Promise<void> {
    for (const definition of definitions) {
      const { group, names, versions } = definition.spec as { group: string; names: { kind: string }; versions: { name: string; served: boolean }[] };
      await this.waitFor({
        what: `the API server to accept ${names.kind}`,
        ref: refOf(definition),
        signal,
        until: (object) => {
          const established = (object?.status?.conditions ?? []).find((condition: { type: string }) => condition.type === 'Established');
          return established?.status === 'True' || `condition Established is ${established?.status ?? 'absent'}`;
        },
      });
      for (const { name } of versions.filter((version) => version.served)) {
        const object: KubeObject = { apiVersion: `${group}/${name}`, kind: names.kind, metadata: { name: '' } };
        await this.pathOfNew(object, signal);
        await this.list(object.apiVersion, object.kind);
      }
    }
  }

  /** A CustomResourceDefinition is served a moment after it is applied. */
  private async pathOfNew(object: KubeObject, signal?: AbortSignal): Promise<string> {
    const ref = refOf(object);
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.pathOf(ref);
      } catch (error) {
        if (!(error instanceof FaultError) || attempt >= 50 || !(await this.isDefined(object))) throw error;
        await sleep(100, undefined, { signal });
      }
    }
  }

  private async isDefined(object: KubeObject): Promise<boolean> {
    const [group = ''] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : [''];
    const definitions = await this.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
    return definitions.some((each) => each.spec.group === group && each.spec.names.kind === object.kind);
  }

  /**
   * Deletes objects, the last applied first, and waits until they are gone.
   *
   * @throws FaultError naming those that stay and the finalizers that hold them
   */
  async deleteAll(refs: readonly ObjectRef[], options: { readonly timeoutSeconds?: number; readonly signal?: AbortSignal } = {}): Promise<void> {
    const known: ObjectRef[] = [];
    for (const ref of [...refs].reverse()) {
      try {
        await this.delete(ref);
        known.push(ref);
      } catch (error) {
        if (!(error instanceof FaultError)) throw error; // its kind is gone, and so is the object
      }
    }
    for (const ref of known) {
      await this.waitFor({
        what: `${nameOf(ref)} to be gone`,
        ref,
        timeoutSeconds: options.timeoutSeconds,
        signal: options.signal,
        until: (object) => object === undefined || `still there, finalizers: ${object.metadata.finalizers?.join(', ') || 'none'}`,
      });
    }
  }

  /**
   * Waits until an object is as wanted.
   *
   * @returns the object as it was then; undefined when `until` accepted that it does not exist
   * @throws FaultError naming the wait, the object, what still stood in the way and the object's last event
   */
  async waitFor<T extends KubeObject>(options: WaitOptions<T>): Promise<T | undefined> {
    const { ref, signal, timeoutSeconds = 60 } = options;
    const deadline = performance.now() + timeoutSeconds * 1000;
    let last = '';
    for (;;) {
      signal?.throwIfAborted();
      const object = await this.tryGetOfAnyKind<T>(ref);
      const verdict = options.until(object);
      if (verdict === true) return object;
      last = verdict;
      if (performance.now() > deadline) break;
      await sleep(options.pollMs ?? 100, undefined, { signal });
    }
    throw new FaultError(`waited ${timeoutSeconds} s for ${options.what}`, [
      { where: nameOf(ref), got: `${last}; last event: ${await this.lastEvent(ref)}`, allowed: options.what, do: 'see the logs of the control plane in the run folder' },
    ]);
  }

  private async tryGetOfAnyKind<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.tryGet<T>(ref);
    } catch (error) {
      if (error instanceof FaultError) return undefined; // not even its kind is there
      throw error;
    }
  }

  /** The newest event about an object, as text. */
  async lastEvent(ref: ObjectRef): Promise<string> {
    const fieldSelector = `involvedObject.kind=${ref.kind},involvedObject.name=${ref.name}`;
    const events = await this.list('v1', 'Event', { namespace: ref.namespace ?? 'default', fieldSelector }).catch(() => []);
    const when = (event: KubeObject) => String(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '');
    const newest = [...events].sort((a, b) => when(a).localeCompare(when(b))).at(-1);
    return newest ? `${newest.reason}: ${newest.message}` : 'none';
  }

  /**
   * Follows all objects of a kind: first those that are there (as ADDED), then every change, until `signal` aborts. Begins anew when the server ends the stream.
   *
   * @param onEvent called in order
   */
  async watch<T extends KubeObject>(
    apiVersion: string,
    kind: string,
    options: { readonly namespace?: string; readonly labelSelector?: string; readonly signal: AbortSignal },
    onEvent: (event: WatchEvent<T>) => void,
  ): Promise<void> {
    const path = await this.pathOf({ apiVersion, kind, namespace: options.namespace });
    while (!options.signal.aborted) {
      const query = new URLSearchParams({ watch: '1', ...(options.labelSelector ? { labelSelector: options.labelSelector } : {}) });
      await this.stream(`${path}?${query}`, options.signal, (line) => {
        const event = JSON.parse(line) as WatchEvent<T>;
        if (event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED') onEvent(event);
      });
    }
  }
}
