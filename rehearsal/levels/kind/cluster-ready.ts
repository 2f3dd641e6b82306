import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../../../base/faults';
import type { KubeApi, KubeObject } from '../../control-plane';

/** How {@link untilClusterReady} waits. */
export interface ClusterReadyOptions {
  readonly nodes: readonly string[];
  /** Whether Services can be reached from a node: kube-proxy is ready as soon as it runs, with or without its rules. */
  readonly hasServices: (node: string) => Promise<boolean>;
  readonly signal?: AbortSignal;
  /** Called when what is waited for changes. @default - nothing is told */
  readonly onProgress?: (detail: string, done: number, total: number) => void;
  /** Seconds without any change after which the wait is given up. @default 180 */
  readonly stallSeconds?: number;
}

/** Namespaces of what a cluster needs before anything else runs. */
const SYSTEM = ['kube-system', 'local-path-storage'];
const POLL_MS = 500;
/** Seconds without a change after which the last event is told besides. */
const QUIET_SECONDS = 20;

interface Condition { readonly type: string; readonly status: string }
const isTrue = (object: KubeObject, type: string) => ((object.status?.conditions ?? []) as Condition[]).some((condition) => condition.type === type && condition.status === 'True');

/**
 * Waits until every node and every pod of the system is ready, and signs the certificates that kubelets ask for meanwhile.
 *
 * @throws FaultError when nothing has changed for long, with what is not ready and the last event
 */
export async function untilClusterReady(api: KubeApi, { nodes, hasServices, signal, onProgress, stallSeconds = 180 }: ClusterReadyOptions): Promise<void> {
  let last = '';
  let changed = performance.now();
  let said = 'the API server does not answer yet';
  for (;;) {
    signal?.throwIfAborted();
    try {
      await approveKubelets(api, nodes);
      const { missing, total } = await notReady(api, nodes);
      if (missing.length === 0) {
        const answers = await Promise.all(nodes.map(hasServices));
        if (answers.every(Boolean)) return;
        missing.push(...nodes.filter((_, index) => !answers[index]).map((node) => `rules of Services on ${node}`));
      }
      said = missing.join(', ');
      if (said !== last) onProgress?.(said, total - missing.length, total);
    } catch (error) {
      signal?.throwIfAborted();
      said = (error as Error).message;
    }
    if (said !== last) changed = performance.now();
    last = said;
    const quiet = (performance.now() - changed) / 1000;
    if (quiet > QUIET_SECONDS) onProgress?.(`${said}; last event: ${await lastEvent(api)}`, 0, 1);
    if (quiet > stallSeconds) break;
    await sleep(POLL_MS, undefined, { signal });
  }
  throw new FaultError(`the cluster is not ready: nothing has changed for ${stallSeconds} s`, [
    { where: nodes[0] ?? 'the cluster', got: `${said}; last event: ${await lastEvent(api)}`, allowed: 'nodes and pods of the system that are ready', do: 'see the logs of the nodes in the work folder' },
  ]);
}

async function notReady(api: KubeApi, names: readonly string[]): Promise<{ readonly missing: string[]; readonly total: number }> {
  const nodes = await api.list('v1', 'Node');
  const pods = (await Promise.all(SYSTEM.map((namespace) => api.list('v1', 'Pod', { namespace })))).flat();
  const missing = [
    ...names.filter((name) => !nodes.some((node) => node.metadata.name === name && isTrue(node, 'Ready'))).map((name) => `node ${name}`),
    ...pods.filter((pod) => !isTrue(pod, 'Ready')).map((pod) => `pod ${pod.metadata.name}`),
    ...SYSTEM.filter((namespace) => !pods.some((pod) => pod.metadata.namespace === namespace)).map((namespace) => `pods of ${namespace}`),
  ];
  return { missing, total: names.length + pods.length };
}

/** Certificates by which kubelets are known to whoever reads their metrics. Only those of our nodes, asked for by themselves. */
async function approveKubelets(api: KubeApi, nodes: readonly string[]): Promise<void> {
  const requests = await api.list('certificates.k8s.io/v1', 'CertificateSigningRequest');
  for (const request of requests) {
    const asks = request.spec.signerName === 'kubernetes.io/kubelet-serving' && nodes.some((node) => request.spec.username === `system:node:${node}`);
    if (!asks || (request.status?.conditions ?? []).length > 0) continue;
    const condition = { type: 'Approved', status: 'True', reason: 'Rehearsal', message: 'a node of this rehearsal' };
    await api.patch({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', name: request.metadata.name }, { status: { conditions: [condition] } }, 'merge', 'approval');
  }
}

async function lastEvent(api: KubeApi): Promise<string> {
  const events = await api.list('v1', 'Event').catch(() => []);
  const when = (event: KubeObject) => String(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '');
  const newest = [...events].sort((a, b) => when(a).localeCompare(when(b))).at(-1);
  return newest ? `${newest.involvedObject?.kind} ${newest.involvedObject?.name}: ${newest.reason}: ${newest.message}` : 'none';
}
