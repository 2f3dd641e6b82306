import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../../../base/faults';
import type { Environment } from '../../../config';
import { contract as forecaster } from '../../../forecaster/contract';
import type { KubeObject } from '../../control-plane/kube-objects';
import type { ImageMode } from '../../images/contract';
import { GIT_SERVER } from '../../images/infrastructure';
import type { PolicyResult, Report, Substitution } from '../../report/schema';
import type { ClusterResult, GitOpsResult, ImageResult, LeftOut } from '../../report/schema-kind';
import { reasonOf, Stages } from '../../stages';
import { timekeeperObjects } from '../../stand-ins/timekeeper/deployment';
import { ensureTools, KIND_PROGRAMS, Progress, Toolbox } from '../../tools';
import { ClusterImages, clusterImages, imageResults } from './cluster-images';
import { createCluster } from './cluster';
import type { KindCluster } from './contract';
import { Engine } from './engine';
import { Gitops, GitopsResult, readTree, startGitops, waitForWorkloads, workloadsOf } from './gitops';
import { KindLoopResult, KindProgress, runKindLoop } from './loop/run';
import { giveTrace, PlayedTrace } from './loop/trace';
import { chooseNode, NodeChoice } from './node-choice';
import { REHEARSAL_NAMESPACE, rehearsalNamespace } from './own-workload';
import { preflight } from './preflight';
import { clusterFolder } from './record';
import { KindTree, parseTree, printTree, rewriteForKind, Tree } from './rewrites';
import { roomOf } from './room';
import { ClusterSecrets, clusterSecrets } from './secrets';

/** What a rehearsal with real containers is made of. */
export interface KindOptions {
  readonly environment: Environment;
  /** Folder that holds `dist/<environment>` as it was synthesized. Absolute. */
  readonly synthesized: string;
  readonly images: ImageMode;
  readonly nodes: 1 | 3;
  /** Everything it writes goes below this folder, which goes with the run. */
  readonly workDir: string;
  /** The work folder, which outlives runs: what is known of a cluster is kept there. Absolute. */
  readonly keptFolder: string;
  /** Whether the cluster stays. */
  readonly keep: boolean;
  readonly stages: Stages;
  readonly onProgress: (progress: Progress) => void;
  /** Called with the step under way. */
  readonly onStep: (step: string) => void;
  /** The trace as it is played; the forecaster becomes ready with what lies before it. */
  readonly trace: PlayedTrace;
  /** Of everything random. */
  readonly seed: number;
  readonly parameters: PolicyResult['parameters'];
  readonly price: (replicas: readonly number[], stepSeconds: number) => number;
  /** Called while the trace is played. */
  readonly onReplay: (progress: KindProgress) => void;
  /** Unix seconds of this machine, with fractions. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What a rehearsal with real containers found. Whatever was reached before something failed is there. */
export interface KindResult {
  readonly images: readonly ImageResult[];
  /** What image registries said, one line each. */
  readonly registries: readonly string[];
  readonly leftOut: readonly LeftOut[];
  readonly substitutions: readonly Substitution[];
  readonly programs: Report['programs'];
  readonly events: Report['events'];
  readonly leftovers: readonly string[];
  /** @default - it did not come up */
  readonly cluster?: ClusterResult;
  /** @default - Argo CD was not reached */
  readonly gitops?: GitOpsResult;
  /** @default - the trace was not played */
  readonly played?: KindLoopResult;
  /** What ended it before its time. @default - it came to its end */
  readonly failure?: unknown;
  /** How to reach a cluster that stays, lines for the terminal; never for a report. @default - it does not stay */
  readonly kept?: readonly string[];
}

/** How long Argo CD may take for everything, seconds. Pods start one after the other on few cores. */
const SYNC_BUDGET_SECONDS = 600;
/** The loop is closed by a load, and what makes it is no part of every environment. */
const NO_LOAD: LeftOut = { what: 'the closed loop', why: 'the environment has no load generator (services.loadgen)' };
/** How long after an error the end of a node may still be told, milliseconds. */
const NODE_NOTICED_MS = 3000;
/** How often memory is looked at, milliseconds. */
const MEMORY_INTERVAL_MS = 5000;

/**
 * Rehearses an environment in real containers: a kind cluster, Argo CD syncing `dist/` from Git, the closed loop on real pods. Whatever happens, nothing of it stays behind
 * unless it is kept.
 *
 * @throws FaultError for what stands in the way before anything was made; AbortError when interrupted
 */
export async function rehearseOnKind(options: KindOptions): Promise<KindResult> {
  const run = new KindRun(options);
  try {
    await run.prepare();
    await run.start();
    await run.deliver();
    await run.play();
  } catch (error) {
    if (options.signal.aborted) {
      await run.end(false);
      throw error;
    }
    if (!run.began) throw error;
    run.failure = error;
  }
  await run.end(options.keep);
  return run.result();
}

/** One run, step by step. */
class KindRun {
  failure: unknown;
  private readonly engine = new Engine();
  private readonly start0: number;
  private readonly events: { second: number; what: string }[] = [];
  private readonly tree: Tree;
  private images?: ClusterImages;
  private node?: NodeChoice;
  private toolbox?: Toolbox;
  private cluster?: KindCluster;
  private readySeconds = 0;
  private memoryPeak = 0;
  private secrets?: ClusterSecrets;
  private rewritten?: KindTree;
  private gitops?: Gitops;
  private played?: KindLoopResult;
  private leftovers: readonly string[] = [];
  private watching?: NodeJS.Timeout;
  private kept?: readonly string[];
  private engineVersion = 'Docker';
  private readonly timekeeperToken = randomBytes(24).toString('base64url');

