import type { Fault } from '../../../../base/faults';
import type { KubeApi, ObjectRef } from '../../../control-plane';
import { nameOf } from '../../../control-plane/kube-objects';
import type { ApplicationState } from './application';
import { reasonOfApplication } from './application';
import { diagnoseWorkload, eventsOf, lastLines } from './diagnosis';
import { GIT_SERVER } from './git-server';
import { REHEARSAL_NAMESPACE } from '../own-workload';
import { podsOf, rolledOut } from './rollout';

/** What Argo CD's repository server and Git say when a repository cannot be read, as opposed to read but wrong. */
const UNREACHABLE = new RegExp([
  'failed to list refs', 'unable to access', 'could ?n[o\']t resolve host', 'no such host', 'dial tcp', 'connection refused', 'connection reset', 'i/o timeout', 'context deadline exceeded',
  'x509', 'certificate', 'authentication required', 'repository not found', 'unable to resolve .* to a commit SHA', 'failed to fetch', 'failed to initialize repository',
].join('|'), 'i');

/** Workloads whose end keeps Argo CD from reading Git at all. */
const GIT_SERVER_REF: ObjectRef = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: REHEARSAL_NAMESPACE, name: GIT_SERVER };
const REPOSITORY_SERVER_REF: ObjectRef = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'argocd', name: 'argocd-repo-server' };

/** The message with which Argo CD says that it cannot read Git; undefined if it can. */
export function unreachableGit(state: ApplicationState): string | undefined {
  return state.conditions.find(({ type, message }) => type === 'ComparisonError' && UNREACHABLE.test(message))?.message;
}

/** Everything known of why an Application is not Synced and Healthy, at least one fault. */
export async function diagnoseApplication(api: KubeApi, state: ApplicationState): Promise<Fault[]> {
  const unreachable = unreachableGit(state);
  if (unreachable !== undefined) return [await gitFault(api, state, unreachable)];
  const where = `Application ${state.name}`;
  const faults: Fault[] = [];
  for (const { type, message } of state.conditions.filter((each) => each.type.endsWith('Error'))) {
    faults.push({ where, got: `${type}: ${message}`, allowed: 'an Application that Argo CD can compare with the cluster', do: 'mend what it says in dist/ or in the AppProject of root.yaml' });
  }
  if (state.phase === 'Failed' || state.phase === 'Error') {
    faults.push({ where, got: `sync ${state.phase}: ${state.message}`, allowed: 'a sync that succeeds', do: 'mend the objects that were refused' });
  }
  for (const resource of state.resources.filter((each) => each.sync === 'OutOfSync')) {
    faults.push({ where: `${nameOf(resource)} of ${where}`, got: 'OutOfSync', allowed: 'an object that is as Git has it', do: 'see what writes it besides Argo CD, or what the API server drops of it' });
  }
  // Argo CD keeps the health of an Application, not that of what it deployed: that is asked of the objects.
  if (state.health !== 'Healthy') faults.push(...(await Promise.all(state.resources.map((resource) => diagnoseResource(api, resource)))).flat());
  return faults.length > 0 ? faults : [{ where, got: reasonOfApplication(state), allowed: 'Synced and Healthy', do: 'see what it waits for, or give it more time' }];
}

/** Conditions that are True when an object is well. */
const WELL = new Set(['Ready', 'Available', 'Established']);

/** Why an object is not well, whatever its kind; empty if nothing says that it is not. */
async function diagnoseResource(api: KubeApi, ref: ObjectRef): Promise<Fault[]> {
  if (ref.kind === 'Deployment' || ref.kind === 'StatefulSet') return diagnoseWorkload(api, ref);
  const object = await api.tryGet(ref).catch(() => undefined); // its kind may not be served yet
  if (!object) return [{ where: nameOf(ref), got: 'it does not exist', allowed: 'an object that Argo CD has made', do: 'see why its sync does not come to it' }];
  const conditions = (object.status?.conditions ?? []) as { type: string; status: string; reason?: string; message?: string }[];
  const ill = conditions.filter(({ type, status }) => WELL.has(type) && status !== 'True').map(({ type, status, reason, message }) => `${type} is ${status}: ${[reason, message].filter(Boolean).join(', ')}`);
  if (ref.kind === 'PersistentVolumeClaim' && object.status?.phase === 'Pending') ill.push('Pending');
  if (ill.length === 0) return [];
  const events = await eventsOf(api, ref);
  return [{ where: nameOf(ref), got: `${ill.join('; ')}; events: ${events.join(' | ') || 'none'}`, allowed: 'an object that is ready', do: `see kubectl describe ${ref.kind} ${ref.namespace ? `-n ${ref.namespace} ` : ''}${ref.name}` }];
}

/** Argo CD cannot read Git: said as such, with the state of both ends. */
async function gitFault(api: KubeApi, state: ApplicationState, message: string): Promise<Fault> {
  const ends = await Promise.all([GIT_SERVER_REF, REPOSITORY_SERVER_REF].map(async (ref) => {
    const object = await api.tryGet(ref);
    const verdict = object?.spec?.replicas === 0 ? 'it is scaled to no pods' : rolledOut(object);
    const trouble = verdict === true ? [] : await diagnoseWorkload(api, ref);
    return `${nameOf(ref)}: ${verdict === true ? 'ready' : verdict}${trouble.map((fault) => `; ${fault.where}: ${fault.got}`).join('')}`;
  }));
  const pod = (await podsOf(api, GIT_SERVER_REF)).at(-1);
  const log = pod ? await lastLines(api, pod, GIT_SERVER, 5) : [];
  return {
    where: `Application ${state.name}`,
    got: `Argo CD cannot read Git: ${message.trim()}; ${ends.join('; ')}; last words of the Git server: ${log.join(' | ') || 'none'}`,
    allowed: 'a repository that Argo CD can read',
    do: 'mend the Git server if it is not ready, else how its name is resolved (ConfigMap kube-system/coredns) and whom Argo CD trusts (ConfigMap argocd/argocd-tls-certs-cm)',
  };
}
