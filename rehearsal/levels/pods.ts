import type { KubeApi } from '../control-plane';
import type { KubeObject } from '../control-plane/kube-objects';
import type { PlantPod, PlantTarget, PodSource } from '../plant';

/**
 * The pods and desired replicas of some services, kept current by watches. The plant reads it many times a second, so it never asks the server itself.
 */
export class WatchedPods implements PodSource {
  private readonly podsByTarget = new Map<string, Map<string, PlantPod>>();
  private readonly desiredByTarget = new Map<string, number>();
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>[] = [];

  /**
   * @param api the API server
   * @param targets services whose pods carry the label `app.kubernetes.io/name` = the Deployment's name, in the target's namespace
   */
  constructor(private readonly api: KubeApi, private readonly targets: readonly PlantTarget[]) {}

  /** Begins to watch. A watch that breaks begins anew inside the client; an error of the server ends up in `failed`. */
  start(onError: (error: unknown) => void): void {
    for (const target of this.targets) {
      const key = keyOf(target);
      this.podsByTarget.set(key, new Map());
      const { signal } = this.stopping;
      const guard = (watching: Promise<void>) => this.running.push(watching.catch((error) => { if (!signal.aborted) onError(error); }));
      guard(this.api.watch('v1', 'Pod', { namespace: target.namespace, signal }, ({ type, object }) => {
        const pods = this.podsByTarget.get(key)!;
        if (type === 'DELETED') pods.delete(object.metadata.name);
        else pods.set(object.metadata.name, plantPod(object));
      }));
      guard(this.api.watch('apps/v1', 'Deployment', { namespace: target.namespace, signal }, ({ type, object }) => {
        if (type !== 'DELETED') this.desiredByTarget.set(key, Number(object.spec.replicas ?? 1));
      }));
    }
  }

  pods(target: PlantTarget): readonly PlantPod[] {
    return [...(this.podsByTarget.get(keyOf(target))?.values() ?? [])];
  }

  desired(target: PlantTarget): number {
    return this.desiredByTarget.get(keyOf(target)) ?? 0;
  }

  /** Ends the watches. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }
}

function keyOf(target: PlantTarget): string {
  return `${target.namespace}/${target.service}`;
}

function plantPod(pod: KubeObject): PlantPod {
  const conditions = (pod.status?.conditions ?? []) as readonly { readonly type: string; readonly status: string }[];
  return {
    name: pod.metadata.name,
    labels: pod.metadata.labels,
    nodeName: pod.spec?.nodeName,
    running: pod.status?.phase === 'Running',
    ready: conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    terminating: pod.metadata.deletionTimestamp !== undefined,
  };
}
