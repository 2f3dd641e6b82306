import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DemandAnswer } from '../../../forecaster/service/scaler/demand-source';
import { ScalerServer } from '../../../forecaster/service/scaler/scaler-server';
import { ControlPlane, KubeObject, POD_READY_DELAY_ANNOTATION, servingNames, startControlPlane } from '../../../rehearsal/control-plane';
import { Authority } from '../../../rehearsal/control-plane/authority';
import { freePorts } from '../../../rehearsal/control-plane/ports';
import { ensureTools, identityOf, isAlive, ProcessIdentity, Toolbox } from '../../../rehearsal/tools';
import { Double, startMetricsServer, startPrometheus } from './doubles';

/** Modelled seconds in one second: the autoscaler acts every 125 ms. */
const SPEED = 120;
const LABELS = { 'app.kubernetes.io/name': 'shop' };

const root = mkdtempSync(join(tmpdir(), 'tideline-control-plane-'));
const workDir = join(root, `run-${process.pid}`);
let toolbox: Toolbox;
let plane: ControlPlane;
let metrics: Double & { readonly asked: () => number };
let prometheus: Double & { readonly queries: string[] };
let cpuMillicores = 0;
let demand = 0;
let pods = new Map<string, KubeObject>();
const watching = new AbortController();

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: {
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS, annotations: { [POD_READY_DELAY_ANNOTATION]: '200ms' } },
      spec: { containers: [{ name: 'web', image: 'registry.invalid/shop:1', resources: { requests: { cpu: '200m', memory: '64Mi' } } }] },
    },
  },
};
const scaledObject = (): KubeObject => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: {
    scaleTargetRef: { name: 'shop' },
    pollingInterval: 1,
    minReplicaCount: 2,
    maxReplicaCount: 40,
    advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 0 }, scaleUp: { policies: [{ type: 'Percent', value: 1000, periodSeconds: 1 }] } } } },
    triggers: [
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '50' } },
      { type: 'prometheus', metadata: { serverAddress: `http://127.0.0.1:${prometheus.port}`, query: 'tideline:forecast:demand{service="shop"}', threshold: '10' } },
    ],
  },
});
const deploymentRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop', namespace: 'shop' };
const hpaRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'keda-hpa-shop', namespace: 'shop' };

const untilReplicas = (count: number) => plane.api.waitFor({
  what: `${count} ready replicas`,
  ref: deploymentRef,
  until: (object) => (object?.spec.replicas === count && object.status?.readyReplicas === count) || `${object?.spec.replicas} wanted, ${object?.status?.readyReplicas ?? 0} ready`,
});

beforeAll(async () => {
  toolbox = await ensureTools();
  plane = await startControlPlane({
    toolbox,
    workDir,
    speed: SPEED,
    nodes: ['a', 'b'].map((zone) => ({ name: `node-${zone}`, pool: 'general', cpuMillicores: 8000, memoryMiB: 16_384, zone: `eu-west-1${zone}` })),
  });
  const pair = await plane.issueServingCert(servingNames('metrics.k8s.io'));
  metrics = await startMetricsServer(pair, () => [...pods.values()].filter((pod) => pod.status?.phase === 'Running').map((pod) => ({
    name: pod.metadata.name, namespace: pod.metadata.namespace!, labels: pod.metadata.labels ?? {},
  })), () => cpuMillicores);
  prometheus = await startPrometheus(() => demand);
  await plane.registerApiService({ group: 'metrics.k8s.io', version: 'v1beta1', port: metrics.port });
  await plane.startKeda();
});

afterAll(async () => {
  watching.abort();
  await plane?.stop();
  await metrics?.close();
  await prometheus?.close();
  rmSync(root, { recursive: true, force: true });
});

