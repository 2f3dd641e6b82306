import { mkdirSync } from 'node:fs';
import { Agent } from 'node:https';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import type { ProgramName, Toolbox } from '../tools';
import { ApiServiceSpec, HARNESS_NAMESPACE, registerApiService, unregisterApiService } from './api-services';
import type { KeyPair } from './authority';
import { apiServerArgs, controllerManagerArgs, etcdArgs, kwokArgs, schedulerArgs, schedulerConfig } from './component-args';
import { compress, Compression, HpaWindows } from './compression';
import { adapterArgs, definitionsIn, EXTERNAL_METRICS, kedaEnvironment, KedaOptions, operatorArgs, tokenOf, writeKedaCertificates } from './keda';
import { KubeApi } from './kube-api';
import type { KubeObject } from './kube-objects';
import { allObjects, Leftover, leftoversSince, Snapshot } from './leftovers';
import { isNodeReady, nodeObject, NodeSpec } from './nodes';
import { ClientIdentity, createPki, kubeConfig, Pki } from './pki';
import { cleanUpAfterCrash, removeWorkFiles } from './process-registry';
import { ProgramRunner, READY_SECONDS, RunningProgram } from './program-runner';
import { probe } from './readiness';
import { kwokStages } from './stages';

/** How a control plane is started. */
export interface ControlPlaneOptions {
  readonly toolbox: Toolbox;
  /** Folder of this run: data, certificates and logs. Its parent is searched for what killed runs left. */
  readonly workDir: string;
  readonly nodes: readonly NodeSpec[];
  /** Modelled seconds in one second. @default 1 */
  readonly speed?: number;
  /** Modelled seconds from the scheduling of a pod to its being ready, where its annotation names none. @default 20 */
  readonly podReadySeconds?: number;
  /** Windows of the autoscaler in modelled seconds. @default - those of Kubernetes */
  readonly hpa?: HpaWindows;
  /** CustomResourceDefinitions that are there before the controllers start. @default - those of KEDA, if the toolbox has it */
  readonly definitions?: readonly KubeObject[];
  /** Called when a step has ended. @default - nothing */
  readonly onProgress?: (progress: { readonly step: string; readonly seconds: number }) => void;
  /** Ends the start; afterwards it has no effect, call `stop`. @default - none */
  readonly signal?: AbortSignal;
}

/**
 * Starts etcd, the API server, the controller manager with the real autoscaler, the scheduler, and KWOK with its nodes, as processes of this machine.
 *
 * @throws FaultError naming the step and the program that failed, with its last lines; everything started before is ended
 * @throws the signal's reason when aborted, likewise
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const compression = compress(options.speed ?? 1, options.hpa, options.podReadySeconds);
  cleanUpAfterCrash(dirname(options.workDir));
  const controlPlane = new ControlPlane(options, compression);
  try {
    await controlPlane.start();
    return controlPlane;
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
}

/** A running control plane. */
export class ControlPlane {
  /** The administrator's client. */
  api!: KubeApi;
  /** `https://127.0.0.1:<port>` */
  url!: string;
  readonly workDir: string;
  /** The administrator's kubeconfig; gone after {@link stop}. */
  readonly kubeConfigPath: string;
  /** Rejects with a FaultError when a program ends unasked. Never resolves: race it with what takes long. */
  readonly failed: Promise<never>;
  private readonly runner: ProgramRunner;
  private readonly registered: ApiServiceSpec[] = [];
  private pki!: Pki;
  private probeAgent!: Agent;
  private snapshot: Snapshot = new Set();
  private stopped: Promise<{ readonly seconds: number }> | undefined;

  /** @internal use {@link startControlPlane} */
  constructor(private readonly options: ControlPlaneOptions, readonly compression: Compression) {
    this.workDir = options.workDir;
    this.kubeConfigPath = join(this.workDir, 'pki', 'admin.kubeconfig');
    mkdirSync(this.workDir, { recursive: true, mode: 0o700 });
    this.runner = new ProgramRunner(options.toolbox, this.workDir, options.signal);
    this.failed = this.runner.failed;
  }

  /** The programs that run, in the order in which they became ready. */
  get programs(): readonly RunningProgram[] {
    return this.runner.programs;
  }

  /** Certificate of the cluster's authority: clients check the API server with it, the API server checks those that {@link issueServingCert} names. */
  get caCertPem(): string {
    return this.pki.authority.certPem;
  }

  /** With it a server behind the API server can check that a request comes from there. */
  get frontProxyCaCertPem(): string {
    return this.pki.frontProxyAuthority.certPem;
  }