  constructor(private readonly o: KindOptions) {
    this.start0 = o.now();
    this.tree = parseTree(readTree(o.synthesized, `dist/${o.environment.name}`));
  }

  /** Whether anything was made in the engine. */
  get began(): boolean {
    return this.cluster !== undefined;
  }

  private get name(): string {
    return `tideline-${this.o.environment.name}`;
  }

  private get folder(): string {
    return clusterFolder(this.o.keptFolder, this.name);
  }

  /** What has to be there before a cluster is started. */
  async prepare(): Promise<void> {
    const { o, engine } = this;
    mkdirSync(o.workDir, { recursive: true });
    o.onStep('look at the engine and the machine');
    this.engineVersion = (await o.stages.run('pre-flight', () => preflight({ engine, name: this.name, folder: this.folder, nodes: o.nodes, images: o.images, signal: o.signal }))).engine;
    o.onStep('programs and images');
    const passed = { signal: o.signal, onProgress: o.onProgress };
    this.toolbox = await o.stages.run('programs', () => ensureTools({ programs: [...KIND_PROGRAMS], ...passed }));
    this.images = await o.stages.run('images', () => clusterImages(o.environment, this.tree, o.images, passed), ({ ready, missing }) => `${ready.length} images${missing.length > 0 ? `, ${missing.length} missing` : ''}`);
    this.node = await o.stages.run('node image', () => chooseNode({ mode: o.images, engine, scratch: o.workDir, ...passed }), ({ image }) => image);
  }

  /** The cluster, with images and secrets. */
  async start(): Promise<void> {
    const { o } = this;
    const { region } = o.environment;
    o.onStep('start the cluster');
    const began = o.now();
    this.cluster = await o.stages.run('cluster', () => createCluster({
      name: this.name, nodes: o.nodes, image: this.node!.image, tags: this.node!.tags, region,
      zones: Array.from({ length: o.environment.network.availabilityZones }, (_, index) => `${region}${'abc'[index] ?? 'a'}`),
      speed: o.trace.speed, folder: this.folder, toolbox: this.toolbox!, engine: this.engine, keep: o.keep, signal: o.signal, onProgress: o.onProgress,
    }), ({ nodes, kubernetesVersion }) => `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}, Kubernetes ${kubernetesVersion}`);
    this.readySeconds = o.now() - began;
    const look = (bytes: number): void => { this.memoryPeak = Math.max(this.memoryPeak, bytes); };
    this.watching = setInterval(() => void this.cluster?.memoryBytes().then(look, () => undefined), MEMORY_INTERVAL_MS);
    o.onStep('give images to the nodes');
    await this.stage('load images', () => this.cluster!.loadImages(this.images!.ready.filter(({ built }) => built !== undefined), o.signal));
  }