test('every program runs at the pinned version and says when it was ready', async () => {
  expect(plane.programs.map((program) => program.name).sort()).toEqual(
    ['etcd', 'keda-adapter', 'keda-operator', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'],
  );
  const version = await plane.api.request<{ gitVersion: string }>('GET', '/version');
  expect(version.gitVersion).toBe(`v${toolbox.programs.get('kube-apiserver')!.version}`);
});

test('nodes have the room and the zone they were given', async () => {
  const nodes = await plane.api.list('v1', 'Node');
  expect(nodes.map((node) => [node.metadata.name, node.status.allocatable.cpu, node.metadata.labels?.['topology.kubernetes.io/zone']])).toEqual([
    ['node-a', '8', 'eu-west-1a'], ['node-b', '8', 'eu-west-1b'],
  ]);
});

test('a ScaledObject drives a Deployment through the real autoscaler, by forecast demand and by cpu, whichever asks for more', async () => {
  await plane.api.apply([namespace, deployment]);
  void plane.api.watch('v1', 'Pod', { namespace: 'shop', signal: watching.signal }, ({ type, object }) => {
    if (type === 'DELETED') pods.delete(object.metadata.name);
    else pods.set(object.metadata.name, object);
  }).catch(() => undefined);
  demand = 55;
  cpuMillicores = 20;
  await plane.api.apply([scaledObject()]);
  await untilReplicas(6); // 55 / 10, rounded up
  expect(prometheus.queries).toContain('tideline:forecast:demand{service="shop"}');

  demand = 10;
  cpuMillicores = 150; // 75 % of the request at a target of 50 %: half as many again
  await plane.api.waitFor({ what: 'cpu to ask for more', ref: deploymentRef, until: (object) => object?.spec.replicas >= 9 || `${object?.spec.replicas} replicas` });
  expect(metrics.asked()).toBeGreaterThan(0);

  cpuMillicores = 1;
  await untilReplicas(2); // the least it may have
});

test('the autoscaler acts at the compressed period', async () => {
  expect(plane.compression.hpaSyncPeriodMs).toBe(125);
  const before = prometheus.queries.length;
  await sleep(5_000);
  // KEDA itself asks once a second; all others come from the autoscaler, 40 at most. On a loaded machine it may miss some.
  const asked = prometheus.queries.length - before;
  expect(asked).toBeGreaterThan(12);
});

test('KEDA takes demand from the forecaster’s external scaler over mutual TLS, though it was away at first, and does without when it is withdrawn', async () => {
  const authority = await Authority.create('scaler');
  const [served, client] = await Promise.all([authority.issue({ commonName: 'forecaster', names: ['127.0.0.1'] }), authority.issue({ commonName: 'keda' })]);
  const folder = join(root, 'scaler');
  mkdirSync(folder);
  for (const [name, content] of Object.entries({ 'tls.crt': served.certPem, 'tls.key': served.keyPem, 'ca.crt': authority.certPem })) writeFileSync(join(folder, name), content);
  const [port] = await freePorts(1) as [number];
  const fault = { where: 'requests of shop/shop', got: 'old values', allowed: 'new ones', do: 'wait' };
  let answer: DemandAnswer = { value: 75 };
  const calls: string[] = [];
  const scaler = new ScalerServer({
    settings: { host: '127.0.0.1', scaler: 'mutual-tls', scalerPort: port, scalerCertificates: folder, demandQuantile: 0.9, leadTimeSeconds: 300 },
    source: { demand: (trigger) => (`${trigger.namespace}/${trigger.service}` === 'shop/shop' ? answer : { missing: 'unknown', fault }), surelyIdle: () => false },
    onCall: (method, code) => calls.push(`${method} ${code}`),
  });
  const secret: KubeObject = {
    apiVersion: 'v1', kind: 'Secret', metadata: { name: 'scaler-client', namespace: 'shop' },
    stringData: { 'tls.crt': client.certPem, 'tls.key': client.keyPem, 'ca.crt': authority.certPem },
  };
  const authentication: KubeObject = {
    apiVersion: 'keda.sh/v1alpha1', kind: 'TriggerAuthentication', metadata: { name: 'scaler', namespace: 'shop' },
    spec: { secretTargetRef: [['caCert', 'ca.crt'], ['tlsClientCert', 'tls.crt'], ['tlsClientKey', 'tls.key']].map(([parameter, key]) => ({ parameter, name: 'scaler-client', key })) },
  };
  const external = scaledObject();
  external.spec.fallback = { failureThreshold: 1, replicas: 2 };
  external.spec.triggers[1] = {
    type: 'external-push', metricType: 'AverageValue', metadata: { scalerAddress: `127.0.0.1:${port}`, enableTLS: 'true', target: '10' }, authenticationRef: { name: 'scaler' },
  };
  cpuMillicores = 1;
  await plane.api.apply([secret, authentication, external]);
  type Metric = { readonly type: string; readonly external?: { readonly metric: { readonly name: string } } };
  const metricsOf = (object: KubeObject | undefined) => ((object?.spec.metrics ?? []) as Metric[]).map((metric) => metric.external?.metric.name ?? metric.type);
  // Nobody answers yet: KEDA leaves the metric out, and CPU decides alone.
  await plane.api.waitFor({ what: 'the autoscaler to be on CPU alone', ref: hpaRef, until: (object) => metricsOf(object).join() === 'Resource' || metricsOf(object).join() });
  await scaler.listen();
  try {
    await plane.api.waitFor({ what: 'the autoscaler to know the demand again', ref: hpaRef, until: (object) => metricsOf(object).includes('s1-tideline-demand-requests') || metricsOf(object).join() });
    await untilReplicas(8); // 75 / 10, rounded up
    expect(calls).toEqual(expect.arrayContaining(['GetMetricSpec OK', 'GetMetrics OK', 'IsActive OK']));
    while (!calls.includes('StreamIsActive OK') || !calls.includes('StreamMetricSpec OK')) await sleep(100); // it tries again ever more slowly
    answer = { value: 101.5 };
    await untilReplicas(11);
    const status = ((await plane.api.get(hpaRef)).status.currentMetrics as Metric[]).map((metric) => metric.external?.metric.name);
    expect(status).toContain('s1-tideline-demand-requests');

    answer = { missing: 'withdrawn', fault };
    await untilReplicas(2); // the fallback is the least it may have, and CPU asks for no more
    expect(calls).toContain('GetMetrics UNAVAILABLE');
    cpuMillicores = 300;
    await plane.api.waitFor({ what: 'cpu to decide without a forecast', ref: deploymentRef, until: (object) => object?.spec.replicas >= 6 || `${object?.spec.replicas} replicas` });
  } finally {
    cpuMillicores = 1;
    demand = 10;
    const back = scaledObject();
    back.spec.fallback = external.spec.fallback; // KEDA 2.21 falls over if a fallback goes while a trigger fails
    await plane.api.apply([back]);
    await plane.api.deleteAll([authentication, secret].map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, name: metadata.name, namespace: metadata.namespace })));
    await scaler.stop();
  }
}, 240_000);

