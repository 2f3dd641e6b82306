import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { Manifest } from '../../../components';
import { catalogue } from '../../../config';
import { containerRules, recordingRules } from '../../../forecaster/contract';
import { ensureTools, PROMETHEUS_PROGRAMS, Toolbox } from '../../../rehearsal/tools';
import { objectOf } from '../../support/synth';
import { names, objectsOf } from '../manifests';

const ROOT = resolve(__dirname, '../../..');
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const RULES = '/etc/prometheus/rules';
const GO = spawnSync('go', ['version']).status === 0;

let folder: string;
let tools: Toolbox;
beforeAll(async () => {
  tools = await ensureTools({ programs: PROMETHEUS_PROGRAMS }); // on a fresh machine this builds them
  folder = mkdtempSync(join(tmpdir(), 'tideline-promtool-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What promtool says, and whether it was content. */
function promtool(...args: readonly string[]): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(tools.path('promtool'), args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { ok: status === 0, output: `${stdout}${stderr}` };
}

const rulesOf = (name: string): string => objectOf(objectsOf(name, 'observability/'), 'ConfigMap', 'tideline-rules').data['rules.yaml'];

/** The files as the pod finds them, below a folder. */
function layOut(name: string, spoil: (config: string) => string = (config) => config): string {
  const root = mkdtempSync(join(folder, `${name}-`));
  for (const path of [ACCOUNT, RULES]) mkdirSync(join(root, path), { recursive: true });
  for (const file of ['token', 'ca.crt']) writeFileSync(join(root, ACCOUNT, file), 'stands for what the kubelet mounts\n');
  const config: string = objectOf(objectsOf(name, 'prometheus/'), 'ConfigMap').data['prometheus.yml'];
  writeFileSync(join(root, 'prometheus.yml'), spoil(config).replaceAll(ACCOUNT, join(root, ACCOUNT)).replaceAll(RULES, join(root, RULES)));
  writeFileSync(join(root, RULES, 'rules.yaml'), rulesOf(name));
  return root;
}

describe.each(names)('promtool on what %s gets', (name) => {
  it('finds nothing wrong with the configuration and the rules', () => {
    const { ok, output } = promtool('check', 'config', join(layOut(name), 'prometheus.yml'));
    expect(output).toMatch(/SUCCESS: .*prometheus\.yml is valid/);
    expect(output).toContain(`SUCCESS: ${Object.keys(recordingRules).length + Object.keys(containerRules).length} rules found`);
    expect(ok).toBe(true);
  });

  it('would find a field that Prometheus does not have, and an expression it cannot read', () => {
    expect(promtool('check', 'config', join(layOut(name, (config) => config.replace('sample_limit', 'samples_limit')), 'prometheus.yml'))).toMatchObject({ ok: false, output: expect.stringContaining('field samples_limit not found') });
    const root = layOut(name);
    writeFileSync(join(root, RULES, 'rules.yaml'), rulesOf(name).replace('rate(', 'rat('));
    expect(promtool('check', 'rules', join(root, RULES, 'rules.yaml'))).toMatchObject({ ok: false, output: expect.stringContaining('unknown function') });
  });
});

describe('the recording rules, computed by Prometheus itself', () => {
  const pod = (name: string, app = 'catalog', namespace = 'catalog') => ({
    labels: `kube_pod_labels{namespace="${namespace}",pod="${name}",uid="${name}",label_app_kubernetes_io_name="${app}",label_app_kubernetes_io_part_of="tideline"}`,
    request: `kube_pod_container_resource_requests{namespace="${namespace}",pod="${name}",uid="${name}",container="${app}",node="n",resource="cpu",unit="core"}`,
    limit: `kube_pod_container_resource_limits{namespace="${namespace}",pod="${name}",uid="${name}",container="${app}",node="n",resource="memory",unit="byte"}`,
    ready: (condition: string) => `kube_pod_status_ready{namespace="${namespace}",pod="${name}",uid="${name}",condition="${condition}"}`,
    cpu: (id: string) => `container_cpu_usage_seconds_total{job="cadvisor",instance="n",namespace="${namespace}",pod="${name}",container="${app}",cpu="total",name="${id}"}`,
    memory: (id: string) => `container_memory_working_set_bytes{job="cadvisor",instance="n",namespace="${namespace}",pod="${name}",container="${app}",name="${id}"}`,
    requests: (route: string) => `http_request_duration_seconds_count{job="pods",instance="${name}",namespace="${namespace}",pod="${name}",route="${route}"}`,
    bucket: (le: string) => `http_request_duration_seconds_bucket{job="pods",instance="${name}",namespace="${namespace}",pod="${name}",route="/",le="${le}"}`,
  });
  const [a, b, stranger] = [pod('catalog-a'), pod('catalog-b'), pod('shop-a', 'shop', 'shop')];
  const steady = (series: string, value: number) => ({ series, values: `${value}x20` });
  const rising = (series: string, perStep: number) => ({ series, values: `0+${perStep}x20` });
  const series = [
    ...[a, b].flatMap((each) => [
      steady(each.labels, 1), steady(each.request, 0.5), steady(each.limit, 400), steady(each.ready('true'), each === a ? 1 : 0), steady(each.ready('false'), each === a ? 0 : 1),
      rising(each.cpu('1'), 3), steady(each.memory('1'), 100), rising(each.requests('/'), 30), rising(each.requests('/products'), 15), rising(each.bucket('0.1'), 27), rising(each.bucket('0.2'), 30), rising(each.bucket('+Inf'), 30),
    ]),
    steady(a.memory('0'), 40), // the container before the last restart, which cAdvisor still knows
    steady(stranger.labels.replace('part_of="tideline"', 'part_of="else"'), 1), rising(stranger.requests('/'), 300), steady(stranger.memory('1'), 1e6),
  ];
  const of = (record: string) => ({ labels: `${record}{namespace="catalog",service="catalog"}` });
  const expected: Readonly<Record<string, readonly { readonly labels: string; readonly value: number }[]>> = {
    [recordingRules.requests]: [{ ...of(recordingRules.requests), value: 6 }],
    [recordingRules.latency]: [{ ...of(recordingRules.latency), value: 0.15 }],
    [recordingRules.cpu]: [{ ...of(recordingRules.cpu), value: 0.4 }],
    [recordingRules.memory]: [{ ...of(recordingRules.memory), value: 240 }],
    [recordingRules.replicas]: [{ ...of(recordingRules.replicas), value: 1 }],
    [containerRules.workingSet]: ['catalog-a', 'catalog-b'].map((name) => ({ labels: `${containerRules.workingSet}{namespace="catalog",service="catalog",pod="${name}",container="catalog"}`, value: 100 })),
    [containerRules.limit]: ['catalog-a', 'catalog-b'].map((name) => ({ labels: `${containerRules.limit}{namespace="catalog",service="catalog",pod="${name}",container="catalog"}`, value: 400 })),
  };
  /** @param change what is done to each expected value */
  const outcome = (change: (value: number) => number = (value) => value) => {
    writeFileSync(join(folder, 'rules.yaml'), rulesOf('dev'));
    writeFileSync(join(folder, 'test.yaml'), stringify({
      rule_files: ['rules.yaml'], evaluation_interval: '15s', fuzzy_compare: true,
      tests: [{
        interval: '15s', input_series: series,
        promql_expr_test: Object.entries(expected).map(([record, samples]) => ({ expr: record, eval_time: '4m', exp_samples: samples.map(({ labels, value }) => ({ labels, value: change(value) })) })),
      }],
    }));
    return promtool('test', 'rules', 'test.yaml');
  };

  it('are what the names promise: of services of ours, by service and by container', () => {
    const { ok, output } = outcome();
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });

  it('are compared with numbers: others do not pass', () => {
    expect(outcome((value) => value * 1.01)).toMatchObject({ ok: false, output: expect.stringContaining('FAILED') });
  });
});

describe('Prometheus as it is built', () => {
  it('knows every flag that it is given', () => {
    const { stdout } = spawnSync(tools.path('prometheus'), ['--help'], { encoding: 'utf8', timeout: 60_000 });
    const known = [...stdout.matchAll(/^\s+(?:-\w, )?--(?:\[no-\])?([\w.-]+)/gm)].map((match) => match[1]!);
    const given = (objectOf(objectsOf('dev', 'prometheus/'), 'StatefulSet').spec.template.spec.containers[0].args as string[]).map((arg) => /^--([^=]+)/.exec(arg)![1]!);
    expect(given.length).toBeGreaterThan(5);
    expect(known).not.toContain('no-such-flag');
    expect(known).toEqual(expect.arrayContaining(given));
  });

  it('is the catalogued release', () => {
    const { stdout } = spawnSync(tools.path('prometheus'), ['--version'], { encoding: 'utf8', timeout: 60_000 });
    expect(stdout).toContain(`version ${catalogue.prometheus.version}`);
  });

  it.runIf(GO)('may do a part of what upstream\'s own example asks for, which the Go module holds', () => {
    const { Dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', 'github.com/prometheus/prometheus'], { cwd: join(ROOT, 'tools/prometheus'), encoding: 'utf8' })) as { Dir: string };
    const theirs = parseAllDocuments(readFileSync(join(Dir, 'documentation/examples/rbac-setup.yml'), 'utf8')).map((document) => document.toJS() as Manifest);
    const permissions = (role: Manifest) => (role.rules as { apiGroups?: string[]; resources?: string[]; verbs: string[] }[])
      .flatMap(({ apiGroups = [], resources = [], verbs }) => apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`))));
    const ours = permissions(objectOf(objectsOf('dev', 'prometheus/'), 'ClusterRole'));
    expect(ours.length).toBeGreaterThan(4);
    expect(permissions(objectOf(theirs, 'ClusterRole'))).toEqual(expect.arrayContaining(ours));
  });
});
