import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomic } from '../../base/atomic-file';
import { FaultError } from '../../base/faults';
import { contract as costContract } from '../../apps/cost/contract';
import type { Environment } from '../../config';
import { contract as forecasterContract } from '../../forecaster/contract';
import { ControlPlane, EXTERNAL_METRICS, NodeSpec, servingNames, startControlPlane } from '../control-plane';
import { AffineClock, catalogWorkload, Plant, PlantTarget, startMetricsServer, startPrometheusServer } from '../plant';
import type { PolicyResult, Report, Substitution } from '../report/schema';
import type { Tuned } from '../scaling/tune';
import { RunningService, Services } from '../services';
import type { Toolbox } from '../tools';
import type { TraceWindow } from '../traces';
import { ApplicationManifests, Deployment, objectsOfYaml } from './deploy';
import { ForecastLog } from './forecast-log';
import { FORECAST_HORIZON_MINUTES } from './forecast-run';
import { WatchedPods } from './pods';
import { asksForecaster, scalerCalls, ScalerIdentity, scalerIdentity } from './scaler-identity';
import { reactiveCopy } from './manifests';
import { rewriteForControlPlane } from './substitutions';

/** What a rehearsal on the control plane is made of. */
export interface ControlPlaneOptions {
  readonly root: string;
  /** Everything it writes goes below this folder. */
  readonly workDir: string;
  readonly toolbox: Toolbox;
  readonly environment: Environment;
  /** What Argo CD would sync, from dist/. */
  readonly applications: readonly ApplicationManifests[];
  /** One EnvironmentModel per environment, by file name, for the cost service. */
  readonly costModels: Readonly<Record<string, string>>;
  readonly window: TraceWindow;
  /** What the trace's values are multiplied with to become requests per second. */
  readonly scale: number;
  readonly speed: number;
  readonly tuned: Tuned;
  /** What a node of a type can hold. */
  readonly nodes: readonly NodeSpec[];
  readonly price: (replicas: readonly number[], stepSeconds: number) => number;
  readonly parameters: { readonly reactive: PolicyResult['parameters']; readonly predictive: PolicyResult['parameters'] };
  /** Minute of the replay at which the forecaster is ended. @default - never */
  readonly stopForecasterAt?: number;
  /** Called with the step under way, and while the trace is replayed with the share done. */
  readonly onStep: (step: string, progress?: { readonly done: number; readonly total: number; readonly note: string }) => void;
  /** Called when everything runs and nothing has been torn down, after the replay. @default - torn down at once */
  readonly beforeTeardown?: (plane: ControlPlane) => Promise<void>;
  readonly signal: AbortSignal;
  /** Unix seconds of this machine, with fractions. */
  readonly now: () => number;
}

/** What it found. */
export interface ControlPlaneResult {
  readonly policies: readonly [PolicyResult, PolicyResult];
  readonly forecast: Report['forecast'];
  readonly substitutions: readonly Substitution[];
  readonly programs: Report['programs'];
  readonly events: Report['events'];
  readonly leftovers: readonly string[];
  /** Replicas both policies had when the replay began. */
  readonly initialReplicas: { readonly reactive: number; readonly predictive: number };
  readonly compression: ControlPlane['compression'];
  /** Unix seconds of this machine at which the replay began. */
  readonly replayStart: number;
  /** Demand that a query found at a time of the trace; null where there was none. */
  readonly publishedDemand: (traceTime: number) => number | null;
  /** The month that the cost service, run as the process it is, states for the environment, US dollars. */
  readonly costServiceMonthlyUsd: number | null;
  /** What KEDA's operator asked the forecaster over gRPC, by method and code as `GetMetrics OK`; null where dist/ has it ask Prometheus. */
  readonly kedaCalls: Readonly<Record<string, number>> | null;
}

/** How often the plant looks at the pods, milliseconds. */
const TICK_MS = 50;
/** How long both Deployments must stand still before the replay begins, milliseconds, and how long that may take. */
const SETTLED_MS = 2500;
const SETTLE_TIMEOUT_MS = 60_000;

/** The Application of dist/ that installs KEDA, and the account it runs as. */
const KEDA = 'keda';
const KEDA_ACCOUNT = { namespace: 'keda', name: 'keda-operator' };