test('a pod is ready after the delay that its annotation names', async () => {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'slow', namespace: 'shop', annotations: { [POD_READY_DELAY_ANNOTATION]: '3s' } },
    spec: { containers: [{ name: 'web', image: 'registry.invalid/shop:1' }] },
  };
  await plane.api.apply([pod]);
  const ref = { apiVersion: 'v1', kind: 'Pod', name: 'slow', namespace: 'shop' };
  await plane.api.waitFor({ what: 'the pod to have a node', ref, until: (object) => object?.spec.nodeName !== undefined || 'not scheduled' });
  const scheduled = await plane.api.get(ref);
  const ready = await plane.api.waitFor({ what: 'the pod to be ready', ref, until: (object) => object?.status.phase === 'Running' || object?.status.phase });
  const at = (object: KubeObject | undefined, type: string) => Date.parse(object?.status.conditions.find((each: { type: string }) => each.type === type).lastTransitionTime);
  expect(at(ready, 'Ready') - at(scheduled, 'PodScheduled')).toBeGreaterThanOrEqual(2_000); // times are told to the second
  await plane.api.deleteAll([ref]);
});

test('a wait that comes to nothing names the object, what stood in the way and the last event', async () => {
  const huge = structuredClone(deployment) as KubeObject & { metadata: { name: string } };
  huge.metadata.name = 'huge';
  huge.spec.selector.matchLabels = { app: 'huge' };
  huge.spec.template.metadata.labels = { app: 'huge' };
  huge.spec.template.spec.containers[0].resources.requests.cpu = '100';
  await plane.api.apply([huge]);
  const pod = await until(async () => (await plane.api.list('v1', 'Pod', { namespace: 'shop', labelSelector: 'app=huge' }))[0]);
  const ref = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, namespace: 'shop' };
  await until(async () => (await plane.api.lastEvent(ref)) !== 'none' || undefined);
  await expect(plane.api.waitFor({ what: 'the pod to run', ref, timeoutSeconds: 1, until: (object) => object?.status.phase === 'Running' || `phase ${object?.status.phase}` }))
    .rejects.toThrow(/waited 1 s for the pod to run[^]*Pod shop\/huge-[^]*phase Pending; last event: FailedScheduling: .*Insufficient cpu/);
  await plane.api.deleteAll([{ ...deploymentRef, name: 'huge' }]);
});