  /** @internal */
  async start(): Promise<void> {
    const { signal } = this.options;
    await this.step('certificates', async () => {
      this.pki = await createPki(join(this.workDir, 'pki'));
      const { certPem, keyPem } = this.pki.admin;
      this.probeAgent = new Agent({ keepAlive: false, ca: this.caCertPem, cert: certPem, key: keyPem });
    });
    const etcd = await this.step('etcd', () => this.startEtcd());
    await this.step('kube-apiserver', () => this.startApiServer(etcd));
    await Promise.all([
      this.startControllerManager(),
      this.step('kube-scheduler', () => this.startController('kube-scheduler', (port, config) => {
        const path = this.path('pki', 'kube-scheduler.config');
        writeFileAtomic(path, schedulerConfig(config), 0o600);
        return schedulerArgs(port, config, this.path('tmp'), path);
      })),
      this.step('kwok', () => this.startKwok()),
    ]);
    await this.step('nodes', async () => {
      await this.waitForNodes(this.options.nodes);
      await this.api.waitFor({
        what: 'the namespace `default` to have its ServiceAccount',
        ref: { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'default', name: 'default' },
        until: (account) => account !== undefined || 'it does not exist',
        signal,
      });
    });
    await this.baseline();
  }

  /** Issues a certificate for a server on this machine, signed by the cluster's authority. */
  issueServingCert(names: readonly string[]): Promise<KeyPair> {
    return this.pki.authority.issue({ commonName: names[0] ?? 'localhost', names });
  }

  /** Issues a client certificate, for a program that shall act as a user of the cluster. */
  issueClientCert(commonName: string, groups: readonly string[] = []): Promise<KeyPair> {
    return this.pki.authority.issue({ commonName, groups });
  }

  /** A kubeconfig for any identity. */
  kubeConfigFor(identity: ClientIdentity): string {
    return kubeConfig(this.url, this.caCertPem, identity);
  }

  /** Lets the API server pass requests for a group on to a server on this machine, whose certificate must hold `servingNames(group)`; waits until it does. */
  async registerApiService(spec: ApiServiceSpec): Promise<void> {
    this.registered.push(spec);
    await registerApiService(this.api, spec, this.caCertPem, this.options.signal);
  }

  /** Takes {@link registerApiService} back. */
  async unregisterApiService(spec: Pick<ApiServiceSpec, 'group' | 'version'>): Promise<void> {
    await unregisterApiService(this.api, spec);
  }