const PREDICTIVE: PlantTarget = { namespace: 'catalog', service: 'catalog', policy: 'predictive' };
const REACTIVE: PlantTarget = { namespace: 'catalog-reactive', service: 'catalog-reactive', policy: 'reactive' };

/**
 * Rehearses an environment on a real control plane: the same dist/, the real HPA and KEDA, the forecaster and cost services as the processes they are.
 * Only the pods' work is modelled. Whatever happens, no process stays behind.
 *
 * @throws FaultError naming the step that failed; AbortError when interrupted
 */
export async function rehearseOnControlPlane(options: ControlPlaneOptions): Promise<ControlPlaneResult> {
  const { signal, workDir, onStep } = options;
  mkdirSync(workDir, { recursive: true });
  const closing: (() => Promise<unknown>)[] = [];
  try {
    return await rehearse(options, closing);
  } finally {
    onStep('stop every process');
    // The last started first; one that cannot be stopped must not keep the others from being stopped.
    const problems: unknown[] = [];
    for (const close of closing.reverse()) await close().catch((error) => problems.push(error));
    if (problems.length > 0 && !signal.aborted) throw problems[0];
  }
}

async function rehearse(options: ControlPlaneOptions, closing: (() => Promise<unknown>)[]): Promise<ControlPlaneResult> {
  const { workDir, toolbox, signal, onStep, now, speed, window } = options;
  const began = now();
  const inRequests = (value: number) => value * options.scale;
  const events: { second: number; what: string }[] = [];
  const note = (what: string) => events.push({ second: Math.round((now() - began) * 10) / 10, what });

  onStep('start the control plane');
  const plane = await startControlPlane({
    toolbox, workDir: join(workDir, 'control-plane'), nodes: [...options.nodes], speed, signal,
    onProgress: ({ step }) => onStep(step),
  });
  closing.push(() => plane.stop());
  const bootstrapped = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } }, ...toolbox.assets.argoCdCrds.flatMap(objectsOfYaml)];

  const services = new Services(options.root, join(workDir, 'services'), (name, ending) => note(`the service ${name} ${ending}: ${name === 'forecaster' ? 'scaling goes on reactively' : 'nothing scales by it'}`));
  closing.push(() => services.stopAll());
  const guarded = <T>(work: Promise<T>): Promise<T> => Promise.race([work, plane.failed]); // a service of ours that ends is a fault to live with, as in production

  const pods = new WatchedPods(plane.api, [REACTIVE, PREDICTIVE]);
  closing.push(() => pods.stop());
  const clock = new AffineClock({ traceStart: window.from, speed });
  const plant = new Plant({ workload: catalogWorkload, clock, targets: [REACTIVE, PREDICTIVE], source: pods, window, scale: options.scale });

  onStep('start the forecaster and cost services');
  const scrape: { job: string; url: string }[] = [];
  const prometheus = await startPrometheusServer({ series: plant.series, clock, now, targets: scrape, scrapeIntervalSeconds: 15 / speed });
  closing.push(() => prometheus.stop());
  // Where dist/ has KEDA ask the forecaster itself, it does so here too, with certificates as real ones are.
  const identity = asksForecaster(options.environment) ? await scalerIdentity(join(workDir, 'services', 'scaler')) : undefined;
  if (identity) closing.push(async () => identity.remove());
  const { forecaster, cost } = await guarded(startOwnServices(options, services, prometheus.url, identity));
  scrape.push({ job: 'forecaster', url: `${forecaster.url}${forecasterContract.metricsPath}` });

  const certificate = await plane.issueServingCert(servingNames('metrics.k8s.io'));
  const metrics = await startMetricsServer({ plant, tls: { ...certificate, clientCaPem: plane.frontProxyCaCertPem }, windowSeconds: 15 / speed });
  closing.push(() => metrics.stop());
  await plane.registerApiService({ group: 'metrics.k8s.io', version: 'v1beta1', port: metrics.port });
  await plane.baseline();

  onStep('apply dist/ wave by wave');
  const deployment = new Deployment(plane.api, rewriteForControlPlane({
    speed, prometheusUrl: prometheus.wallUrl, startupSeconds: { [PREDICTIVE.service]: catalogWorkload.startupSeconds },
    ...(identity ? { scaler: { address: identity.address, client: identity.client } } : {}),
  }));
  await deployment.apply(bootstrapped, 'bootstrap', signal);
  await guarded(deployment.applyWaves(options.applications, {
    signal,
    onApplication: (name, wave) => onStep(`apply wave ${wave}: ${name}`),
    // The real KEDA, with the rights that dist/ gives it and no more.
    onAvailable: async (name) => (name === KEDA ? plane.startKeda({ serviceAccount: KEDA_ACCOUNT }) : undefined),
  }));
  onStep('apply the reactive copy');
  const catalog = options.applications.find((application) => application.name === 'catalog');
  if (!catalog) throw new FaultError('nothing to rehearse', [{ where: 'dist/', got: 'no application catalog', allowed: 'an application of this name', do: 'run npx projen update:manifests' }]);
  const home = options.applications.flatMap((application) => application.objects).filter((object) => object.kind === 'Namespace' && object.metadata.name === PREDICTIVE.namespace);
  const copy = reactiveCopy([...home, ...catalog.objects], options.tuned, { service: PREDICTIVE.service, namespace: REACTIVE.namespace });
  await deployment.apply(copy, 'the reactive copy', signal);
  await deployment.waitUntilHealthy(copy, signal);

  onStep('settle at the first minute of the trace');
  pods.start((error) => note(`watching pods failed: ${(error as Error).message}`));
  const ticking = setInterval(() => plant.tick(now()), TICK_MS);
  closing.push(async () => clearInterval(ticking));
  await guarded(settle(pods, signal));
  const initialReplicas = { reactive: pods.desired(REACTIVE), predictive: pods.desired(PREDICTIVE) };

  const log = new ForecastLog(forecaster, { name: PREDICTIVE.service, namespace: PREDICTIVE.namespace, horizonMinutes: FORECAST_HORIZON_MINUTES });
  const replayStart = now();
  clock.start(replayStart);
  await guarded(replay({ ...options, plant, clock, services, forecaster, log, note }));
  clearInterval(ticking);

  const stated = await fetch(`${cost.url}/cost/environments/${options.environment.name}`, { headers: { authorization: `Bearer ${cost.token}` } })
    .then(async (answer) => (answer.ok ? ((await answer.json()) as { monthlyUsd: number | null }).monthlyUsd : null), () => null);
  if (options.beforeTeardown) await guarded(options.beforeTeardown(plane));

  onStep('tear everything down');
  await guarded(deployment.deleteAll(async (from) => {
    if (from !== KEDA) return;
    for (const program of ['keda-adapter', 'keda-operator'] as const) await plane.stopProgram(program);
    await plane.unregisterApiService(EXTERNAL_METRICS);
  }, signal));
  const leftovers = (await plane.listLeftovers()).map((each) => `${each.kind} ${each.namespace ? `${each.namespace}/` : ''}${each.name}`);
  return {
    policies: [
      plant.policyResult(REACTIVE, { level: 'control-plane', parameters: options.parameters.reactive, price: options.price }),
      plant.policyResult(PREDICTIVE, { level: 'control-plane', parameters: options.parameters.predictive, price: options.price }),
    ],
    forecast: log.section({ start: window.from, history: window.history.map(inRequests), replay: window.replay.map(inRequests) }),
    substitutions: deployment.substitutions,
    programs: [...toolbox.programs.values()].map(({ name, version, provenance }) => ({ name, version, provenance })),
    events,
    leftovers,
    initialReplicas,
    compression: plane.compression,
    replayStart,
    publishedDemand: (traceTime) => plant.publishedDemand(PREDICTIVE, traceTime),
    costServiceMonthlyUsd: stated,
    kedaCalls: identity ? scalerCalls(plant.series, window.from, window.replay.length) : null,
  };
}

