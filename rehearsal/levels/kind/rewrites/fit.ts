import { FaultError } from '../../../../base/faults';
import { contract as forecaster } from '../../../../forecaster/contract';
import { KubeObject, nameOf, refOf } from '../../../control-plane/kube-objects';
import type { Substitution } from '../../../report/schema';
import { ObjectRewrite, replaced, Tree, unchanged } from './tree';

/** What the nodes have for pods, all together. */
export interface Room {
  /** Allocatable, millicores. */
  readonly cpuMillicores: number;
  /** What pods ask for that no file of the tree brings: the system's own, the rehearsal's. Millicores. */
  readonly cpuTakenMillicores: number;
  /** Allocatable, bytes. */
  readonly memoryBytes: number;
  /** Bytes that such pods ask for. */
  readonly memoryTakenBytes: number;
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'];
/** Some room stays free: pods do not divide evenly among nodes, and an update starts one more. */
const FILLED = 0.9;

interface Container { readonly name: string; readonly resources?: { readonly requests?: Readonly<Record<string, string | number>> } }

const containersOf = (object: KubeObject): readonly Container[] => (WORKLOADS.includes(object.kind) ? object.spec?.template?.spec?.containers ?? [] : []);

const MEMORY_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Millicores of a quantity such as `500m`, `"2"`. */
export function millicoresOf(quantity: string | number | undefined): number {
  const text = String(quantity ?? '0');
  return text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000;
}

/** Bytes of a quantity such as `192Mi`. */
export function bytesOf(quantity: string | number | undefined): number {
  const match = /^(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi)?$/.exec(String(quantity ?? '0'));
  return match ? Number(match[1]) * MEMORY_UNITS[match[2] ?? '']! : NaN;
}

/** How many pods of a workload there can be: what its autoscaler may go up to, or what it is told. */
function mostReplicas(object: KubeObject, all: readonly KubeObject[]): number {
  const scaler = all.find(({ kind, metadata, spec }) => ['ScaledObject', 'HorizontalPodAutoscaler'].includes(kind) && metadata.namespace === object.metadata.namespace
    && spec?.scaleTargetRef?.name === object.metadata.name && (spec.scaleTargetRef.kind ?? 'Deployment') === object.kind);
  const most = scaler?.spec?.maxReplicaCount ?? scaler?.spec?.maxReplicas ?? object.spec?.replicas ?? 1;
  return Number(most);
}

/** What every container of a tree asks for with every autoscaler at its most: millicores and bytes. */
export function asked(tree: Tree): { readonly cpuMillicores: number; readonly memoryBytes: number } {
  const all = [...tree.values()].flat();
  let cpuMillicores = 0;
  let memoryBytes = 0;
  for (const object of all) {
    const replicas = mostReplicas(object, all);
    for (const { resources } of containersOf(object)) {
      cpuMillicores += replicas * millicoresOf(resources?.requests?.cpu);
      memoryBytes += replicas * bytesOf(resources?.requests?.memory);
    }
  }
  return { cpuMillicores, memoryBytes };
}

/**
 * What to multiply requests with so that everything fits at the most replicas; 1 where it does anyway.
 *
 * @throws FaultError where the machine has no room at all
 */
export function factors(tree: Tree, room: Room): { readonly cpu: number; readonly memory: number } {
  const wanted = asked(tree);
  const free = { cpu: room.cpuMillicores * FILLED - room.cpuTakenMillicores, memory: room.memoryBytes * FILLED - room.memoryTakenBytes };
  const faults = [
    ...(free.cpu > 0 ? [] : [{ where: 'cores of the nodes', got: `${room.cpuMillicores} millicores`, allowed: `more than ${Math.ceil(room.cpuTakenMillicores / FILLED)}, which the system's own pods ask for`, do: 'give the engine more cores' }]),
    ...(free.memory > 0 ? [] : [{ where: 'memory of the nodes', got: `${Math.round(room.memoryBytes / 2 ** 20)} MiB`, allowed: `more than ${Math.ceil(room.memoryTakenBytes / FILLED / 2 ** 20)} MiB`, do: 'give the engine more memory' }]),
  ];
  if (faults.length > 0) throw new FaultError('the environment does not fit this machine', faults);
  return { cpu: Math.min(1, free.cpu / Math.max(1, wanted.cpuMillicores)), memory: Math.min(1, free.memory / Math.max(1, wanted.memoryBytes)) };
}

const WHY = 'the cores of this machine must do at the most replicas';

/** Shrinks requests; limits stay. What is scaled by utilisation of its requests keeps meaning the same cores. */
export function shrink(tree: Tree, { cpu, memory }: { readonly cpu: number; readonly memory: number }): ObjectRewrite {
  if (cpu >= 1 && memory >= 1) return unchanged;
  const all = [...tree.values()].flat();
  const shrunkCpu = (millicores: number) => (cpu >= 1 ? millicores : Math.max(1, Math.floor(millicores * cpu)));
  return (original) => {
    const substitutions: Substitution[] = [];
    const object = structuredClone(original) as KubeObject;
    containersOf(object).forEach((container, index) => {
      const requests = container.resources?.requests as Record<string, string | number> | undefined;
      const set = (key: 'cpu' | 'memory', to: string, why: string): void => {
        substitutions.push(...replaced(original, `spec.template.spec.containers[${index}].resources.requests.${key}`, String(requests![key]), to, why));
        requests![key] = to;
      };
      if (cpu < 1 && requests?.cpu !== undefined) set('cpu', `${shrunkCpu(millicoresOf(requests.cpu))}m`, WHY);
      if (memory < 1 && requests?.memory !== undefined) set('memory', `${Math.max(1, Math.floor((bytesOf(requests.memory) * memory) / 2 ** 20))}Mi`, 'the memory of this machine must do at the most replicas');
    });
    if (cpu < 1 && original.kind === 'ScaledObject') raiseTargets(object, all, shrunkCpu, (index, from, to, why) => substitutions.push(...replaced(original, `spec.triggers[${index}].metadata.value`, from, to, why)));
    if (cpu < 1 && original.metadata.name === forecaster.name) substitutions.push(...raiseCeiling(object, all, shrunkCpu));
    return substitutions.length === 0 ? unchanged(original) : { objects: [object], substitutions };
  };
}

/** By how much the requests of a scaled workload shrank, as whole millicores make it. */
function growth(target: KubeObject | undefined, shrunkCpu: (millicores: number) => number): number {
  const requests = (target ? containersOf(target) : []).map(({ resources }) => millicoresOf(resources?.requests?.cpu)).filter((millicores) => millicores > 0);
  const before = requests.reduce((sum, each) => sum + each, 0);
  return before === 0 ? 1 : before / requests.reduce((sum, each) => sum + shrunkCpu(each), 0);
}

function scaledBy(object: KubeObject, all: readonly KubeObject[]): KubeObject | undefined {
  const ref = object.spec?.scaleTargetRef;
  return all.find(({ kind, metadata }) => kind === (ref?.kind ?? 'Deployment') && metadata.name === ref?.name && metadata.namespace === object.metadata.namespace);
}

function raiseTargets(
  object: KubeObject, all: readonly KubeObject[], shrunkCpu: (millicores: number) => number, list: (index: number, from: string, to: string, why: string) => void,
): void {
  const by = growth(scaledBy(object, all), shrunkCpu);
  ((object.spec?.triggers ?? []) as { type: string; metricType?: string; metadata: Record<string, string> }[]).forEach((trigger, index) => {
    if (trigger.type !== 'cpu' || trigger.metricType !== 'Utilization') return;
    const from = trigger.metadata.value!;
    trigger.metadata.value = String(Math.round(Number(from) * by));
    list(index, from, trigger.metadata.value, 'a share of the smaller request that means the same cores');
  });
}

/** CPU over CPU requested is larger by as much: the forecaster would tell of services short of CPU. */
function raiseCeiling(object: KubeObject, all: readonly KubeObject[], shrunkCpu: (millicores: number) => number): Substitution[] {
  const container = (containersOf(object) as readonly (Container & { env?: { name: string; value?: string }[] })[]).find(({ name }) => name === forecaster.name);
  if (!container) return [];
  const setting = forecaster.settings.cpuCeiling;
  const by = Math.max(1, ...all.filter(({ kind }) => kind === 'ScaledObject').map((scaler) => growth(scaledBy(scaler, all), shrunkCpu)));
  container.env ??= [];
  const existing = container.env.find(({ name }) => name === setting.env);
  const from = existing?.value ?? String(setting.fallback);
  const to = String(Math.min(100, Math.ceil(Number(from) * by)));
  if (existing) existing.value = to;
  else container.env.push({ name: setting.env, value: to });
  return replaced(object, `${nameOf(refOf(object))} env ${setting.env}`, from, to, 'requests were shrunk, so CPU over CPU requested is larger');
}
