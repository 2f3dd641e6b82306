import { Fault, refuse } from '../../../base/faults';
import type { ImageMode } from '../../images/contract';
import { refusedClaim } from './cluster';
import { Engine } from './engine';
import { EngineFacts, engineFacts } from './engine-facts';
import { privilegedFaults } from './privileged';
import { claimOf } from './removal';

/** What a rehearsal at this level is about to ask of the machine. */
export interface PreflightNeeds {
  readonly engine: Engine;
  /** Name of the cluster. */
  readonly name: string;
  /** Folder of the cluster. */
  readonly folder: string;
  readonly nodes: 1 | 3;
  readonly images: ImageMode;
  readonly signal?: AbortSignal;
}

/** What was found, for the report. */
export interface PreflightFacts extends EngineFacts {
  /** `Docker 28.2.2, cgroup v2`. */
  readonly engine: string;
}

/** Memory that one node with everything of an environment takes, and each further node besides; bytes, measured. */
const MEMORY = { first: 3e9, further: 0.5e9 };
/** Room on the engine's disk: the node image, and in each node the images and volumes of its pods; bytes, measured. */
const DISK = { first: 6e9, further: 3e9 };
/** What the control plane's node takes of inotify, and each further node besides, with room for pods; measured: 24 instances and 265 watches without any. */
const INOTIFY = { instances: { first: 48, further: 16 }, watches: { first: 4_096, further: 1_024 } };
/** What kind's own documentation asks for; where it is short, pods fail in ways that do not tell why. */
const INOTIFY_ADVICE = 'sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512';

/**
 * Looks at everything that could stand in the way before anything is made.
 *
 * @throws FaultError with all of it at once
 */
export async function preflight(needs: PreflightNeeds): Promise<PreflightFacts> {
  const { faults, facts } = await look(needs);
  refuse('this machine cannot run the cluster', faults);
  return facts!;
}

/** The same, as a list. `facts` is undefined when the engine does not answer. */
export async function look({ engine, name, folder, nodes, images, signal }: PreflightNeeds): Promise<{ readonly faults: Fault[]; readonly facts?: PreflightFacts }> {
  let found: EngineFacts;
  try {
    found = await engineFacts(engine, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return { faults: faultsOf(error) };
  }
  const faults = [...judge(found, nodes, images), ...await privilegedFaults(engine, signal)];
  try {
    faults.push(...refusedClaim(await claimOf(engine, name, folder), name));
  } catch (error) {
    signal?.throwIfAborted();
    faults.push(...faultsOf(error));
  }
  return { faults, facts: { ...found, engine: `Docker ${found.version}, cgroup v${found.cgroupVersion}` } };
}

/** What does not suffice. */
export function judge(facts: EngineFacts, nodes: 1 | 3, images: ImageMode): Fault[] {
  const faults: Fault[] = [];
  const need = (fits: boolean, where: string, got: string, allowed: string, todo: string) => {
    if (!fits) faults.push({ where, got, allowed, do: todo });
  };
  need(facts.osType === 'linux', 'docker info', `an engine for ${facts.osType} containers`, 'one for Linux containers', 'switch the engine to Linux containers');
  need(Number(facts.version.split('.')[0]) >= 20, 'docker version', `engine ${facts.version}`, 'engine 20.10 or newer', 'install a newer Docker engine');
  need(
    images !== 'build' || facts.architecture === facts.architectureHere, 'docker info', `an engine of architecture ${facts.architecture}; images built here are for ${facts.architectureHere}`,
    'an engine of this machine\'s architecture', 'use an engine on this machine, or --images pull',
  );
  const forAll = ({ first, further }: { readonly first: number; readonly further: number }) => first + (nodes - 1) * further;
  const memory = forAll(MEMORY);
  const disk = forAll(DISK);
  const instances = forAll(INOTIFY.instances);
  const watches = forAll(INOTIFY.watches);
  need(facts.memoryBytes >= memory, 'memory of the engine', gigabytes(facts.memoryBytes), `at least ${gigabytes(memory)} for ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`, nodes === 3 ? 'use --nodes 1, or give the engine more' : 'give the engine more memory');
  need(facts.availableBytes === undefined || facts.availableBytes >= memory, 'memory of this machine', `${gigabytes(facts.availableBytes ?? 0)} available`, `at least ${gigabytes(memory)}`, 'end programs that take memory');
  need(facts.freeDiskBytes === undefined || facts.freeDiskBytes >= disk, `disk of the engine (${facts.rootFolder})`, `${gigabytes(facts.freeDiskBytes ?? 0)} free`, `at least ${gigabytes(disk)}`, 'free some space: `docker system df` shows what takes it');
  need(facts.inotifyInstances === undefined || facts.inotifyInstances >= instances, 'fs.inotify.max_user_instances', String(facts.inotifyInstances), `at least ${instances}`, INOTIFY_ADVICE);
  need(facts.inotifyWatches === undefined || facts.inotifyWatches >= watches, 'fs.inotify.max_user_watches', String(facts.inotifyWatches), `at least ${watches}`, INOTIFY_ADVICE);
  need(!facts.rootless || facts.cgroupVersion === 2, 'docker info', 'a rootless engine on cgroup v1', 'cgroup v2 for a rootless engine', 'boot with systemd.unified_cgroup_hierarchy=1, or use an engine of root\'s');
  return faults;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

function faultsOf(error: unknown): Fault[] {
  if (error instanceof Error && 'faults' in error) return [...(error as Error & { faults: readonly Fault[] }).faults];
  throw error;
}
