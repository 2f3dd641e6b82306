import { describe, expect, test } from 'vitest';
import { check, Rule, rules, verifyAll } from '../../verify';
import type { Check as ReportCheck } from '../../rehearsal/report/schema';
import { application, changed, DIGEST, expectOne, healthy, Loose, place, run, stack, without } from './support';

describe('every rule', () => {
  test('is listed once, under the name of its file', () => {
    expect(rules.map(({ id }) => id)).toMatchInlineSnapshot(`
      [
        "ordering",
        "single-writer",
        "references",
        "applications",
        "namespaces",
        "hardening",
        "ownership",
        "images",
        "secrets",
        "secret-taint",
        "provider-wiring",
        "exemptions",
      ]
    `);
  });

  test('passes or does not apply for a healthy service', () => {
    const statuses = Object.fromEntries(verifyAll({ objects: healthy(), stacks: [] }).map(({ id, status }) => [id, status]));
    expect(statuses).toEqual({
      ...Object.fromEntries(rules.map(({ id }) => [id, 'pass'])), 'secret-taint': 'not-applicable', 'provider-wiring': 'not-applicable', exemptions: 'not-applicable',
    });
  });

  test.each(rules.map(({ id }) => [id]))('%s does not apply to nothing', (id) => {
    expect(run(id, [])).toMatchObject({ status: 'not-applicable', applied: 0, findings: [] });
  });

  test('fills a check of the report', () => {
    const checks: readonly ReportCheck[] = verifyAll({ objects: healthy(), stacks: [] }); // the compiler proves it
    expect(checks).toHaveLength(rules.length);
    // The report's schema takes no field that it does not know.
    for (const each of checks) expect(Object.keys(each)).toEqual(['id', 'title', 'status', 'applied', 'findings']);
  });

  const throwing: Rule = { id: 'broken', title: 'it holds', prove: () => { throw new Error('no spec'); } };
  test('that throws is a finding, never a pass', () => {
    expectOne(check(throwing, { objects: healthy(), stacks: [] }), 'verify/broken.ts', 'no spec');
  });

  test('that stumbles over an object says so', () => {
    expectOne(run('hardening', [place({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'bare', namespace: 'web' } })]), 'verify/hardening.ts', 'the rule itself failed');
  });

  test('is open, never a pass, where a fact is not settled', () => {
    const open: Rule = { id: 'unsure', title: 'it holds', prove: () => ({ applied: 1, findings: [], open: [{ where: 'a', got: 'b', allowed: 'c', do: 'd' }] }) };
    expect(check(open, { objects: [], stacks: [] })).toMatchObject({ status: 'open', findings: [{ where: 'a' }] });
  });
});

describe('applications', () => {
  test('leaves alone what an environment starts from: nobody is to sync it', () => {
    expect(run('applications', [...healthy(), place({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'first', namespace: 'web' } }, { application: 'bootstrap/first', wave: -3 })])).toMatchObject({ status: 'pass', applied: 6 });
  });

  test('counts folders and Applications', () => {
    expect(run('applications', healthy())).toMatchObject({ status: 'pass', applied: 6 });
  });

  test('a folder that nobody syncs', () => {
    const objects = [...healthy(), place({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'web' } }, { application: 'orphan' })];
    expectOne(run('applications', objects), 'dev/orphan', 'no Application syncs it');
  });

  test('a folder that two sync', () => {
    const twice = application('again', 1, (each) => { each.spec.source.path = 'dist/dev/web'; });
    expectOne(run('applications', [...healthy(), place(twice, { application: 'delivery', wave: -1 })]), 'dev/web', 'Applications web, again sync it');
  });

  test('an Application whose folder is not there', () => {
    expectOne(run('applications', [...healthy(), place(application('gone', 1), { application: 'delivery' })]), 'dev: Application argocd/gone', 'dist/dev/gone, which holds nothing');
  });

  test.each(['HEAD', ''])('an Application at revision "%s"', (revision) => {
    expectOne(run('applications', changed('Application web', (each) => { each.spec.source.targetRevision = revision; })), 'dev: Application argocd/web', 'no fixed revision');
  });

  test('a folder of another repository is its own business', () => {
    const upstream = application('upstream', 1, (each) => { each.spec.source = { repoURL: 'https://github.com/example/upstream.git', path: 'config/crd', targetRevision: 'v1.0.0' }; });
    expect(run('applications', [...healthy(), place(upstream, { application: 'delivery' })]).status).toBe('pass');
  });
});

