import type { KubeApi } from '../../../control-plane';
import type { KubeObject } from '../../../control-plane/kube-objects';

/** Pods of a Deployment at one moment. */
export interface PodSample {
  /** Replicas asked for. */
  readonly desired: number;
  /** Pods that are ready and not about to go. */
  readonly ready: number;
  /** Containers of all pods that were started again so far, by pod. */
  readonly restarts: Readonly<Record<string, number>>;
}

const timeOf = (text: string | undefined): number => (text === undefined ? NaN : Date.parse(text) / 1000);

/** Looks at the pods of a Deployment again and again; remembers how long each took to become ready. */
export class PodWatch {
  private readonly startups = new Map<string, number>();

  constructor(private readonly api: Pick<KubeApi, 'get' | 'list'>, private readonly target: { readonly namespace: string; readonly name: string }) {}

  async look(): Promise<PodSample> {
    const { namespace, name } = this.target;
    const [deployment, pods] = await Promise.all([
      this.api.get<KubeObject>({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }),
      this.api.list<KubeObject>('v1', 'Pod', { namespace, labelSelector: `app.kubernetes.io/name=${name}` }),
    ]);
    let ready = 0;
    const restarts: Record<string, number> = {};
    for (const { metadata, status } of pods) {
      const condition = ((status?.conditions ?? []) as { type: string; status: string; lastTransitionTime?: string }[]).find(({ type }) => type === 'Ready');
      restarts[metadata.name] = ((status?.containerStatuses ?? []) as { restartCount?: number }[]).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
      if (condition?.status !== 'True') continue;
      if (metadata.deletionTimestamp === undefined) ready += 1;
      const took = timeOf(condition.lastTransitionTime) - timeOf(metadata.creationTimestamp);
      // A pod that was ready, was not, and is again tells nothing of its start.
      if (!this.startups.has(metadata.name) && restarts[metadata.name] === 0 && took >= 0) this.startups.set(metadata.name, took);
    }
    return { desired: Number(deployment.spec?.replicas ?? 1), ready, restarts };
  }

  /** Forgets what was seen: pods that came up before the replay came up all at once. */
  forget(): void {
    for (const name of this.startups.keys()) this.startups.set(name, NaN);
  }

  /** Median, seconds of the wall clock, to whole seconds as the API has them; null if no pod was started. */
  get startupSeconds(): number | null {
    const values = [...this.startups.values()].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
    if (values.length === 0) return null;
    return (values[Math.floor((values.length - 1) / 2)]! + values[Math.floor(values.length / 2)]!) / 2;
  }
}
