import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { catalogue, Environment, environment as environmentOf, environments } from '../../config';
import { factsOf } from '../../config/facts';
import { BootstrapStack } from '../../stacks/bootstrap/bootstrap-stack';
import { RootObject, rootObjects } from '../../stacks/bootstrap/root-objects';
import { Block, only, resources, synthStack } from '../support/synth-stack';
import { stackOf } from './support';

/** Every environment, and production with everything AWS has to keep and show metrics. */
const EVERY = [...environments(), { ...environmentOf('prod'), observability: { managedPrometheus: true, managedGrafana: true } }];
const synth = (environment: Environment) => synthStack((app) => new BootstrapStack(app, environment, rootObjects('dist', environment.name)));

describe.each(EVERY.map((environment) => ({ environment, name: environment.name, metered: environment.observability.managedPrometheus })))('the bootstrap of $name (metered by AWS: $metered)', ({ environment }) => {
  const json = synth(environment);
  const release = (name: string) => only(json, 'helm_release', { name });
  const valuesOf = (name: string) => JSON.parse(release(name).values[0]) as Block;

  it('finds the cluster another apply made and asks for a token when it needs one', () => {
    expect(Object.values(json.data.aws_eks_cluster!).map((cluster) => cluster.name)).toEqual([`tideline-${environment.name}`]);
    const exec = { api_version: 'client.authentication.k8s.io/v1beta1', command: 'aws', args: expect.arrayContaining(['eks', 'get-token', environment.region]) };
    expect(json.provider.helm![0]!.kubernetes).toEqual({
      host: '${data.aws_eks_cluster.cluster.endpoint}', cluster_ca_certificate: '${base64decode(data.aws_eks_cluster.cluster.certificate_authority[0].data)}', exec,
    });
    expect(json.provider.kubernetes![0]!.exec).toEqual([exec]);
  });

  it('installs the Argo CD of the catalogue', () => {
    expect(release('argocd')).toMatchObject({ repository: catalogue.argocd.helm.repository, chart: 'argo-cd', version: catalogue.argocd.helm.chartVersion, wait: true, atomic: true });
    expect(valuesOf('argocd').global.image).toEqual({ repository: 'quay.io/argoproj/argocd', tag: `v${catalogue.argocd.version}` });
  });

  it('lets sync waves of the root wait for Applications', () => {
    expect(valuesOf('argocd').configs.cm['resource.customizations.health.argoproj.io_Application']).toContain('obj.status.health.status');
  });

  it('runs two replicas where the network survives the loss of a zone', () => {
    const replicas = environment.network.nat === 'per-zone' ? 2 : 1;
    for (const part of ['server', 'repoServer', 'applicationSet']) expect(valuesOf('argocd')[part].replicas).toBe(replicas);
    expect(valuesOf('argocd').server.pdb).toEqual(replicas === 2 ? { enabled: true, minAvailable: 1 } : undefined);
  });

  it('asks for CPU and memory for everything that runs', () => {
    for (const part of ['controller', 'server', 'repoServer', 'applicationSet', 'redis']) {
      expect(valuesOf('argocd')[part].resources).toMatchObject({ requests: { cpu: expect.any(String), memory: expect.any(String) }, limits: { memory: expect.any(String) } });
    }
  });

  it('applies the committed root objects unchanged: project, then Application, after Argo CD and the facts', () => {
    const committed = parseAllDocuments(readFileSync(join('dist', environment.name, 'root.yaml'), 'utf8')).map((document) => document.toJS());
    expect([valuesOf(`appproject-${environment.name}`).object, valuesOf(`application-${environment.name}-root`).object]).toEqual(committed);
    expect(release(`appproject-${environment.name}`).depends_on).toEqual(['helm_release.argocd', 'kubernetes_secret_v1.facts']);
    expect(release(`application-${environment.name}-root`).depends_on).toEqual([`helm_release.appproject-${environment.name}`]);
    expect(resources(json, 'kubernetes_manifest')).toEqual([]);
  });

  it('publishes what generators choose clusters by as labels, and what they fill in as annotations', () => {
    const { metadata } = only(json, 'kubernetes_secret_v1');
    expect(metadata.labels).toMatchObject({
      'argocd.argoproj.io/secret-type': 'cluster', 'tideline.dev/environment': environment.name, 'tideline.dev/region': environment.region,
      'tideline.dev/node-provisioner': environment.nodeProvisioner, 'tideline.dev/postgres': 'enabled',
    });
    const facts = factsOf(environment);
    expect(metadata.annotations).toMatchObject({
      'tideline.dev/account': environment.account, 'tideline.dev/registry': environment.images.repository, 'tideline.dev/alert-topic-arn': facts.alerts.topicArn,
      'tideline.dev/billing-bucket': facts.billing.bucket, 'tideline.dev/interruption-queue': facts.interruptions.queue, 'tideline.dev/node-role': facts.provisioner.nodeRole,
      'tideline.dev/vpc-id': '${data.aws_eks_cluster.cluster.vpc_config[0].vpc_id}', 'tideline.dev/cluster-endpoint': '${data.aws_eks_cluster.cluster.endpoint}',
      'tideline.dev/oidc-issuer': '${data.aws_eks_cluster.cluster.identity[0].oidc[0].issuer}', 'tideline.dev/zones': facts.network.zones.join(','),
      'tideline.dev/private-subnet-ids': expect.stringMatching(/^\$\{join\(",", data\.aws_subnets\..*private.*\.ids\)\}$/),
      'tideline.dev/database-secret-arn': expect.stringMatching(/^\$\{data\.aws_db_instance\..*\.master_user_secret\[0\]\.secret_arn\}$/),
      'tideline.dev/cache-host': expect.stringMatching(/^\$\{data\.aws_elasticache_replication_group\..*\.primary_endpoint_address\}$/),
    });
    expect('tideline.dev/prometheus-endpoint' in metadata.annotations).toBe(environment.observability.managedPrometheus);
  });

  it('takes as labels only what Kubernetes takes: decided, short, of few characters', () => {
    for (const value of Object.values(only(json, 'kubernetes_secret_v1').metadata.labels as Record<string, string>)) expect(value).toMatch(/^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/);
  });

  it('runs Argo CD where nodes are before a provisioner starts any, and after it ended the last', () => {
    const pools = resources(stackOf(environment.name, 'cluster'), 'aws_eks_node_group').map((each) => each.labels as Record<string, string>);
    expect(pools).toContainEqual(expect.objectContaining(valuesOf('argocd').global.nodeSelector as Record<string, string>));
  });

  it('lets nobody log in, and keeps definitions, and with them Applications, when Argo CD goes', () => {
    const { configs, crds, server, global } = valuesOf('argocd');
    expect(configs.cm).toMatchObject({ 'admin.enabled': 'false', 'users.anonymous.enabled': 'false', 'exec.enabled': 'false' });
    expect(configs.rbac).toEqual({ 'policy.default': 'role:readonly', 'policy.csv': '' });
    expect(configs.params).toMatchObject({ 'server.insecure': false, 'server.disable.auth': false });
    expect(crds).toEqual({ install: true, keep: true });
    expect([server.service.type, server.ingress.enabled, global.networkPolicy]).toEqual(['ClusterIP', false, { create: true, defaultDenyIngress: true }]);
  });

  it('does not watch what controllers write by themselves, and watches everything that Git holds', () => {
    const excluded = parse(valuesOf('argocd').configs.cm['resource.exclusions'] as string) as { apiGroups: string[]; kinds: string[] }[];
    expect(excluded).toContainEqual({ apiGroups: ['coordination.k8s.io'], kinds: ['Lease'], clusters: ['*'] });
    const isExcluded = (group: string, kind: string) => excluded.some((each) => each.apiGroups.includes(group) && (each.kinds.includes(kind) || each.kinds.includes('*')));
    const folder = join('dist', environment.name);
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.yaml'))) {
      for (const document of parseAllDocuments(readFileSync(join(folder, path), 'utf8'))) {
        const { apiVersion, kind } = document.toJS() as RootObject;
        expect(isExcluded(apiVersion.includes('/') ? apiVersion.split('/')[0]! : '', kind), `${path}: ${kind}`).toBe(false);
      }
    }
  });

  it('holds no secret: nothing in the Secret but a name and an address, and no credential anywhere', () => {
    expect(only(json, 'kubernetes_secret_v1').data).toEqual({ name: 'in-cluster', server: 'https://kubernetes.default.svc' });
    const keys: string[] = [];
    JSON.stringify(json, (key, value) => (keys.push(key), value));
    for (const values of resources(json, 'helm_release').map((each) => each.values[0])) JSON.parse(values, (key, value) => (keys.push(key), value));
    expect(keys).toContain('exec');
    expect(keys.filter((key) => /password|token|secret_?key|client_?key|private_?key|set_sensitive/i.test(key))).toEqual([]);
  });
});

