import { contract as forecaster } from '../../forecaster/contract';
import { KUBE_STATE_METRICS } from './kube-state-metrics';
import type { Duration, PrometheusConfig, Relabeling, ScrapeConfig } from './prometheus-config';

/** Where a pod's token and the authority of its cluster are. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Pods of the platform, and of what delivers it, told by a label that the API server can filter by: Prometheus never hears of all the others. */
const OURS = 'app.kubernetes.io/part-of in (argocd,tideline)';
/** Pods whose series are about other pods, or other services. They say whom each is about, and they are right. */
const SPEAK_OF_OTHERS = [forecaster.name, KUBE_STATE_METRICS.name].sort().join(',');

/** How often everything is scraped and every rule computed: what the rates over one minute need four of. */
export const INTERVAL: Duration = '15s';

/** What is kept of cAdvisor's some eighty families: those that rules read. */
export const CADVISOR_KEPT = ['container_cpu_usage_seconds_total', 'container_memory_working_set_bytes'] as const;

/** A pod is scraped where its annotations say, and its series carry its namespace and name: the recording rules join on the two. */
const annotated = (): Relabeling[] => [
  { action: 'keep', source_labels: ['__meta_kubernetes_pod_annotation_prometheus_io_scrape'], regex: 'true' },
  { action: 'drop', source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Pending|Succeeded|Failed' },
  // Every port of a pod is found as a target of its own; they become one here, because they then differ in nothing.
  { source_labels: ['__meta_kubernetes_pod_ip', '__meta_kubernetes_pod_annotation_prometheus_io_port'], target_label: '__address__', regex: '(.+);(\\d+)', replacement: '$1:$2' },
  { source_labels: ['__meta_kubernetes_pod_annotation_prometheus_io_path'], target_label: '__metrics_path__', regex: '(.+)' },
  { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
  { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
];

const pods = (label: string): ScrapeConfig['kubernetes_sd_configs'] => [{ role: 'pod', selectors: [{ role: 'pod', label: `${OURS},app.kubernetes.io/name ${label}` }] }];

const JOBS: readonly ScrapeConfig[] = [
  {
    job_name: 'pods',
    sample_limit: 50_000, // one service that counts by user would fill everybody's memory
    kubernetes_sd_configs: pods(`notin (${SPEAK_OF_OTHERS})`),
    relabel_configs: annotated(),
  },
  { job_name: 'about-others', honor_labels: true, kubernetes_sd_configs: pods(`in (${SPEAK_OF_OTHERS})`), relabel_configs: annotated() },
  {
    job_name: 'cadvisor',
    scheme: 'https',
    metrics_path: '/metrics/cadvisor',
    track_timestamps_staleness: true, // it says when it measured, and its containers go
    authorization: { credentials_file: `${ACCOUNT}/token` },
    tls_config: { ca_file: `${ACCOUNT}/ca.crt` },
    kubernetes_sd_configs: [{ role: 'node' }],
    metric_relabel_configs: [
      { action: 'keep', source_labels: ['__name__'], regex: CADVISOR_KEPT.join('|') },
      { action: 'keep', source_labels: ['container'], regex: '.+' }, // the sums over pods, slices and the node bear no container
      { action: 'labeldrop', regex: 'id|image' }, // long, and told by `name`, which stays: a container that was restarted is another
    ],
  },
  { job_name: 'prometheus', static_configs: [{ targets: ['localhost:9090'] }] },
];

/** What Prometheus does. @param externalLabels what tells this Prometheus from others where their series meet */
export function prometheusConfig(externalLabels: Readonly<Record<string, string>>, ruleFiles: readonly string[]): PrometheusConfig {
  return {
    global: { scrape_interval: INTERVAL, scrape_timeout: '10s', evaluation_interval: INTERVAL, external_labels: externalLabels },
    rule_files: ruleFiles,
    scrape_configs: JOBS,
  };
}
