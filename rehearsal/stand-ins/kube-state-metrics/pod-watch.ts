import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, ApiServer } from './api-server';
import type { Pod } from './pod';

/** Told of pods. */
export interface PodStore {
  /** Every pod there is; what was told before is over. */
  replace(pods: readonly Pod[]): void;
  set(pod: Pod): void;
  delete(pod: Pod): void;
}

interface List {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly Pod[];
}

interface Status {
  readonly code?: number;
  readonly message?: string;
}

const PODS = '/api/v1/pods';
/** Pods in one answer. */
const PAGE = 500;
/** Seconds that a watch lasts; below the silence that ends a connection. */
const WATCH_SECONDS = 45;
/** The server no longer knows what happened since. */
const GONE = 410;

/**
 * Keeps a store of all pods as the API server has them: lists, then follows every change. It lists again when the server no longer knows what happened
 * since, and after any failure, each time after a longer pause.
 *
 * @param problem told why it begins anew
 * @returns once `signal` aborts; it never fails otherwise
 */
export async function watchPods(api: ApiServer, store: PodStore, signal: AbortSignal, problem: (error: Error) => void, pauseMs = 1000): Promise<void> {
  let pause = pauseMs;
  while (!signal.aborted) {
    try {
      let version = await list(api, store, signal);
      pause = pauseMs;
      while (!signal.aborted) version = await follow(api, store, version, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.status === GONE) continue;
      problem(error as Error);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(pause * 2, 30_000);
    }
  }
}

async function list(api: ApiServer, store: PodStore, signal: AbortSignal): Promise<string> {
  const pods: Pod[] = [];
  for (let more: string | undefined = ''; ;) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(more ? { continue: more } : {}) });
    const page = JSON.parse(await api.get(`${PODS}?${query}`, signal)) as List;
    pods.push(...page.items);
    more = page.metadata.continue;
    if (more) continue;
    store.replace(pods);
    return page.metadata.resourceVersion;
  }
}

/** @returns the version after the last change it saw */
async function follow(api: ApiServer, store: PodStore, since: string, signal: AbortSignal): Promise<string> {
  let version = since;
  const query = new URLSearchParams({ watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(WATCH_SECONDS), resourceVersion: since });
  for await (const line of api.lines(`${PODS}?${query}`, signal)) {
    const { type, object } = JSON.parse(line) as { type: string; object: Pod & Status };
    if (type === 'ERROR') throw new ApiError(object.code ?? 0, object.message ?? line);
    if (type === 'DELETED') store.delete(object);
    else if (type !== 'BOOKMARK') store.set(object);
    version = object.metadata.resourceVersion ?? version;
  }
  return version;
}
