import type { Fault } from '../../../../base/faults';
import type { KubeApi } from '../../../control-plane';
import { KubeObject, nameOf, ObjectRef, refOf } from '../../../control-plane/kube-objects';
import { podsOf } from './rollout';

/** Why a container, or a whole pod, does not run. */
export interface PodTrouble {
  /** As Kubernetes names it: `ImagePullBackOff`, `CrashLoopBackOff`, `Unschedulable`, `NotReady`. */
  readonly reason: string;
  readonly message: string;
  /** @default - the pod as a whole is concerned */
  readonly container?: string;
  /** How often it has been started again. */
  readonly restarts: number;
}

/** Reasons that do not pass by waiting: something has to be mended. */
const LASTING = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError', 'Unschedulable']);
/** From this many restarts on a container is said to crash; fewer happen while what it needs is still starting. */
const CRASHES = 3;

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly started?: boolean;
  readonly restartCount: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}
interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: { readonly reason?: string; readonly exitCode: number; readonly message?: string };
}

/** Why a pod is not ready; empty if it is, or has ended well. */
export function troublesOf(pod: KubeObject): PodTrouble[] {
  const status = pod.status ?? {};
  if (status.phase === 'Succeeded' || pod.metadata.deletionTimestamp !== undefined) return [];
  const conditions = (status.conditions ?? []) as { type: string; status: string; reason?: string; message?: string }[];
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return [{ reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? '', restarts: 0 }];
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])] as ContainerStatus[];
  const initial = new Set(((status.initContainerStatuses ?? []) as ContainerStatus[]).map(({ name }) => name));
  return statuses.flatMap(({ name, ready, restartCount, state, lastState }): PodTrouble[] => {
    if (ready || (initial.has(name) && state?.terminated?.exitCode === 0)) return [];
    const ended = state?.terminated ?? lastState?.terminated;
    const how = ended ? `${ended.reason ?? 'ended'}, exit code ${ended.exitCode}${ended.message ? `: ${ended.message.trim()}` : ''}` : '';
    const common = { container: name, restarts: restartCount };
    if (state?.waiting) {
      const { reason = 'Waiting', message = '' } = state.waiting;
      return reason === 'PodInitializing' || reason === 'ContainerCreating' ? [{ ...common, reason, message }] : [{ ...common, reason, message: [message, how].filter(Boolean).join('; ') }];
    }
    if (state?.terminated) return [{ ...common, reason: state.terminated.reason ?? 'Terminated', message: how }];
    return [{ ...common, reason: 'NotReady', message: ['it runs but its readiness probe has not passed', how && `before that: ${how}`].filter(Boolean).join('; ') }];
  });
}

/** Whether waiting will not help. */
export function lasts(trouble: PodTrouble): boolean {
  return LASTING.has(trouble.reason) || (trouble.restarts >= CRASHES && trouble.reason !== 'NotReady');
}

/** `container cost: ImagePullBackOff (0 restarts): ...` */
export function describeTrouble(trouble: PodTrouble): string {
  const restarts = trouble.restarts > 0 ? ` (${trouble.restarts} restarts)` : '';
  return `${trouble.container ? `container ${trouble.container}: ` : ''}${trouble.reason}${restarts}${trouble.message ? `: ${trouble.message}` : ''}`;
}

const TO_DO: readonly (readonly [RegExp, string])[] = [
  [/^(ErrImage|ImagePull|InvalidImage)/, 'check that the image is built or can be pulled: run with --images build, or see what the preparation of images said of it'],
  [/^CreateContainerConfigError/, 'make the ConfigMap or Secret that it names, with the key that it names'],
  [/^Unschedulable/, 'give the machine more cores or memory, or shrink what the pods request'],
  [/^OOMKilled/, 'raise its memory limit'],
];

/** Lines of a container's log that are shown. */
const LOG_LINES = 15;

/** The last lines of a container's log; of its previous run where it has been started again and says nothing yet. Empty when there is none. */
export async function lastLines(api: KubeApi, pod: KubeObject, container: string, lines = LOG_LINES): Promise<string[]> {
  for (const previous of ['', '&previous=true']) {
    const path = `${await api.pathOf(refOf(pod))}/log?container=${encodeURIComponent(container)}&tailLines=${lines}${previous}`;
    const text = await api.request<unknown>('GET', path).catch(() => ''); // a container that never ran has none
    const read = (typeof text === 'string' ? text : JSON.stringify(text)).split('\n').map((line) => line.trimEnd()).filter((line) => line !== '');
    if (read.length > 0) return read;
  }
  return [];
}

/** The newest events about an object, oldest first: `Failed: Error: ImagePullBackOff`. */
export async function eventsOf(api: KubeApi, ref: ObjectRef, count = 4): Promise<string[]> {
  const fieldSelector = `involvedObject.kind=${ref.kind},involvedObject.name=${ref.name}`;
  const events = await api.list('v1', 'Event', { namespace: ref.namespace, fieldSelector }).catch(() => []);
  const when = (event: KubeObject) => String(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '');
  return [...events].sort((a, b) => when(a).localeCompare(when(b))).slice(-count).map((event) => `${event.reason}: ${String(event.message).trim()}`);
}

/** A fault for each pod of a workload that is not ready, with its events and last words; or one that says why it has no pods. Empty if all is well. */
export async function diagnoseWorkload(api: KubeApi, workload: ObjectRef): Promise<Fault[]> {
  const pods = (await podsOf(api, workload)).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  if (pods.length === 0) return diagnoseWithoutPods(api, workload);
  const faults: Fault[] = [];
  for (const pod of pods) {
    const troubles = troublesOf(pod);
    if (troubles.length === 0) continue;
    const events = await eventsOf(api, refOf(pod));
    const logs: string[] = [];
    for (const { container } of troubles) {
      if (container === undefined) continue;
      const lines = await lastLines(api, pod, container);
      if (lines.length > 0) logs.push(`log of ${container}:\n${lines.map((line) => `      ${line}`).join('\n')}\n   `);
    }
    faults.push({
      where: `${nameOf(refOf(pod))} of ${nameOf(workload)}`,
      got: [...troubles.map(describeTrouble), `events: ${events.join(' | ') || 'none'}`, ...(logs.length > 0 ? logs : ['log: empty'])].join('; '),
      allowed: 'a pod whose containers start and become ready',
      do: TO_DO.find(([pattern]) => troubles.some(({ reason, message }) => pattern.test(reason) || pattern.test(message)))?.[1] ?? 'mend what the events and the log say',
    });
  }
  return faults;
}

async function diagnoseWithoutPods(api: KubeApi, workload: ObjectRef): Promise<Fault[]> {
  const object = await api.tryGet<KubeObject>(workload);
  if (object && (object.spec?.replicas ?? 1) === 0) return [];
  const sets = object && workload.kind === 'Deployment' ? await api.list('apps/v1', 'ReplicaSet', { namespace: workload.namespace }) : [];
  const own = sets.filter((set) => set.metadata.ownerReferences?.some(({ uid }) => uid === object?.metadata.uid));
  const events = (await Promise.all([workload, ...own.map(refOf)].map((ref) => eventsOf(api, ref)))).flat();
  return [{
    where: nameOf(workload), got: object ? `no pods; events: ${events.join(' | ') || 'none'}` : 'it does not exist', allowed: 'a workload whose pods are made',
    do: object ? 'mend what the events say' : 'see why what makes it was not applied',
  }];
}
