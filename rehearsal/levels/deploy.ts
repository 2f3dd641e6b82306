import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { FaultError } from '../../base/faults';
import type { KubeApi } from '../control-plane';
import { KubeObject, nameOf, ObjectRef, refOf } from '../control-plane/kube-objects';
import type { Substitution } from '../report/schema';

/** What Argo CD would sync as one Application. */
export interface ApplicationManifests {
  readonly name: string;
  /** Its sync wave, as dist/ says. */
  readonly wave: number;
  /** Objects of its folder in dist/. */
  readonly objects: readonly KubeObject[];
}

/** Changes what dist/ holds for this level; each change is a {@link Substitution}. */
export type Rewrite = (object: KubeObject) => { readonly objects: readonly KubeObject[]; readonly substitutions: readonly Substitution[] };

/** Kinds in the order in which Argo CD applies them within a wave; anything else comes after, an APIService last. Source: Argo CD's sync phases and kind order. */
const KIND_ORDER = [
  'Namespace', 'NetworkPolicy', 'ResourceQuota', 'LimitRange', 'PodDisruptionBudget', 'ServiceAccount', 'Secret', 'ConfigMap', 'StorageClass', 'PersistentVolume',
  'PersistentVolumeClaim', 'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding', 'Service', 'DaemonSet', 'Pod', 'ReplicaSet',
  'Deployment', 'StatefulSet', 'HorizontalPodAutoscaler', 'Job', 'CronJob', 'Ingress',
];

function rank(object: KubeObject): number {
  if (object.kind === 'APIService') return KIND_ORDER.length + 1;
  const index = KIND_ORDER.indexOf(object.kind);
  return index === -1 ? KIND_ORDER.length : index;
}

/** When an object of a kind is healthy; kinds that are not named are as soon as they exist. */
const HEALTH: Readonly<Record<string, { readonly wanted: string; readonly until: (object: KubeObject | undefined) => true | string }>> = {
  Deployment: {
    wanted: 'available',
    until: (object) => {
      const wanted = object?.spec?.replicas ?? 1;
      const { availableReplicas = 0, updatedReplicas = 0, observedGeneration = 0 } = object?.status ?? {};
      const current = object !== undefined && observedGeneration >= ((object.metadata as { generation?: number }).generation ?? 1);
      return (current && availableReplicas >= wanted && updatedReplicas >= wanted) || `${availableReplicas} of ${wanted} replicas available`;
    },
  },
  ScaledObject: {
    wanted: 'ready',
    until: (object) => {
      const ready = ((object?.status?.conditions ?? []) as { type: string; status: string; message?: string }[]).find((condition) => condition.type === 'Ready');
      return ready?.status === 'True' || `condition Ready is ${ready?.status ?? 'absent'}: ${ready?.message ?? ''}`;
    },
  },
};

/** The objects of a YAML file with any number of documents. */
export function objectsOfYaml(path: string): KubeObject[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as KubeObject | null).filter((object): object is KubeObject => object !== null);
}

/** Hooks of {@link Deployment.applyWaves}. */
export interface WaveOptions {
  /** Called before an Application is applied. @default - nothing */
  readonly onApplication?: (name: string, wave: number) => void;
  /** Called when the Deployments of an Application's wave are available; the next wave waits for it. @default - nothing */
  readonly onAvailable?: (name: string) => Promise<void>;
  /** @default - it cannot be interrupted */
  readonly signal?: AbortSignal;
}

/** Applies dist/ wave by wave, each wave complete before the next begins, as the app-of-apps does. */
export class Deployment {
  private readonly applied: { readonly from: string; readonly refs: readonly ObjectRef[] }[] = [];
  private readonly changes: Substitution[] = [];

  constructor(private readonly api: KubeApi, private readonly rewrite: Rewrite) {}

  /** What this level changed in the manifests so far. */
  get substitutions(): readonly Substitution[] {
    return this.changes;
  }

  /**
   * Applies Applications by wave and waits for their Deployments.
   *
   * @throws FaultError naming the object that was refused, or the Deployment that did not become available and its last event
   */
  async applyWaves(applications: readonly ApplicationManifests[], options: WaveOptions = {}): Promise<void> {
    const waves = [...new Set(applications.map((application) => application.wave))].sort((a, b) => a - b);
    for (const wave of waves) {
      const members = applications.filter((application) => application.wave === wave);
      for (const application of members) {
        options.onApplication?.(application.name, wave);
        await this.apply(application.objects, application.name, options.signal);
      }
      await this.waitUntilHealthy(members.flatMap((application) => application.objects), options.signal);
      for (const application of members) await options.onAvailable?.(application.name);
    }
  }

  /** Applies objects in Argo CD's order of kinds. */
  async apply(objects: readonly KubeObject[], from: string, signal?: AbortSignal): Promise<void> {
    const rewritten = objects.map((object) => this.rewrite(object));
    this.changes.push(...rewritten.flatMap((each) => each.substitutions));
    const ordered = rewritten.flatMap((each) => each.objects).map((object, index) => ({ object, index }))
      .sort((a, b) => rank(a.object) - rank(b.object) || a.index - b.index).map(({ object }) => object);
    try {
      await this.api.apply(ordered, { signal });
    } catch (error) {
      if (error instanceof FaultError) throw new FaultError(`the application ${from} was refused`, error.faults);
      throw error;
    } finally {
      this.applied.push({ from, refs: ordered.map(refOf) }); // also what came before a refusal must be deleted
    }
  }

  /** Waits until these objects are what Argo CD would call healthy: Deployments available, ScaledObjects ready. */
  async waitUntilHealthy(objects: readonly KubeObject[], signal?: AbortSignal): Promise<void> {
    for (const object of objects) {
      const health = HEALTH[object.kind];
      if (!health) continue;
      const ref = refOf(object);
      await this.api.waitFor({ what: `${nameOf(ref)} to be ${health.wanted}`, ref, signal, timeoutSeconds: 90, until: health.until });
    }
  }

  /**
   * Deletes everything that was applied, the last first, and waits until it is gone: what a controller has to finalize goes before the controller.
   *
   * @param before called before an application's objects are deleted, e.g. to end the program that stands for it
   */
  async deleteAll(before?: (from: string) => Promise<void>, signal?: AbortSignal): Promise<void> {
    for (const { from, refs } of [...this.applied].reverse()) {
      await before?.(from);
      await this.api.deleteAll(refs, { timeoutSeconds: 60, signal });
    }
    this.applied.length = 0;
  }
}