test('what the API server refuses is told, all of it', async () => {
  const bad = (name: string): KubeObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop' }, spec: { replicas: -1 } });
  await expect(plane.api.apply([bad('one'), bad('two'), { apiVersion: 'nowhere.example/v1', kind: 'Thing', metadata: { name: 'x' } }]))
    .rejects.toThrow(/Deployment shop\/one[^]*Deployment shop\/two[^]*Thing \(nowhere\.example\/v1\)/);
});

test('leftovers are what was added and not taken away', async () => {
  const left = await plane.listLeftovers();
  const names = left.map((ref) => `${ref.kind} ${ref.name}`);
  expect(names).toEqual(expect.arrayContaining(['Namespace shop', 'Deployment shop', 'ScaledObject shop', 'HorizontalPodAutoscaler keda-hpa-shop']));
  expect(names.filter((name) => /CustomResourceDefinition|APIService|Node |Event|Lease/.test(name))).toEqual([]);

  await plane.api.deleteAll([{ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'shop', namespace: 'shop' }]);
  await plane.api.waitFor({ what: 'the autoscaler to go with its owner', ref: hpaRef, timeoutSeconds: 120, until: (object) => object === undefined || 'still there' });
  await plane.api.deleteAll([{ apiVersion: 'v1', kind: 'Namespace', name: 'shop' }, deploymentRef], { timeoutSeconds: 120 });
  expect(await plane.listLeftovers()).toEqual([]);
});

test('a program that dies unasked fails the run, with its name', async () => {
  const kwok = plane.programs.find((program) => program.name === 'kwok')!;
  process.kill(kwok.pid, 'SIGKILL');
  await expect(plane.failed).rejects.toThrow(/\[kwok\] got: it ended by SIGKILL/);
});

test('after the stop no process is left, and of the files only the logs', async () => {
  const identities = plane.programs.map((program) => identityOf(program.pid)).filter((each): each is ProcessIdentity => each !== undefined);
  expect(identities).toHaveLength(6); // all but the one that was killed
  watching.abort();
  await plane.stop();
  expect(identities.filter(isAlive)).toEqual([]);
  expect(readdirSync(workDir)).toEqual(['logs']);
  expect(readdirSync(join(workDir, 'logs')).every((log) => statSync(join(workDir, 'logs', log)).mode.toString(8).endsWith('600'))).toBe(true);
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error('it did not come about within 30 s');
}
