import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../base/atomic-file';
import { Fault, FaultError, refuse } from '../../../base/faults';
import { compress, KubeApi } from '../../control-plane';
import { ProcessSet } from '../../control-plane/process-set';
import { Watchdog } from '../../control-plane/watchdog';
import { archive } from '../../images/archive';
import type { PreparedImage } from '../../images/contract';
import { inheritedEnvironment } from '../../settings';
import { identityOf, Progress, Toolbox } from '../../tools';
import { runCommand } from '../../tools/command';
import { untilClusterReady } from './cluster-ready';
import type { Forward, KindCluster } from './contract';
import { Engine } from './engine';
import { openForward } from './forward';
import { kindConfig } from './kind-config';
import { credentialsIn } from './kube-config';
import { memoryOf } from './memory';
import { watchNodes } from './node-watch';
import { keepNodeLogs } from './node-logs';
import { makeOwnerFolder, readRecord, writeRecord } from './record';
import { Claim, claimOf, NETWORK_LABEL, nodesNamed, removeCluster } from './removal';
import { readSysctls } from './sysctls';

/** Options of {@link createCluster}. */
export interface ClusterOptions {
  /** `tideline-<environment>`. */
  readonly name: string;
  readonly nodes: 1 | 3;
  /** Image of its nodes: one of ours, which the engine has, or one of kind's, which it pulls. */
  readonly image: string;
  /** Tags of kubeadm's images in it. @default - kubeadm's own, as in kind's images */
  readonly tags?: { readonly etcd: string; readonly coredns: string };
  readonly region: string;
  /** Zones that nodes are spread over. */
  readonly zones: readonly string[];
  /** Labels of all nodes besides. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Modelled seconds in one second: divides the windows of the autoscaler. */
  readonly speed: number;
  /** Folder of this cluster, see {@link clusterFolder}; it outlives the run. Absolute. */
  readonly folder: string;
  /** With `kind` and `kubectl`. */
  readonly toolbox: Toolbox;
  readonly engine: Engine;
  /** Whether it is to stay when the run has ended. @default false */
  readonly keep?: boolean;
  readonly signal?: AbortSignal;
  /** @default - nothing is told */
  readonly onProgress?: (progress: Progress) => void;
}

const STEP = 'cluster';
/** Steps that kind tells of, and waiting. */
const STEPS = 8;

/**
 * Starts a kind cluster and waits until it is ready. What a run from the same work folder left behind under that name is removed first.
 *
 * @throws FaultError when the name is somebody else's or that of a kept cluster, or the cluster does not become ready; nothing of it is left then, but its logs
 * @throws the signal's reason when aborted, once nothing is left
 */
export async function createCluster(options: ClusterOptions): Promise<KindCluster> {
  const { name, folder, engine } = options;
  const claim = await claimOf(engine, name, folder);
  refuse('the cluster cannot be made', refusedClaim(claim, name));
  if (claim === 'leftover') await removeCluster(engine, name, folder);
  mkdirSync(join(folder, 'logs'), { recursive: true, mode: 0o700 });
  const sysctls = await readSysctls(engine, options.image, options.signal);
  writeRecord(folder, { name, owner: identityOf(process.pid)!, kept: false, image: options.image, sysctls, created: new Date().toISOString() });
  const processes = new ProcessSet(folder);
  try {
    const cluster = await start(options, processes);
    if (options.keep) writeRecord(folder, { ...readRecord(folder)!, kept: true });
    return cluster;
  } catch (error) {
    if (!options.signal?.aborted) await keepNodeLogs(engine, await nodesNamed(engine, name).catch(() => []), folder).catch(() => undefined);
    await processes.stopAll();
    const left = await removeCluster(engine, name, folder);
    options.signal?.throwIfAborted();
    if (left.length === 0 || !(error instanceof FaultError)) throw error;
    const remains = left.map((what): Fault => ({ where: `cluster ${name}`, got: `left behind: ${what}`, allowed: 'nothing', do: 'run `npx projen rehearse:down` when the engine answers' }));
    throw new FaultError(error.message.split('\n')[0]!, [...error.faults, ...remains]);
  }
}

/** Why a name cannot be used; nothing if it is free, or that of a leftover of ours. */
export function refusedClaim(claim: Claim, name: string): Fault[] {
  const refused: Partial<Record<Claim, { readonly got: string; readonly do: string }>> = {
    foreign: {
      got: 'a cluster or network of that name that no rehearsal from this folder made',
      do: 'remove it yourself if nobody needs it (`kind delete cluster`), or rehearse another environment; a rehearsal never touches it',
    },
    kept: { got: 'a cluster that an earlier rehearsal kept', do: 'remove it with `npx projen rehearse:down`, then run again' },
    running: { got: 'a cluster of a rehearsal that runs now', do: 'wait for it, or end it with Ctrl-C' },
  };
  const why = refused[claim];
  return why ? [{ where: `cluster ${name}`, got: why.got, allowed: 'a name that nobody uses', do: why.do }] : [];
}