describe('the facts of a cluster', () => {
  it('are documented, each with its kind, and nothing else is', () => {
    const published = EVERY.map((environment) => only(synth(environment), 'kubernetes_secret_v1').metadata as { labels: object; annotations: object });
    const keys = (kind: 'labels' | 'annotations') => published.flatMap((metadata) => Object.keys(metadata[kind])).filter((key) => key.startsWith('tideline.dev/')).map((key) => key.split('/')[1]!);
    const ownership = ['owner', 'environment', 'cost-centre'];
    const expected = new Set([...keys('labels').filter((key) => !ownership.includes(key)).map((key) => `${key} label`), ...keys('annotations').map((key) => `${key} annotation`)]);
    const documented = [...readFileSync('docs/aws.md', 'utf8').matchAll(/^\| `([a-z-]+)` \| (label|annotation) \|/gm)].map(([, key, kind]) => `${key} ${kind}`);
    expect(documented.sort()).toEqual([...expected].sort());
  });
});

describe('a root object with an expression of its own', () => {
  it('reaches the cluster as written', () => {
    const root: RootObject[] = [{ apiVersion: 'v1', kind: 'AppProject', metadata: { name: 'x', namespace: '${HOME} %{ if true }' } }];
    const json = synthStack((app) => new BootstrapStack(app, environmentOf('dev'), root));
    expect(only(json, 'helm_release', { name: 'appproject-x' }).values[0]).toContain('"namespace":"$${HOME} %%{ if true }"');
  });
});

describe('root objects', () => {
  let dist: string;
  beforeEach(() => {
    dist = mkdtempSync(join(tmpdir(), 'tideline-dist-'));
    mkdirSync(join(dist, 'dev'));
  });
  afterEach(() => rmSync(dist, { recursive: true, force: true }));

  it('are asked for when missing', () => {
    expect(() => rootObjects(dist, 'dev')).toThrow(/dev\/root.yaml\] got: no such file; .*do: run npx projen update:manifests/);
  });

  it.each([['kind: Application', '["Application"]'], ['', '[]'], ['kind: Application\n---\nkind: AppProject', '["Application","AppProject"]']])('are refused if they are %j', (text, got) => {
    writeFileSync(join(dist, 'dev', 'root.yaml'), text);
    expect(() => rootObjects(dist, 'dev')).toThrow(`got: ${got}; allowed: an AppProject, then the Application that belongs to it`);
  });
});