  /**
   * Starts KEDA's operator and metrics adapter, and waits until the autoscaler can ask it. Its CustomResourceDefinitions are there since the start.
   *
   * @throws FaultError as {@link startControlPlane}
   */
  async startKeda(options: KedaOptions = {}): Promise<void> {
    const { signal } = this.options;
    const namespace = options.namespace ?? 'keda';
    const environment = kedaEnvironment(options);
    await this.api.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }], { signal });
    const certDir = await writeKedaCertificates(this.pki, this.path('pki'));
    const identity = options.serviceAccount ? { token: await tokenOf(this.api, options.serviceAccount) } : this.pki.admin;
    const files = { kubeConfig: this.writeKubeConfig('keda', identity), certDir };
    await this.step('keda', () => this.runner.onFreePorts(5, async ([operatorMetrics = 0, operatorProbe = 0, grpc = 0, adapter = 0, adapterMetrics = 0]) => {
      const ports = { operatorMetrics, operatorProbe, grpc, adapter, adapterMetrics };
      const names = ['keda-operator', 'keda-adapter'] as const;
      try {
        await Promise.all([
          this.runner.run('keda-operator', operatorArgs(ports, files), () => probe(`http://127.0.0.1:${operatorProbe}/readyz`), environment),
          this.runner.run('keda-adapter', adapterArgs(ports, files, this.pki), () => probe(`https://127.0.0.1:${adapter}/readyz`, this.probeAgent), environment),
        ]);
      } catch (error) {
        await Promise.all(names.map((name) => this.stopProgram(name)));
        throw error;
      }
      await this.registerApiService({ ...EXTERNAL_METRICS, port: adapter });
    }));
    await this.baseline();
  }

  /** Adds a node and waits until pods can be placed on it. */
  async addNode(node: NodeSpec): Promise<void> {
    await this.waitForNodes([node]);
  }

  /** Removes a node as a cloud would, without draining it: its pods are deleted with it. */
  async removeNode(name: string): Promise<void> {
    const pods = await this.api.list('v1', 'Pod', { fieldSelector: `spec.nodeName=${name}` });
    await this.api.delete({ apiVersion: 'v1', kind: 'Node', name });
    await Promise.all(pods.map(({ metadata }) => this.api.delete({ apiVersion: 'v1', kind: 'Pod', name: metadata.name, namespace: metadata.namespace }, { graceSeconds: 0 })));
  }

  /** Takes all that is there now as what belongs there. */
  async baseline(): Promise<void> {
    this.snapshot = new Set((await allObjects(this.api)).keys());
  }

  /** Objects that were not there at the last {@link baseline}, of every kind that is served. */
  async listLeftovers(): Promise<Leftover[]> {
    const mine = (ref: Leftover) => (ref.kind === 'APIService' && this.registered.some((each) => ref.name === `${each.version}.${each.group}`))
      || ref.namespace === HARNESS_NAMESPACE;
    return leftoversSince(this.snapshot, await allObjects(this.api)).filter((ref) => !mine(ref));
  }

  /** Ends one program, as a fault to rehearse; {@link failed} does not take it for an accident. */
  async stopProgram(name: ProgramName): Promise<void> {
    await this.runner.stop(name);
  }

  /** Ends all programs and removes data and credentials; the logs stay. Can be called again. */
  stop(): Promise<{ readonly seconds: number }> {
    this.stopped ??= (async () => {
      const began = performance.now();
      this.api?.close();
      await this.runner.stopAll();
      this.probeAgent?.destroy();
      removeWorkFiles(this.workDir);
      return { seconds: (performance.now() - began) / 1000 };
    })();
    return this.stopped;
  }

  private async startEtcd(): Promise<number> {
    return this.runner.onFreePorts(2, async ([client = 0, peer = 0]) => {
      await this.runner.run('etcd', etcdArgs({ client, peer }, this.path('data', 'etcd'), this.pki), () => probe(`https://127.0.0.1:${client}/health`, this.probeAgent));
      return client;
    });
  }

  private async startApiServer(etcdPort: number): Promise<void> {
    await this.runner.onFreePorts(1, async ([port = 0]) => {
      this.url = `https://127.0.0.1:${port}`;
      await this.runner.run('kube-apiserver', apiServerArgs(port, etcdPort, this.pki), () => probe(`${this.url}/readyz`, this.probeAgent));
    });
    this.api = new KubeApi({ url: this.url, caCertPem: this.caCertPem, ...this.pki.admin });
    writeFileAtomic(this.kubeConfigPath, kubeConfig(this.url, this.caCertPem, this.pki.admin), 0o600);
  }

  /**
   * Custom resources are defined before the controllers start: the garbage collector looks for new kinds every thirty seconds only, and until then
   * would not delete what belongs to a deleted ScaledObject.
   */
  private async startControllerManager(): Promise<void> {
    const { toolbox, signal } = this.options;
    await this.step('definitions', async () => {
      const definitions = [...(toolbox.programs.has('keda-operator') ? definitionsIn(toolbox.assets.kedaCrds) : []), ...(this.options.definitions ?? [])];
      await this.api.apply(definitions, { signal });
      await this.api.waitForDefinitions(definitions, signal); // KEDA's operator looks for them once, and then not for ten seconds
    });
    await this.step('kube-controller-manager', () => this.startController('kube-controller-manager', (port, config) => controllerManagerArgs(port, config, this.path('tmp'), this.pki, this.compression)));
  }

  private async startController(name: 'kube-controller-manager' | 'kube-scheduler', args: (port: number, kubeConfigFile: string) => string[]): Promise<void> {
    const config = this.writeKubeConfig(name, await this.issueClientCert(`system:${name}`));
    await this.runner.onFreePorts(1, async ([port = 0]) => {
      // Their serving certificates are their own and for nobody; the probe only asks whether they run.
      const agent = new Agent({ rejectUnauthorized: false });
      try {
        await this.runner.run(name, args(port, config), () => probe(`https://127.0.0.1:${port}/healthz`, agent));
      } finally {
        agent.destroy();
      }
    });
  }

  private async startKwok(): Promise<void> {
    const stages = this.path('pki', 'kwok-stages.yaml');
    writeFileAtomic(stages, kwokStages(this.options.toolbox.assets.kwokStages, this.compression.podReadyMs), 0o600);
    const config = this.writeKubeConfig('kwok', await this.issueClientCert('kwok', ['system:masters']));
    // It has nothing to ask: nodes that become ready show that it works.
    await this.runner.run('kwok', kwokArgs(config, stages), async () => true);
  }

  private async waitForNodes(nodes: readonly NodeSpec[]): Promise<void> {
    // Created, not applied: server-side apply leaves out the status, and a node's room is in it.
    await Promise.all(nodes.map((node) => this.api.create(nodeObject(node))));
    await Promise.all(nodes.map((node) => this.api.waitFor({
      what: `node ${node.name} to take pods`, ref: { apiVersion: 'v1', kind: 'Node', name: node.name }, until: isNodeReady, timeoutSeconds: READY_SECONDS, signal: this.options.signal,
    })));
  }

  private async step<T>(step: string, body: () => Promise<T>): Promise<T> {
    this.options.signal?.throwIfAborted();
    const began = performance.now();
    const result = await body();
    this.options.onProgress?.({ step, seconds: (performance.now() - began) / 1000 });
    return result;
  }

  private writeKubeConfig(name: string, identity: ClientIdentity): string {
    const path = this.path('pki', `${name}.kubeconfig`);
    writeFileAtomic(path, this.kubeConfigFor(identity), 0o600);
    return path;
  }

  private path(...parts: string[]): string {
    return join(this.workDir, ...parts);
  }
}
