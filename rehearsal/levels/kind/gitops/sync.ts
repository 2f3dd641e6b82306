import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, FaultError } from '../../../../base/faults';
import type { KubeApi, KubeObject } from '../../../control-plane';
import { ApplicationState, firstLine, isDone, readApplication, reasonOfApplication } from './application';
import { diagnoseApplication, unreachableGit } from './application-faults';
import type { ApplicationResult } from './contract';
import { describeTrouble, lasts, troublesOf } from './diagnosis';
import { ARGOCD } from './install';
import { podsOf } from './rollout';

/** What was wrong is over when it has not been seen for this long: a container that crashes again and again runs for some seconds each time. */
const CALM_SECONDS = 20;

/** Options of {@link waitForSync}. */
export interface SyncOptions {
  /** Name of the root Application. */
  readonly root: string;
  /** Names of the Applications that it holds. */
  readonly expected: readonly string[];
  /** Seconds until all of them have to be Synced and Healthy. */
  readonly budgetSeconds: number;
  /** Seconds that something may be wrong that does not pass by waiting, before it is called a failure: what it needs may just be coming. @default 90 */
  readonly patienceSeconds?: number;
  /** Called when something changes: `7 of 11 healthy; waiting for catalog (wave 4): ...`. @default - nothing */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Seconds, monotonic. @default - the process' own clock */
  readonly now?: () => number;
  /** Pause between looks, in milliseconds. @default 1000 */
  readonly pollMs?: number;
}

/** What was seen of one Application. Seconds since the watching began. */
interface Sighting {
  readonly wave: number;
  readonly seen: number;
  readonly healthy?: number;
  readonly done?: number;
}

/** Keeps when Applications came and became healthy, and judges whether waves waited for each other. */
export class SyncRecord {
  private readonly sightings = new Map<string, Sighting>();

  /** @param at seconds since the watching began */
  observe(states: readonly ApplicationState[], at: number): void {
    for (const state of states) {
      const before = this.sightings.get(state.name) ?? { wave: state.wave, seen: at };
      this.sightings.set(state.name, {
        ...before,
        ...(before.healthy === undefined && state.health === 'Healthy' && state.deployed ? { healthy: at } : {}),
        ...(before.done === undefined && isDone(state) ? { done: at } : {}),
      });
    }
  }

  /** Seconds from the beginning until an Application was Synced and Healthy; null if it never was. */
  secondsToHealthy(name: string): number | null {
    return this.sightings.get(name)?.done ?? null;
  }

  /** Applications that were there before one of a smaller wave had been healthy. */
  violations(): Fault[] {
    const all = [...this.sightings].sort(([a], [b]) => a.localeCompare(b));
    return all.flatMap(([name, { wave, seen }]) => all
      .filter(([, other]) => other.wave < wave && (other.healthy === undefined || other.healthy > seen))
      .map(([before, other]): Fault => ({
        where: `Application ${name}`,
        got: `made after ${Math.round(seen)} s in wave ${wave}, while ${before} of wave ${other.wave} ${other.healthy === undefined ? 'was never healthy' : `was healthy only after ${Math.round(other.healthy)} s`}`,
        allowed: 'a wave that begins when all before it are healthy',
        do: 'see that Argo CD assesses the health of Applications (resource.customizations.health.argoproj.io_Application in argocd-cm)',
      })));
  }
}

/**
 * Waits until every Application is Synced and Healthy.
 *
 * @returns them by wave, then by name
 * @throws FaultError with what each of the others lacks, when the budget is used up, when something is wrong for longer than `patienceSeconds` that does not pass by
 *   waiting, or when a wave did not wait for the one before
 */
