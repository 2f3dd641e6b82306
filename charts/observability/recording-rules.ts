import { RecordingRules } from '../../components';
import { containerRules, ForecastMetric, recordingRules } from '../../forecaster/contract';
import { ApplicationSpec, NAMESPACES, ownershipOf } from '../context';

/**
 * Pods of ours with the service they belong to, as kube-state-metrics tells it (`--metric-labels-allowlist=pods=[app.kubernetes.io/name,app.kubernetes.io/part-of]`).
 * `max` keeps one series a pod while an old kube-state-metrics and its successor both answer.
 */
const PODS = 'max by (namespace, pod, service) (label_replace(kube_pod_labels{label_app_kubernetes_io_part_of="tideline"}, "service", "$1", "label_app_kubernetes_io_name", "(.+)"))';
/** A series about pods, given the service of its pod. All that is asked of whoever scrapes is the labels `namespace` and `pod`. */
const ofService = (series: string) => `${series} * on (namespace, pod) group_left (service) ${PODS}`;
const perService = (series: string) => `sum by (namespace, service) (${ofService(series)})`;

/** How Prometheus computes each name of the contract between observability and forecasting. */
const EXPRESSIONS: Readonly<Record<ForecastMetric, string>> = {
  requests: perService('rate(http_request_duration_seconds_count[1m])'),
  latency: `histogram_quantile(0.95, sum by (namespace, service, le) (${ofService('rate(http_request_duration_seconds_bucket[1m])')}))`,
  cpu: `${perService('rate(container_cpu_usage_seconds_total{container!=""}[1m])')} / ${perService('kube_pod_container_resource_requests{resource="cpu"}')}`,
  memory: perService('container_memory_working_set_bytes{container!=""}'),
  replicas: perService('kube_pod_status_ready{condition="true"}'),
};

const perContainer = (series: string) => `max by (namespace, service, pod, container) (${ofService(series)})`;
/** The same for containers; `max`, because for a while after a restart cAdvisor tells of the old container too. */
const CONTAINER_EXPRESSIONS: Readonly<Record<keyof typeof containerRules, string>> = {
  workingSet: perContainer('container_memory_working_set_bytes{container!=""}'),
  limit: perContainer('kube_pod_container_resource_limits{resource="memory"}'),
};

/** Name of the ConfigMap that holds them; Prometheus loads every file of it. */
export const RULES = 'tideline-rules';

/** The recording rules that the forecaster reads. */
export const observability: ApplicationSpec = {
  name: 'observability',
  build: (chart, environment) => {
    new RecordingRules(chart, RULES, {
      ...ownershipOf(environment, 'platform'),
      name: RULES,
      namespace: NAMESPACES.observability,
      rules: [
        ...Object.entries(recordingRules).map(([metric, record]) => ({ record, expr: EXPRESSIONS[metric as ForecastMetric] })),
        ...Object.entries(containerRules).map(([metric, record]) => ({ record, expr: CONTAINER_EXPRESSIONS[metric as keyof typeof containerRules] })),
      ],
    });
  },
};
