import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { catalogue, environment as environmentOf, environments } from '../../config';
import { BootstrapStack } from '../../stacks/bootstrap/bootstrap-stack';
import { RootObject, rootObjects } from '../../stacks/bootstrap/root-objects';
import { Block, only, resources, synthStack } from '../support/synth-stack';
import { stackOf } from './support';

describe.each(environments().map((environment) => ({ environment, name: environment.name })))('the bootstrap of $name', ({ environment }) => {
  const json = stackOf(environment.name, 'bootstrap');
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

  it('publishes discovered facts as metadata', () => {
    const { metadata } = only(json, 'kubernetes_secret_v1');
    expect(metadata.labels).toMatchObject({ 'argocd.argoproj.io/secret-type': 'cluster', 'tideline.dev/environment': environment.name });
    expect(metadata.annotations).toMatchObject({
      'tideline.dev/account': environment.account, 'tideline.dev/region': environment.region,
      'tideline.dev/vpc-id': '${data.aws_eks_cluster.cluster.vpc_config[0].vpc_id}', 'tideline.dev/cluster-endpoint': '${data.aws_eks_cluster.cluster.endpoint}',
    });
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
