import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FAMILIES } from '../../../charts/observability/kube-state-metrics';
import type { PrometheusConfig } from '../../../charts/observability/prometheus-config';
import { CADVISOR_KEPT } from '../../../charts/observability/scrape-jobs';
import { catalogue, environment } from '../../../config';
import { contract as forecaster } from '../../../forecaster/contract';
import { objectOf } from '../../support/synth';
import { names, objectsOf } from '../manifests';

// What Prometheus and its tools say of all this is in prometheus.integration.test.ts, what they find on a cluster in test/rehearsal/stand-ins.
describe.each(names)('Prometheus in %s', (name) => {
  const objects = objectsOf(name, 'prometheus/');
  const set = objectOf(objects, 'StatefulSet');
  const config = parse(objectOf(objects, 'ConfigMap').data['prometheus.yml']) as PrometheusConfig;
  const job = (wanted: string) => config.scrape_configs.find(({ job_name }) => job_name === wanted)!;
  const args: readonly string[] = set.spec.template.spec.containers[0].args;
  const flag = (wanted: string) => args.find((arg) => arg.startsWith(`--${wanted}=`))!.split('=')[1]!;

  test('keeps samples as long as was decided, on an encrypted volume that they cannot fill', () => {
    const [{ spec }] = set.spec.volumeClaimTemplates;
    expect(spec.storageClassName).toBe(objectOf(objectsOf(name, 'namespaces/'), 'StorageClass').metadata.name);
    expect(flag('storage.tsdb.retention.time')).toBe(`${environment(name).retention.metricsDays}d`);
    const gib = parseInt(spec.resources.requests.storage, 10);
    expect(parseInt(flag('storage.tsdb.retention.size'), 10)).toBeLessThan(gib * 1024 * 0.85);
    expect(gib).toBeGreaterThanOrEqual(environment(name).retention.metricsDays * 0.25);
  });

  test('takes no samples from others, and no orders', () => {
    expect(args.filter((arg) => /remote-write-receiver|otlp|enable-admin-api|enable-lifecycle|enable-feature/.test(arg))).toEqual([]);
  });

  test('reads the rules where they are mounted, and its configuration where it looks', () => {
    const volumeMounts: readonly { readonly name: string; readonly mountPath: string }[] = set.spec.template.spec.containers[0].volumeMounts;
    const volumes: readonly { readonly name: string; readonly configMap: { readonly name: string } }[] = set.spec.template.spec.volumes;
    const mounted = (configMap: string) => volumeMounts.find((mount) => mount.name === volumes.find((each) => each.configMap.name === configMap)!.name)!.mountPath;
    expect(config.rule_files).toEqual([`${mounted('tideline-rules')}/*.yaml`]);
    expect(flag('config.file')).toBe(`${mounted('prometheus')}/prometheus.yml`);
  });

  test('runs the catalogued image and answers where everybody asks', () => {
    const { image, ports: [port] } = set.spec.template.spec.containers[0];
    expect(image).toBe(`${catalogue.prometheus.images.prometheus.name}:v${catalogue.prometheus.version}`);
    expect(objectOf(objects, 'Service').spec).toMatchObject({ ports: [{ port: 9090, targetPort: port.name }], selector: { 'app.kubernetes.io/name': 'prometheus' } });
    expect(flag('web.listen-address')).toBe(`0.0.0.0:${port.containerPort}`);
  });

  test('believes what is said of others where that is the point, and nowhere else', () => {
    expect(config.scrape_configs.filter(({ honor_labels }) => honor_labels).map(({ job_name }) => job_name)).toEqual(['about-others']);
    const [pods, others] = ['pods', 'about-others'].map((each) => job(each).kubernetes_sd_configs![0]!.selectors![0]!.label);
    const listed = /app\.kubernetes\.io\/name in (\(.*\))/.exec(others!)![1]!;
    expect(listed).toBe(`(${forecaster.name},kube-state-metrics)`);
    expect(pods).toBe(others!.replace('/name in', '/name notin'));
  });

  test('keeps of cAdvisor and of kube-state-metrics what the rules read, and nothing that they do not', () => {
    const expressions: string = objectOf(objectsOf(name, 'observability/'), 'ConfigMap').data['rules.yaml'];
    const read = (prefix: string) => [...new Set([...expressions.matchAll(new RegExp(`\\b${prefix}_[a-z_]+`, 'g'))].map(([found]) => found))].sort();
    expect([...CADVISOR_KEPT].sort()).toEqual(read('container').filter((metric) => /_(bytes|total)$/.test(metric)));
    expect([...FAMILIES].sort()).toEqual(read('kube'));
    expect(job('cadvisor').metric_relabel_configs![0]).toMatchObject({ action: 'keep', source_labels: ['__name__'], regex: CADVISOR_KEPT.join('|') });
    expect(objectOf(objectsOf(name, 'kube-state-metrics/'), 'Deployment').spec.template.spec.containers[0].args).toContain(`--metric-allowlist=${FAMILIES.join(',')}`);
  });

  test('measures four times in the shortest rate that a rule takes', () => {
    const seconds = parseInt(config.global.scrape_interval, 10);
    const windows = [...(objectOf(objectsOf(name, 'observability/'), 'ConfigMap').data['rules.yaml'] as string).matchAll(/\[(\d+)m\]/g)].map(([, minutes]) => Number(minutes) * 60);
    expect(Math.min(...windows) / seconds).toBeGreaterThanOrEqual(4);
    expect(config.global.evaluation_interval).toBe(config.global.scrape_interval);
  });
});

describe.each(names)('kube-state-metrics in %s', (name) => {
  const objects = objectsOf(name, 'kube-state-metrics/');
  const [container] = objectOf(objects, 'Deployment').spec.template.spec.containers;

  test('sees pods, and nothing else', () => {
    expect(objectOf(objects, 'ClusterRole').rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }]); // of upstream's, which has every resource
    expect(container.args).toContain('--resources=pods');
  });

  test('shows the labels by which a rule finds the service of a pod', () => {
    const { labels } = objectOf(objectsOf(name, 'catalog/'), 'Deployment').spec.template.metadata;
    const shown = /^--metric-labels-allowlist=pods=\[(.*)\]$/.exec(container.args.find((arg: string) => arg.startsWith('--metric-labels')))![1]!.split(',');
    for (const label of shown) expect(Object.keys(labels)).toContain(label);
    const { data } = objectOf(objectsOf(name, 'observability/'), 'ConfigMap');
    for (const label of shown) expect(data['rules.yaml']).toContain(`label_${label.replace(/[^a-z]/g, '_')}`);
  });

  test('leaves what is started to the image: it may be another program that takes the same flags', () => {
    expect(container).not.toHaveProperty('command');
    expect(catalogue.kubeStateMetrics.images.kubeStateMetrics.source.standIn).toMatch(/families/);
  });
});