describe('namespaces', () => {
  test('applies to every object', () => {
    expect(run('namespaces', healthy())).toMatchObject({ status: 'pass', applied: healthy().length });
  });

  test.each<[string, string, () => ReturnType<typeof healthy>]>([
    ['no namespace', 'dev: Service web', () => changed('Service', (each) => { delete each.metadata.namespace; })],
    ['the namespace default', 'dev: Service default/web', () => changed('Service', (each) => { each.metadata.namespace = 'default'; })],
    ['belongs to the whole cluster', 'dev: Namespace web/web', () => changed('Namespace', (each) => { each.metadata.namespace = 'web'; })],
    ['enforce: baseline', 'dev: Namespace web', () => changed('Namespace', (each) => { each.metadata.labels['pod-security.kubernetes.io/enforce'] = 'baseline'; })],
    ['enforce: none', 'dev: Namespace web', () => changed('Namespace', (each) => { delete each.metadata.labels; })],
    ['denies egress', 'dev: Namespace web', () => changed('NetworkPolicy default-deny', (each) => { delete each.spec.policyTypes; })],
    ['denies ingress', 'dev: Namespace web', () => changed('NetworkPolicy default-deny', (each) => { each.spec.policyTypes = ['Egress']; })],
  ])('%s', (words, where, objects) => {
    const result = run('namespaces', objects());
    expect(result.findings).toHaveLength(1);
    expect(result.status).toBe('fail');
    expect(`${result.findings[0]!.got} ${result.findings[0]!.allowed}`).toContain(words);
    expect(result.findings[0]!.where).toBe(where);
  });

  test('no default deny leaves both ways open', () => {
    expect(run('namespaces', without('NetworkPolicy default-deny')).findings).toHaveLength(2);
  });

  test('a custom kind belongs to the cluster if its definition says so', () => {
    const definition = (scope: string): Loose => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'policies.example.com' }, spec: { group: 'example.com', scope, names: { kind: 'Policy' } } });
    const policy = place({ apiVersion: 'example.com/v1', kind: 'Policy', metadata: { name: 'strict' } });
    expect(run('namespaces', [place(definition('Cluster')), policy]).status).toBe('pass');
    expectOne(run('namespaces', [place(definition('Namespaced')), policy]), 'dev: Policy strict', 'no namespace');
  });
});

describe('ownership', () => {
  test('applies to workloads and namespaces', () => {
    expect(run('ownership', healthy())).toMatchObject({ status: 'pass', applied: 2 });
  });

  test.each(['owner', 'environment', 'cost-centre'])('a workload without %s, and pods without it', (label) => {
    expectOne(run('ownership', changed('Deployment', (each) => { delete each.metadata.labels[`tideline.dev/${label}`]; })), 'dev: Deployment web/web', `the object without tideline.dev/${label}`);
    expectOne(run('ownership', changed('Deployment', (each) => { delete each.spec.template.metadata.labels[`tideline.dev/${label}`]; })), 'dev: Deployment web/web', `its pods without tideline.dev/${label}`);
  });

  test('a label that names another environment', () => {
    expectOne(run('ownership', changed('Namespace', (each) => { each.metadata.labels['tideline.dev/environment'] = 'prod'; })), 'dev: Namespace web', 'labelled environment prod');
  });
});

describe('images', () => {
  const image = (value: string | undefined) => changed('Deployment', (each) => { each.spec.template.spec.containers[0].image = value; });

  test('passes for a digest, having looked', () => {
    expect(run('images', healthy())).toMatchObject({ status: 'pass', applied: 1 });
    expect(run('images', image(`registry.example:5000/web@${DIGEST}`)).status).toBe('pass');
  });

  test('is open for a tag without a digest', () => {
    const result = run('images', image('registry.example/web:1.0.0'));
    expect(result.status).toBe('open');
    expect(result.findings).toEqual([expect.objectContaining({ where: 'dev: Deployment web/web, container web', got: 'registry.example/web:1.0.0, whose digest is not known' })]);
  });

  test.each(['registry.example/web:latest', 'registry.example/web', 'registry.example:5000/web', undefined])('fails for %s', (value) => {
    expectOne(run('images', image(value)), 'dev: Deployment web/web, container web', value ?? 'no image');
  });

  test('looks at init containers too', () => {
    const objects = changed('Deployment', (each) => { each.spec.template.spec.initContainers = [{ name: 'migrate', image: 'registry.example/migrate:latest' }]; });
    expectOne(run('images', objects), 'dev: Deployment web/web, container migrate', 'registry.example/migrate:latest');
  });

  test('a digest that is none is not taken for one', () => {
    expect(run('images', image('registry.example/web:1.0.0@sha256:unpinned')).status).not.toBe('pass');
  });

  test('looks into the values of Helm releases', () => {
    const release = (values: Loose) => stack({ resource: { helm_release: { argocd: { values: [JSON.stringify(values)] } } } });
    expect(run('images', [], [release({ global: { image: { repository: 'quay.example/argocd', tag: 'v3' } } })])).toMatchObject({ status: 'open', applied: 1 });
    expect(run('images', [], [release({ image: { repository: 'quay.example/argocd', tag: 'v3', digest: DIGEST } })])).toMatchObject({ status: 'pass', applied: 1 });
    expectOne(run('images', [], [release({ image: { repository: 'quay.example/argocd' } })]), 'stack dev-cluster helm_release.argocd image', 'quay.example/argocd');
  });
});

