import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { buildCatalogService, CatalogService } from '../../../apps/catalog/app';
import { contract } from '../../../apps/catalog/contract';
import { catalogSettings } from '../../../apps/catalog/settings';
import { synthesize } from '../../../charts/synthesize';
import { environment } from '../../../config';
import { ForecastMetric, recordingRules } from '../../../forecaster/contract';

vi.setConfig({ hookTimeout: 120_000 }); // an embedded database takes seconds to start on a small machine

const file = parse(synthesize([environment('dev')]).get('dev/observability/configmap-tideline-rules.yaml')!);
const rules = parse(file.data['rules.yaml']).groups[0].rules as { record: string; expr: string }[];
const exprOf = (metric: ForecastMetric) => rules.find((rule) => rule.record === recordingRules[metric])!.expr;

/** What PromQL calls with parentheses; the lists after `by` and `on` are labels. */
const FUNCTIONS = ['histogram_quantile', 'label_replace', 'max', 'rate', 'sum'];
const KEYWORDS = ['by', 'on', 'group_left'];

interface Parts { readonly calls: string[]; readonly metrics: string[] }

/** Names in an expression: of what is called, and of what is selected. @throws when its brackets do not match */
function partsOf(expr: string): Parts {
  const open: string[] = [];
  const bare = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  for (const sign of bare) {
    if ('([{'.includes(sign)) open.push(sign);
    else if (')]}'.includes(sign) && open.pop() !== '([{'[')]}'.indexOf(sign)]) throw new Error(`a bracket that nothing opened in ${expr}`);
  }
  if (open.length > 0) throw new Error(`a bracket that nothing closes in ${expr}`);
  const selected = bare.replace(/\b(?:by|on|group_left) \([^)]*\)/g, '').replace(/\{[^}]*\}/g, '').replace(/\[[^\]]*\]/g, '');
  return {
    calls: [...bare.matchAll(/([a-z_]+) ?\(/g)].map((match) => match[1]!),
    metrics: [...selected.matchAll(/\b[a-z_][a-z0-9_]*\b(?! ?\()/g)].map((match) => match[0]).filter((name) => !FUNCTIONS.includes(name)),
  };
}

describe('the expressions of the recording rules', () => {
  it.each(rules.map(({ record, expr }) => [record, expr] as const))('close every bracket and call what PromQL has: %s', (_, expr) => {
    const { calls, metrics } = partsOf(expr);
    expect(calls.filter((name) => ![...FUNCTIONS, ...KEYWORDS].includes(name))).toEqual([]);
    expect(metrics.length).toBeGreaterThan(1);
  });

  it('read what the platform collects: our own histogram, cAdvisor and kube-state-metrics', () => {
    const metrics = rules.flatMap(({ expr }) => partsOf(expr).metrics);
    expect([...new Set(metrics)].sort()).toEqual([
      'container_cpu_usage_seconds_total', 'container_memory_working_set_bytes', 'http_request_duration_seconds_bucket', 'http_request_duration_seconds_count',
      'kube_pod_container_resource_limits', 'kube_pod_container_resource_requests', 'kube_pod_labels', 'kube_pod_status_ready',
    ]);
  });

  it('find the service of a pod by the label that the pods of our services carry', () => {
    for (const { expr } of rules) expect(expr).toContain('label_replace(kube_pod_labels{label_app_kubernetes_io_part_of="tideline"}, "service", "$1", "label_app_kubernetes_io_name", "(.+)")');
  });

  it('measure latency at the quantile the objectives name', () => {
    expect(exprOf('latency')).toMatch(/^histogram_quantile\(0\.95, sum by \(namespace, service, le\) \(rate\(/);
  });

  it.each(['sum by (a) (b', 'sum by (a) b)', 'rate(a[1m)]'])('are told from broken ones: %s', (expr) => {
    expect(() => partsOf(expr)).toThrow('a bracket that');
  });
});

describe('what catalog shows at its metrics path', () => {
  let service: CatalogService;
  let exposed: string;
  beforeAll(async () => {
    service = await buildCatalogService(catalogSettings({ CATALOG_WRITE_TOKEN: 'token', CATALOG_SEED: 'never', LOG_LEVEL: 'silent' }));
    await service.app.inject('/products');
    exposed = (await service.app.inject(contract.metricsPath)).body;
  });
  afterAll(async () => {
    await service.app.close();
    await service.release();
  });

  it.each([['requests', '_count'], ['latency', '_bucket']] as const)('holds what %s is computed from', (metric, suffix) => {
    const name = partsOf(exprOf(metric)).metrics.find((each) => each.endsWith(suffix))!;
    const series = exposed.split('\n').filter((line) => line.startsWith(`${name}{`));
    expect(series.length).toBeGreaterThan(0);
    // These come from whoever scrapes, and from the join with the pod's labels: a series of our own must not bring others.
    for (const line of series) expect(line).not.toMatch(/[{,](?:namespace|pod|service)="/);
    if (suffix === '_bucket') for (const line of series) expect(line).toMatch(/[{,]le="/);
  });

  it('does not count probes and scrapes as demand', async () => {
    for (const path of [...Object.values(contract.probes), contract.metricsPath]) await service.app.inject(path);
    const counts = (await service.app.inject(contract.metricsPath)).body.split('\n').filter((line) => line.startsWith('http_request_duration_seconds_count{'));
    expect(counts).toHaveLength(1);
    expect(counts[0]).toContain('route="/products"');
  });
});