  /** Everything that dist/ holds, by Git and Argo CD. */
  async deliver(): Promise<void> {
    const { o } = this;
    const { api } = this.cluster!;
    o.onStep('give the cluster what the cloud would');
    const all = [...this.tree.values()].flat();
    this.secrets = await clusterSecrets(o.environment, all);
    const own = [...this.secrets.database.objects, ...timekeeperObjects(this.timekeeperToken, prometheusUrl(all))];
    const room = await roomOf(api, own);
    this.rewritten = rewriteForKind(this.tree, { speed: o.trace.speed, room, missing: this.images!.missing });
    const { tree, leftOut } = this.rewritten;
    const below = (folder: string) => this.below(tree, folder);
    const namespaces = [...tree.values()].flat().filter(({ kind }) => kind === 'Namespace');
    await this.stage('secrets, database, metrics', async () => {
      await api.apply([...namespaces, rehearsalNamespace], { signal: o.signal });
      await api.apply([...this.secrets!.objects, ...own], { signal: o.signal });
      await api.apply(below('bootstrap/metrics-server/'), { signal: o.signal });
    });
    // The forecaster is not ready before it has metrics, and Argo CD waits for it.
    await this.stage('trace', async () => {
      await waitForWorkloads(api, workloadsOf(own), { what: 'what the rehearsal brings', timeoutSeconds: 120, onProgress: o.onStep, signal: o.signal });
      await giveTrace(this.cluster!, { ...o.trace, token: this.timekeeperToken, signal: o.signal });
    });
    const files = printTree(new Map([...tree].filter(([path]) => !path.includes('/bootstrap/') && !path.endsWith('/root.yaml'))));
    this.gitops = await this.stage('Git and Argo CD', () => startGitops(this.cluster!, {
      image: GIT_SERVER.reference, root: below('root.yaml'), files, applications: below('delivery/').filter(({ kind }) => kind === 'Application'), leftOut,
      argoCd: below('bootstrap/argocd/'), assets: this.toolbox!.assets, onProgress: o.onStep, signal: o.signal,
    }));
    const applications = await this.stage('sync', () => this.gitops!.sync(SYNC_BUDGET_SECONDS));
    o.onStep(`${applications.length} Applications are healthy`);
    await this.stage('drift', () => this.gitops!.healDrift());
    await this.stage('promotion', () => this.gitops!.promote());
  }

  /** The closed loop. */
  async play(): Promise<void> {
    const { o } = this;
    if (this.below(this.rewritten!.tree, 'loadgen/').length === 0) {
      o.stages.skip('closed loop', NO_LOAD.why);
      return;
    }
    const { value } = this.secrets!;
    this.played = await this.stage('closed loop', () => runKindLoop({
      ...o.trace, cluster: this.cluster!, seed: o.seed, application: this.below(this.tree, 'catalog/'),
      tokens: { forecaster: value('forecaster', 'forecaster', 'token'), loadgen: value('loadgen', 'loadgen', 'token'), timekeeper: this.timekeeperToken },
      parameters: o.parameters, price: o.price, note: (what) => this.note(what), now: o.now, signal: o.signal,
      onStep: (step, progress) => (progress ? o.onReplay(progress) : o.onStep(step)),
    }));
  }

  /** Removes everything, or says how to reach it. */
  async end(keep: boolean): Promise<void> {
    clearInterval(this.watching);
    if (!this.cluster) return;
    if (keep) {
      this.kept = this.waysIn();
      await this.cluster.release();
      return;
    }
    this.o.onStep('remove the cluster');
    this.leftovers = await this.o.stages.run('remove the cluster', () => this.cluster!.delete()).catch((error) => [`cluster ${this.name}: ${reasonOf(error)}`]);
  }