describe('exemptions', () => {
  const annotated = (annotations: Loose) => changed('Deployment', (each) => { each.metadata.annotations = annotations; });

  test('passes for a rule and for a part, with reasons', () => {
    expect(run('exemptions', annotated({ 'verify.tideline.dev/exempt-ordering': 'why', 'verify.tideline.dev/exempt-probes': 'why' }))).toMatchObject({ status: 'pass', applied: 2 });
  });

  test('fails without a reason', () => {
    expectOne(run('exemptions', annotated({ 'verify.tideline.dev/exempt-probes': ' ' })), 'dev: Deployment web/web', 'without a reason');
  });

  test('fails for a name that no rule has', () => {
    expectOne(run('exemptions', annotated({ 'verify.tideline.dev/exempt-probe': 'why' })), 'dev: Deployment web/web', 'exempt-probe');
  });

  test('lets one object off a whole rule, and shows the reason', () => {
    const objects = changed('Namespace', (each) => {
      each.metadata.labels['pod-security.kubernetes.io/enforce'] = 'privileged';
      each.metadata.annotations = { 'verify.tideline.dev/exempt-namespaces': 'it holds the node agent' };
    });
    expect(run('namespaces', objects)).toMatchObject({ status: 'pass', exempted: [{ where: 'dev: Namespace web', reason: 'it holds the node agent' }] });
  });
});

describe('provider-wiring', () => {
  const wired = (json: Loose) => run('provider-wiring', [], [stack(json)]);
  const cluster = { aws_eks_cluster: { main: { name: 'x' } } };

  test('passes for decided values and lookups of what another apply made', () => {
    const data = { aws_eks_cluster: { main: { name: 'x' } } };
    const provider = { aws: [{ region: 'eu-west-1' }], kubernetes: [{ host: '${data.aws_eks_cluster.main.endpoint}' }] };
    expect(wired({ provider, data, resource: { aws_vpc: { main: {} } } })).toMatchObject({ status: 'pass', applied: 2 });
  });

  test.each<[string, Loose, string]>([
    ['directly', { provider: { kubernetes: [{ host: '${aws_eks_cluster.main.endpoint}' }] } }, 'aws_eks_cluster.main'],
    ['within an expression', { provider: { helm: [{ kubernetes: { ca: '${base64decode(aws_eks_cluster.main.certificate_authority[0].data)}' } }] } }, 'aws_eks_cluster.main'],
    ['through a local', { provider: { kubernetes: [{ host: '${local.host}' }] }, locals: { host: '${aws_eks_cluster.main.endpoint}' } }, 'local.host, which needs aws_eks_cluster.main'],
    ['through a lookup of it', { provider: { kubernetes: [{ token: '${data.aws_eks_cluster_auth.main.token}' }] }, data: { aws_eks_cluster_auth: { main: { name: '${aws_eks_cluster.main.name}' } } } }, 'data.aws_eks_cluster_auth.main, which needs aws_eks_cluster.main'],
    ['through a lookup that waits for it', { provider: { kubernetes: [{ host: '${data.aws_eks_cluster.main.endpoint}' }] }, data: { aws_eks_cluster: { main: { name: 'x', depends_on: ['aws_eks_cluster.main'] } } } }, 'data.aws_eks_cluster.main, which needs aws_eks_cluster.main'],
  ])('fails for a resource of the same apply, %s', (_, json, chain) => {
    expectOne(wired({ ...json, resource: cluster }), 'stack dev-cluster provider.', `configured from ${chain}`);
  });
});