async function startOwnServices(
  options: ControlPlaneOptions, services: Services, prometheusUrl: string, scaler: ScalerIdentity | undefined,
): Promise<{ forecaster: RunningService; cost: RunningService }> {
  const models = join(options.workDir, 'services', 'environments');
  for (const [file, content] of Object.entries(options.costModels)) writeFileAtomic(join(models, file), content);
  const specs = { forecaster: { name: 'forecaster', entry: 'forecaster/service/server.ts' }, cost: { name: 'cost', entry: 'apps/cost/server.ts' } } as const;
  await services.bundle(Object.values(specs));
  const settings = forecasterContract.settings;
  const forecaster = await services.start({
    ...specs.forecaster,
    ready: forecasterContract.probes.readiness,
    settings: ({ port, token }) => ({
      [settings.host.env]: '127.0.0.1',
      [settings.port.env]: String(port),
      [settings.token.env]: token,
      [settings.prometheusUrl.env]: prometheusUrl,
      [settings.intervalSeconds.env]: String(60 / options.speed),
      [settings.leadTimeSeconds.env]: String(options.environment.scaling.leadTimeSeconds),
      [settings.demandQuantile.env]: String(options.environment.scaling.demandQuantile),
      ...(scaler ? { [settings.scaler.env]: 'mutual-tls', [settings.scalerPort.env]: String(scaler.port), [settings.scalerCertificates.env]: scaler.folder } : {}),
      [settings.logLevel.env]: 'warn',
    }),
  }, { signal: options.signal });
  const cost = await services.start({
    ...specs.cost,
    ready: costContract.probes.readiness,
    settings: ({ port, token }) => ({
      [costContract.settings.host.env]: '127.0.0.1',
      [costContract.settings.port.env]: String(port),
      [costContract.settings.token.env]: token,
      [costContract.settings.environmentsDir.env]: models,
      [costContract.settings.logLevel.env]: 'warn',
    }),
  }, { signal: options.signal });
  return { forecaster, cost };
}