  result(): KindResult {
    const untried = this.began && !this.played && this.failure === undefined ? [NO_LOAD] : [];
    const missing = (this.images?.missing ?? []).map(({ reference, why }) => ({ what: `image ${reference}`, why }));
    return {
      images: imageResults([...this.node?.prepared ?? [], ...this.images?.ready ?? []]),
      registries: this.images?.registries ?? [],
      leftOut: [...(this.rewritten?.leftOut ?? []).map(({ name, why }) => ({ what: `Application ${name}`, why })), ...missing, ...untried],
      substitutions: [...this.rewritten?.substitutions ?? [], ...this.secrets?.substitutions ?? []],
      programs: [...this.toolbox?.programs.values() ?? []].map(({ name, version, provenance }) => ({ name, version, provenance })),
      events: this.events,
      leftovers: this.leftovers,
      ...(this.cluster ? {
        cluster: {
          engine: this.engineVersion, kubernetesVersion: this.cluster.kubernetesVersion, nodes: this.cluster.nodes,
          readySeconds: Math.round(this.readySeconds * 10) / 10, memoryPeakBytes: this.memoryPeak,
        },
      } : {}),
      ...(this.gitops ? { gitops: withoutLeftOut(this.gitops.result) } : {}),
      ...(this.played ? { played: this.played } : {}),
      ...(this.failure === undefined ? {} : { failure: this.failure }),
      ...(this.kept ? { kept: this.kept } : {}),
    };
  }

  /** Addresses and credentials of a cluster that stays, for the terminal only. */
  private waysIn(): string[] {
    const { secrets, cluster, gitops } = this;
    const lines = [`export KUBECONFIG=${cluster!.kubeconfigPath}`];
    const reach = (what: string, namespace: string, port: number, credentials: string) => lines.push(`${what}: kubectl -n ${namespace} port-forward svc/${what} ${port}${credentials}`);
    if (secrets) {
      reach('prometheus', 'observability', 9090, '');
      for (const name of ['forecaster', 'cost']) reach(name, name, name === 'forecaster' ? 8081 : 8080, `, bearer token ${secrets.value(name, name, 'token')}`);
      reach('catalog', 'catalog', 8080, `, bearer token for changes ${secrets.value('catalog', 'catalog', 'write-token')}`);
    }
    if (gitops) lines.push(`Git: kubectl -n ${REHEARSAL_NAMESPACE} port-forward svc/git-server 8443:443, user ${gitops.pusher.user}, password ${gitops.pusher.password}`);
    return [...lines, 'remove it with npx projen rehearse:down'];
  }

  private below(tree: Tree, folder: string): KubeObject[] {
    return [...tree].flatMap(([path, objects]) => (path.startsWith(`dist/${this.o.environment.name}/${folder}`) ? objects : []));
  }

  /** A step that ends when a node does, and says so: what the end of a node breaks may be noticed before it. */
  private stage<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { failed } = this.cluster!;
    const explained = async (error: unknown): Promise<never> => {
      if (!this.o.signal.aborted) await Promise.race([failed, sleep(NODE_NOTICED_MS)]);
      throw error;
    };
    return this.o.stages.run(name, () => Promise.race([work().catch(explained), failed]));
  }

  private note(what: string): void {
    this.events.push({ second: Math.round((this.o.now() - this.start0) * 10) / 10, what });
  }
}

/** What is left out is told once for all of it. */
function withoutLeftOut({ leftOut: _told, ...rest }: GitopsResult): GitOpsResult {
  return rest;
}

interface PodSpec { readonly containers: readonly { readonly env?: readonly { readonly name: string; readonly value?: string }[] }[] }

/** The address of Prometheus, as dist/ tells it to the forecaster. */
function prometheusUrl(objects: readonly KubeObject[]): string {
  const { env } = forecaster.settings.prometheusUrl;
  const pods = objects.flatMap((object) => (object.metadata.name === forecaster.name && object.spec?.template?.spec ? [object.spec.template.spec as PodSpec] : []));
  const found = pods.flatMap(({ containers }) => containers.flatMap((container) => container.env ?? [])).find(({ name }) => name === env)?.value;
  if (found === undefined) throw new FaultError('the loop cannot be closed', [{ where: `${forecaster.name}: ${env}`, got: 'nothing', allowed: 'the address of Prometheus', do: 'run npx projen update:manifests' }]);
  return found;
}