async function start(options: ClusterOptions, processes: ProcessSet): Promise<KindCluster> {
  const { name, folder, engine, toolbox, signal } = options;
  const began = performance.now();
  let done = 0;
  const tell = (detail: string) => options.onProgress?.({ step: STEP, done, total: STEPS, elapsedSeconds: (performance.now() - began) / 1000, detail });
  const kubeconfigPath = join(folder, 'kubeconfig');
  await engine.output(['network', 'create', '--driver', 'bridge', '--label', `${NETWORK_LABEL}=${folder}`, name], { signal });
  const config = join(folder, 'kind.yaml');
  writeFileAtomic(config, kindConfig({ ...options, compression: compress(options.speed), ownerFolder: makeOwnerFolder(folder) }));
  tell('starting nodes');
  await runKind(toolbox.path('kind'), ['create', 'cluster', '--name', name, '--image', options.image, '--config', config, '--kubeconfig', kubeconfigPath, '--retain'], options, (step) => {
    done += 1;
    tell(step);
  });
  const nodes = (await nodesNamed(engine, name)).sort((a, b) => Number(b.endsWith('control-plane')) - Number(a.endsWith('control-plane')) || (a < b ? -1 : 1));
  const watch = watchNodes(engine, processes, name, nodes);
  const api = new KubeApi(credentialsIn(kubeconfigPath));
  done = STEPS - 1;
  const hasServices = async (node: string) => (await engine.run(['exec', node, 'sh', '-c', 'iptables-save -t nat | grep -q "^-A KUBE-SERVICES .*KUBE-SVC"'], { signal })).status === 0;
  await Promise.race([untilClusterReady(api, { nodes, hasServices, signal, onProgress: (detail) => tell(`waiting for ${detail}`) }), watch.failed]);
  done = STEPS;
  tell('ready');
  const kubernetesVersion = (await api.request<{ gitVersion: string }>('GET', '/version')).gitVersion;
  const forwards: Forward[] = [];
  const release = async () => {
    watch.stop();
    api.close();
    await Promise.all(forwards.map((forward) => forward.close()));
    await processes.stopAll();
  };
  return {
    name,
    nodes,
    kubeconfigPath,
    kubernetesVersion,
    api,
    failed: watch.failed,
    loadImages: (images, ended) => loadImages(engine, nodes, images, ended),
    kubectl: (args, given = {}) => runKubectl(toolbox.path('kubectl'), ['--kubeconfig', kubeconfigPath, ...args], { cwd: folder, ...given }),
    forward: async (namespace, target, port) => {
      const forward = await openForward(processes, { kubectl: toolbox.path('kubectl'), kubeconfigPath, namespace, target, port });
      forwards.push(forward);
      return forward;
    },
    memoryBytes: () => memoryOf(engine, nodes),
    release,
    delete: async () => {
      watch.stop(); // before anything ends
      await keepNodeLogs(engine, nodes, folder).catch(() => undefined);
      await release();
      return removeCluster(engine, name, folder);
    },
  };
}

/** Runs the kind program; its steps are lines that begin with a check mark. */
async function runKind(kind: string, args: readonly string[], { name, folder, signal }: ClusterOptions, onStep: (step: string) => void): Promise<void> {
  const watchdog = new Watchdog(); // nobody else would end it if this process were killed: it would go on making nodes
  let running = 0;
  const result = await runCommand(kind, args, {
    cwd: folder,
    // A network of its own, so that it is known whose it is.
    environment: inheritedEnvironment({ KIND_EXPERIMENTAL_DOCKER_NETWORK: name, KIND_EXPERIMENTAL_PROVIDER: 'docker' }),
    signal,
    onStart: (pid) => watchdog.add(running = pid),
    onErrorLine: (line) => {
      const step = /^\s*✓\s*(.*?)[^\w)]*$/u.exec(line)?.[1];
      if (step) onStep(step);
    },
  }).finally(() => {
    watchdog.remove(running);
    return watchdog.close();
  });
  if (result.status === 0) return;
  const said = result.errorLines.filter((line) => /error|fail|refused|denied|space|timed out/i.test(line)).slice(-4).join(' / ') || result.errorLines.slice(-4).join(' / ');
  const full = /no space left on device/i.test(result.errorLines.join('\n'));
  throw new FaultError('kind could not start the cluster', [{
    where: `cluster ${name}`,
    got: said,
    allowed: 'nodes that come up',
    do: full ? 'free space on the disk of the engine (`docker system df`) and run again' : `read the logs of the nodes in ${join(folder, 'logs')}`,
  }]);
}

interface KubectlOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly timeoutSeconds?: number;
}

async function runKubectl(command: string, args: readonly string[], { cwd, input, signal, timeoutSeconds = 120 }: KubectlOptions): Promise<string> {
  const late = AbortSignal.timeout(timeoutSeconds * 1000);
  const where = `kubectl ${args.slice(2).join(' ')}`;
  try {
    // Its cache of what the server has goes with the cluster.
    const result = await runCommand(command, args, { cwd, environment: inheritedEnvironment({ HOME: join(cwd, 'tmp') }), input, signal: signal ? AbortSignal.any([signal, late]) : late });
    if (result.status === 0) return result.stdout;
    throw new FaultError('kubectl does not succeed', [{ where, got: result.errorLines.slice(-6).join(' / ') || `status ${result.status}`, allowed: 'a command that succeeds', do: 'see what it says' }]);
  } catch (error) {
    signal?.throwIfAborted();
    if (!late.aborted) throw error;
    throw new FaultError('kubectl does not succeed', [{ where, got: `no end within ${timeoutSeconds} s`, allowed: 'an answer', do: 'see whether the machine or the cluster is overloaded' }]);
  }
}

async function loadImages(engine: Engine, nodes: readonly string[], images: readonly PreparedImage[], signal?: AbortSignal): Promise<void> {
  const built = images.flatMap((image) => image.built ?? []);
  if (built.length === 0) return;
  const importing = ['ctr', '--namespace=k8s.io', 'images', 'import', '-'];
  await Promise.all(nodes.map((node) => engine.output(['exec', '--interactive', node, ...importing], { input: archive(built, signal), signal, timeoutSeconds: 900 })));
}