/** Before the clock starts the load stands still at its first minute; both policies settle on what they want for it. */
async function settle(pods: WatchedPods, signal: AbortSignal): Promise<void> {
  let last = '';
  for (let waited = 0, still = 0; waited < SETTLE_TIMEOUT_MS; waited += 100) {
    await sleep(100, undefined, { signal });
    const state = [REACTIVE, PREDICTIVE].map((target) => `${pods.desired(target)}/${pods.pods(target).filter((pod) => pod.ready).length}`).join(' ');
    const ready = (target: PlantTarget) => pods.pods(target).filter((pod) => pod.ready && !pod.terminating).length;
    const complete = [REACTIVE, PREDICTIVE].every((target) => pods.desired(target) > 0 && ready(target) === pods.desired(target));
    still = complete && state === last ? still + 100 : 0;
    last = state;
    if (still >= SETTLED_MS) return;
  }
  throw new FaultError('the policies did not settle before the replay', [{
    where: 'Deployments catalog/catalog and catalog-reactive/catalog', got: `desired/ready replicas ${last}`, allowed: `no change for ${SETTLED_MS / 1000} s`,
    do: 'see logs/kube-controller-manager.log and logs/keda-operator.log in the run folder',
  }]);
}

async function replay(o: ControlPlaneOptions & {
  readonly plant: Plant; readonly clock: AffineClock; readonly services: Services; readonly forecaster: RunningService; readonly log: ForecastLog;
  readonly note: (what: string) => void;
}): Promise<void> {
  const minutes = o.window.replay.length;
  let stopped = false;
  for (;;) {
    await sleep(100, undefined, { signal: o.signal });
    const minute = Math.floor((o.clock.toTrace(o.now()) - o.window.from) / 60);
    if (!stopped) o.log.poll(minute);
    if (!stopped && o.stopForecasterAt !== undefined && minute >= o.stopForecasterAt) {
      stopped = true;
      await o.services.stop(o.forecaster);
      o.note(`the forecaster was ended at minute ${o.stopForecasterAt} of the replay, as asked: scaling goes on reactively`);
    }
    const [reactive, predictive] = [o.plant.records(REACTIVE).at(-1), o.plant.records(PREDICTIVE).at(-1)];
    o.onStep('replay the trace', {
      done: Math.min(minute, minutes), total: minutes,
      note: reactive && predictive ? `${Math.round(reactive.demand)} requests/s, replicas reactive ${reactive.replicas}, predictive ${predictive.replicas}` : '',
    });
    if (o.plant.finished(o.now())) return;
  }
}
