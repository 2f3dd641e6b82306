import { ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Manifest } from '../../../../components';
import { ControlPlane, KubeObject, startControlPlane } from '../../../../rehearsal/control-plane';
import { freePorts } from '../../../../rehearsal/control-plane/ports';
import { CONTROL_PLANE_PROGRAMS, ensureTools, PROMETHEUS_PROGRAMS, Toolbox } from '../../../../rehearsal/tools';
import { bundle, Bundle } from '../../../apps/program';
import { objectsOf } from '../../../charts/manifests';
import { objectOf } from '../../../support/synth';

// What finds pods and tells of them, as the accounts it has on a cluster, against a real API server. Pods are KWOK's: nothing answers at their addresses.
const root = mkdtempSync(join(tmpdir(), 'tideline-observed-'));
const children: ChildProcess[] = [];
let tools: Toolbox;
let plane: ControlPlane;
let standIn: Bundle;
let metricsUrl: string;
let telemetryUrl: string;

const observed = [...objectsOf('dev', 'kube-state-metrics/'), ...objectsOf('dev', 'prometheus/')];
const catalog = objectOf(objectsOf('dev', 'catalog/'), 'Deployment');
const exporter = objectOf(observed, 'Deployment', 'kube-state-metrics');
const argsOf = (workload: Manifest): string[] => workload.spec.template.spec.containers[0].args;
const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const account = (name: string): string => join(root, name);

/** Writes what the kubelet mounts into a pod of this account: its token and the authority of the cluster. */
async function mountAccount(name: string): Promise<void> {
  const { status } = await plane.api.request<{ status: { token: string } }>('POST', `/api/v1/namespaces/observability/serviceaccounts/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 },
  });
  mkdirSync(account(name));
  writeFileSync(join(account(name), 'token'), status.token);
  writeFileSync(join(account(name), 'ca.crt'), plane.caCertPem);
}

function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
  children.push(spawn(program, args, { cwd: root, env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] }));
}

const text = async (url: string): Promise<string> => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
};
const series = async (name: string): Promise<string[]> => (await text(`${metricsUrl}/metrics`)).split('\n').filter((line) => line.startsWith(`${name}{`));

beforeAll(async () => {
  tools = await ensureTools({ programs: [...CONTROL_PLANE_PROGRAMS, ...PROMETHEUS_PROGRAMS] });
  [plane, standIn] = await Promise.all([
    startControlPlane({ toolbox: tools, workDir: join(root, `run-${process.pid}`), podReadySeconds: 1, nodes: [{ name: 'node-a', pool: 'general', cpuMillicores: 8000, memoryMiB: 16_384, zone: 'us-east-1a' }] }),
    bundle('rehearsal/stand-ins/kube-state-metrics/server.ts', { packages: false }),
  ]);
  const asks = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080', 'prometheus.io/path': '/metrics' };
  const stranger: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stranger', namespace: 'shop', annotations: asks }, spec: { containers: [{ name: 'shop', image: 'registry.invalid/shop:1' }] } };
  await plane.api.apply([...['observability', 'catalog', 'shop'].map(namespace), ...(observed.filter(({ kind }) => /^(ServiceAccount|ClusterRole)/.test(kind)) as unknown as KubeObject[])]);
  await plane.api.apply([objectOf(objectsOf('dev', 'catalog/'), 'ServiceAccount'), catalog, exporter, stranger] as unknown as KubeObject[]);
  await Promise.all(['kube-state-metrics', 'prometheus'].map(mountAccount));

  const [port, telemetry] = await freePorts(2);
  [metricsUrl, telemetryUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${telemetry}`];
  const { hostname, port: apiPort } = new URL(plane.url);
  const here = ['--host=127.0.0.1', '--telemetry-host=127.0.0.1', `--port=${port}`, `--telemetry-port=${telemetry}`]; // the last of a flag is the one that counts
  run(process.execPath, [standIn.file, ...argsOf(exporter), ...here], { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: apiPort, KUBERNETES_ACCOUNT_DIR: account('kube-state-metrics') });
}, 600_000);

afterAll(async () => {
  const ended = children.map((child) => new Promise((done) => (child.exitCode === null && child.signalCode === null ? child.once('exit', done) : done(undefined))));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ended);
  await plane?.stop();
  standIn?.remove();
  rmSync(root, { recursive: true, force: true });
});