export async function waitForSync(api: KubeApi, options: SyncOptions): Promise<readonly ApplicationResult[]> {
  const { signal, patienceSeconds = 90 } = options;
  const now = options.now ?? (() => performance.now() / 1000);
  const record = new SyncRecord();
  const begin = now();
  let said = '';
  let wrong: { readonly since: number; readonly last: number } | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const objects = await api.list<KubeObject>('argoproj.io/v1alpha1', 'Application', { namespace: ARGOCD });
    const at = now() - begin;
    const all = objects.map(readApplication);
    const states = all.filter(({ name }) => options.expected.includes(name));
    const root = all.find(({ name }) => name === options.root);
    record.observe(states, at);
    const missing = options.expected.filter((name) => !states.some((state) => state.name === name));
    const waiting = states.filter((state) => !isDone(state)).sort((a, b) => a.wave - b.wave || a.name.localeCompare(b.name));
    const rootWaits = root && (waiting.length === 0 || missing.length > 0) && !isDone(root) ? [root] : [];
    if (missing.length === 0 && waiting.length === 0 && root && isDone(root)) break;

    const troubles = await troublesAmong(api, [...waiting, ...rootWaits]);
    const text = progressOf(options.expected.length, states.filter(isDone).length, [...waiting, ...rootWaits], troubles);
    if (text !== said) options.onProgress?.(text);
    said = text;

    if (troubles.some(({ lasting }) => lasting)) wrong = { since: wrong?.since ?? at, last: at };
    else if (wrong && at - wrong.last > CALM_SECONDS) wrong = undefined;
    const late = at > options.budgetSeconds;
    if (late || (wrong?.last === at && at - wrong.since > patienceSeconds)) {
      // The root lacks what the others lack: it is asked only if nothing is wrong with any of them, or with itself.
      const asked = [...waiting, ...rootWaits.filter((state) => waiting.length === 0 || state.conditions.length > 0)];
      const faults = (await Promise.all(asked.map((state) => diagnoseApplication(api, state)))).flat();
      const unmade: Fault[] = waiting.length === 0 && rootWaits.length === 0
        ? missing.map((name) => ({ where: `Application ${name}`, got: 'it does not exist', allowed: `an Application that ${options.root} makes`, do: 'see that the file is in the pushed dist/' }))
        : [];
      const lasting = troubles.find((trouble) => trouble.lasting);
      throw new FaultError(late
        ? `not everything was Synced and Healthy within ${options.budgetSeconds} s: ${said}`
        : `the sync does not go on, for more than ${patienceSeconds} s: ${lasting?.application}: ${firstLine(lasting?.what ?? '')}`, [...faults, ...unmade]);
    }
    await sleep(options.pollMs ?? 1000, undefined, { signal });
  }
  const violations = record.violations();
  if (violations.length > 0) throw new FaultError('waves did not wait for each other', violations);
  const states = (await api.list<KubeObject>('argoproj.io/v1alpha1', 'Application', { namespace: ARGOCD })).map(readApplication);
  return resultsOf(states.filter(({ name }) => options.expected.includes(name)), record);
}

function resultsOf(states: readonly ApplicationState[], record: SyncRecord): ApplicationResult[] {
  return states
    .map(({ name, wave, sync, health }) => {
      const seconds = record.secondsToHealthy(name);
      return { name, wave, secondsToHealthy: seconds === null ? null : Math.round(seconds * 10) / 10, sync, health };
    })
    .sort((a, b) => a.wave - b.wave || a.name.localeCompare(b.name));
}

function progressOf(total: number, done: number, waiting: readonly ApplicationState[], troubles: readonly Trouble[]): string {
  const first = waiting[0];
  if (!first) return `${done} of ${total} healthy`;
  const trouble = troubles.find(({ application }) => application === first.name);
  return `${done} of ${total} healthy; waiting for ${first.name} (wave ${first.wave}): ${trouble ? firstLine(trouble.what) : reasonOfApplication(first)}`;
}

/** What stands in the way of an Application. */
interface Trouble {
  readonly application: string;
  readonly what: string;
  /** Whether waiting will not help. */
  readonly lasting: boolean;
}

/** What stands in the way of those that are waited for: Git that cannot be read, pods that do not start. */
async function troublesAmong(api: KubeApi, waiting: readonly ApplicationState[]): Promise<Trouble[]> {
  const found = await Promise.all(waiting.map(async (state): Promise<Trouble[]> => {
    const application = state.name;
    const error = state.conditions.find(({ type }) => type.endsWith('Error'));
    const unreachable = unreachableGit(state);
    if (error) return [{ application, what: unreachable === undefined ? error.message : `Argo CD cannot read Git: ${unreachable}`, lasting: true }];
    const workloads = state.health === 'Healthy' ? [] : state.resources.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
    const pods = (await Promise.all(workloads.map((workload) => podsOf(api, workload)))).flat();
    return pods.flatMap((pod) => troublesOf(pod).map((trouble) => ({ application, what: `${pod.metadata.name}: ${describeTrouble(trouble)}`, lasting: lasts(trouble) })));
  }));
  return found.flat();
}
