import { RecordingRules } from '../../components';
import { recordingRules } from '../../forecaster/contract';
import { ApplicationSpec, NAMESPACES, ownershipOf } from '../context';

/** The pod's service, from the label that every service's pods carry. */
const SERVICE = 'label_replace';
const bySelector = (inner: string) => `${SERVICE}(${inner}, "service", "$1", "label_app_kubernetes_io_name", "(.+)")`;
/** kube-state-metrics' labels of pods, to tell whose container a series is about. */
const owner = 'on (namespace, pod) group_left (label_app_kubernetes_io_name) kube_pod_labels{label_app_kubernetes_io_part_of="tideline"}';

/** How Prometheus computes each name of the contract between observability and forecasting. */
const EXPRESSIONS: Readonly<Record<keyof typeof recordingRules, string>> = {
  requests: 'sum by (namespace, service) (rate(http_request_duration_seconds_count[1m]))',
  latency: 'histogram_quantile(0.95, sum by (namespace, service, le) (rate(http_request_duration_seconds_bucket[1m])))',
  cpu: bySelector(`sum by (namespace, label_app_kubernetes_io_name) (rate(container_cpu_usage_seconds_total{container!=""}[1m]) * ${owner})`
    + ` / sum by (namespace, label_app_kubernetes_io_name) (kube_pod_container_resource_requests{resource="cpu"} * ${owner})`),
  memory: bySelector(`sum by (namespace, label_app_kubernetes_io_name) (container_memory_working_set_bytes{container!=""} * ${owner})`),
  replicas: 'label_replace(kube_deployment_status_replicas_ready, "service", "$1", "deployment", "(.+)")',
};

/** The recording rules that the forecaster reads, and nothing else yet: Prometheus itself is a later release and will load this file. */
export const observability: ApplicationSpec = {
  name: 'observability',
  build: (chart, environment) => {
    new RecordingRules(chart, 'tideline-rules', {
      ...ownershipOf(environment, 'platform'),
      name: 'tideline-rules',
      namespace: NAMESPACES.observability,
      rules: Object.entries(recordingRules).map(([key, record]) => ({ record, expr: EXPRESSIONS[key as keyof typeof recordingRules] })),
    });
  },
};