test('the stand-in is ready once it has listed, alive while it reaches the API server, and shows a pod of ours as the rules read it', async () => {
  await vi.waitFor(() => text(`${telemetryUrl}/readyz`), { timeout: 60_000, interval: 100 });
  expect(await text(`${metricsUrl}/livez`)).toBe('ok');
  await expect(text(`${metricsUrl}/elsewhere`)).rejects.toThrow('404');
  await vi.waitFor(async () => expect((await series('kube_pod_status_ready')).filter((line) => /namespace="catalog".*condition="true"\} 1$/.test(line))).toHaveLength(1), { timeout: 60_000, interval: 200 });
  const { name, resources: { requests, limits } } = catalog.spec.template.spec.containers[0];
  const [pod] = await plane.api.list('v1', 'Pod', { namespace: 'catalog' });
  const own = `namespace="catalog",pod="${pod!.metadata.name}",uid="${pod!.metadata.uid}"`;
  expect((await series('kube_pod_labels')).filter((line) => line.includes(own))).toEqual([`kube_pod_labels{${own},label_app_kubernetes_io_name="catalog",label_app_kubernetes_io_part_of="tideline"} 1`]);
  const shown = async (kind: string, resource: string) => Number((await series(`kube_pod_container_resource_${kind}`)).find((line) => line.includes(`${own},container="${name}",node="node-a",resource="${resource}"`))!.split(' ').at(-1));
  expect(await shown('requests', 'cpu')).toBe(parseFloat(requests.cpu) / 1000);
  expect(await shown('limits', 'memory')).toBe(parseFloat(limits.memory) * 2 ** 20);
});

test('the stand-in follows what happens: pods that come and go', async () => {
  const pods = async () => (await series('kube_pod_labels')).filter((line) => line.includes('namespace="catalog"')).length;
  for (const replicas of [4, 1]) {
    await plane.api.patch({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'catalog', namespace: 'catalog' }, { spec: { replicas } });
    await vi.waitFor(async () => expect(await pods()).toBe(replicas), { timeout: 60_000, interval: 200 });
  }
});

test('the stand-in may do no more than it needs', async () => {
  const may = async (verb: string, resource: string) => (await plane.api.request<{ status: { allowed: boolean } }>('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user: 'system:serviceaccount:observability:kube-state-metrics', resourceAttributes: { verb, resource } },
  })).status.allowed;
  expect(await Promise.all([may('list', 'pods'), may('watch', 'pods')])).toEqual([true, true]);
  expect(await Promise.all([may('get', 'secrets'), may('list', 'configmaps'), may('delete', 'pods')])).toEqual([false, false, false]);
});

test('Prometheus, configured as on the cluster and with its rights, finds pods of ours that ask for it, each once, and the kubelet of every node', async () => {
  const folder = account('prometheus');
  // In a pod it takes the API server from variables and the account from a fixed path; elsewhere both are said.
  const kubeConfig = join(folder, 'config');
  writeFileSync(kubeConfig, stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'here', contexts: [{ name: 'here', context: { cluster: 'here', user: 'prometheus' } }],
    clusters: [{ name: 'here', cluster: { server: plane.url, 'certificate-authority': join(folder, 'ca.crt') } }], users: [{ name: 'prometheus', user: { tokenFile: join(folder, 'token') } }],
  }));
  const config = parse((objectOf(observed, 'ConfigMap').data['prometheus.yml'] as string).replaceAll('/var/run/secrets/kubernetes.io/serviceaccount', folder)) as { scrape_configs: { kubernetes_sd_configs?: object[] }[] };
  for (const { kubernetes_sd_configs: discoveries } of config.scrape_configs) for (const discovery of discoveries ?? []) Object.assign(discovery, { kubeconfig_file: kubeConfig });
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  const [port] = await freePorts(1);
  const given = argsOf(objectOf(observed, 'StatefulSet')).filter((arg) => !/^--(config\.file|storage\.tsdb\.path|web\.listen-address)=/.test(arg));
  run(tools.path('prometheus'), [...given, `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error']);

  interface Target { readonly scrapeUrl: string; readonly labels: Readonly<Record<string, string>> }
  const found = async () => (JSON.parse(await text(`http://127.0.0.1:${port}/api/v1/targets?state=active`)) as { data: { activeTargets: Target[] } }).data.activeTargets;
  const pods = (await plane.api.list('v1', 'Pod')).filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.phase === 'Running');
  const [node] = await plane.api.list('v1', 'Node');
  const { addresses, daemonEndpoints } = node!.status as { addresses: { type: string; address: string }[]; daemonEndpoints: { kubeletEndpoint: { Port: number } } };
  const kubelet = `${addresses.find(({ type }) => type === 'InternalIP')!.address}:${daemonEndpoints.kubeletEndpoint.Port}`; // as the node tells; KWOK's have none
  const podTarget = (job: string, namespaceOf: string): Target => {
    const [pod, ...more] = pods.filter(({ metadata }) => metadata.namespace === namespaceOf);
    expect(more).toEqual([]);
    const at = `${pod!.status.podIP}:8080`;
    return { scrapeUrl: `http://${at}/metrics`, labels: { job, instance: at, namespace: namespaceOf, pod: pod!.metadata.name } };
  };
  const expected: Target[] = [
    podTarget('about-others', 'observability'),
    { scrapeUrl: `https://${kubelet}/metrics/cadvisor`, labels: { job: 'cadvisor', instance: 'node-a' } },
    podTarget('pods', 'catalog'),
  ];
  await vi.waitFor(async () => {
    const targets = (await found()).filter(({ labels }) => labels.job !== 'prometheus').map(({ scrapeUrl, labels }) => ({ scrapeUrl, labels }));
    expect(targets.sort((a, b) => (a.labels.job! < b.labels.job! ? -1 : 1))).toEqual(expected);
  }, { timeout: 60_000, interval: 500 });
}, 120_000);
