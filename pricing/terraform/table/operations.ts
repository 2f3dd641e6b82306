import { allFree, free, Priced, TypeTable } from '../entry';
import type { ResourceView } from '../resource-view';

const CLOUDWATCH = { category: 'Management and Governance', service: 'Amazon CloudWatch' } as const;
const PROMETHEUS = { category: 'Management and Governance', service: 'Amazon Managed Service for Prometheus' } as const;
const GRAFANA = { category: 'Management and Governance', service: 'Amazon Managed Grafana' } as const;
const SQS = { category: 'Integration', service: 'Amazon Simple Queue Service' } as const;

/** Logs, metrics, alarms, messages, budgets. */
export const operations: TypeTable = {
  aws_cloudwatch_log_group: { price: logGroup },
  ...allFree('what it holds is charged to the log group', 'cloudwatch/pricing/', [
    'aws_cloudwatch_log_stream', 'aws_cloudwatch_log_metric_filter', 'aws_cloudwatch_log_resource_policy', 'aws_cloudwatch_log_subscription_filter', 'aws_cloudwatch_query_definition', 'aws_cloudwatch_log_data_protection_policy',
  ]),
  aws_cloudwatch_metric_alarm: { price: alarm },
  aws_cloudwatch_composite_alarm: { price: () => [{ ...CLOUDWATCH, description: 'composite alarm', sku: 'cloudwatch/alarm-composite', unit: 'Months', declared: 1 }] },
  aws_cloudwatch_dashboard: { price: () => [{ ...CLOUDWATCH, description: 'dashboard', sku: 'cloudwatch/dashboard', unit: 'Months', declared: 1 }] },
  aws_prometheus_workspace: {
    price: () => [
      { ...PROMETHEUS, description: 'samples taken in, first two billion', sku: 'prometheus/samples', unit: '10M Samples', used: { field: 'samples', per: 10_000_000 } },
      { ...PROMETHEUS, description: 'samples kept', sku: 'prometheus/storage', unit: 'GiB-Months', used: { field: 'storedGiB' } },
    ],
  },
  ...allFree('a setting of the workspace; samples that rules write are charged to it', 'prometheus/pricing/', [
    'aws_prometheus_workspace_configuration', 'aws_prometheus_rule_group_namespace', 'aws_prometheus_alert_manager_definition', 'aws_prometheus_resource_policy', 'aws_prometheus_query_logging_configuration',
  ]),
  aws_grafana_workspace: {
    price: () => [
      { ...GRAFANA, description: 'editors active in a month', sku: 'grafana/editor', unit: 'Users', used: { field: 'editors' } },
      { ...GRAFANA, description: 'viewers active in a month', sku: 'grafana/viewer', unit: 'Users', used: { field: 'viewers' } },
    ],
  },
  ...allFree('who may use the workspace; people are charged to it', 'grafana/pricing/', ['aws_grafana_role_association', 'aws_grafana_workspace_saml_configuration', 'aws_grafana_workspace_service_account']),

  aws_sns_topic: { price: () => [{ category: 'Integration', service: 'Amazon Simple Notification Service', description: 'requests', sku: 'sns/requests', unit: '1M Requests', used: { field: 'requests', per: 1_000_000 } }] },
  aws_sns_topic_subscription: {
    price: (resource) => {
      const protocol = resource.text('protocol');
      return protocol !== undefined && ['sqs', 'lambda', 'email', 'email-json', 'http', 'https'].includes(protocol)
        ? { free: 'deliveries to queues and functions cost nothing, the first thousand e-mails and hundred thousand calls neither, https://aws.amazon.com/sns/pricing/' }
        : [{ category: 'Integration', service: 'Amazon Simple Notification Service', missing: `deliveries by ${protocol ?? 'a protocol that an expression hides'}`, attribute: 'protocol' }];
    },
  },
  ...allFree('a policy of the topic', 'sns/pricing/', ['aws_sns_topic_policy', 'aws_sns_topic_data_protection_policy']),
  aws_sqs_queue: {
    price: (resource) => {
      const fifo = resource.flag('fifo_queue');
      if (fifo === undefined) return [{ ...SQS, missing: 'a queue of a kind that an expression hides', attribute: 'fifo_queue' }];
      return [{ ...SQS, description: `requests of a ${fifo ? 'FIFO' : 'standard'} queue`, sku: fifo ? 'sqs/fifo' : 'sqs/standard', unit: '1M Requests', used: { field: 'requests', per: 1_000_000 } }];
    },
  },
  ...allFree('a policy of the queue', 'sqs/pricing/', ['aws_sqs_queue_policy', 'aws_sqs_queue_redrive_policy', 'aws_sqs_queue_redrive_allow_policy']),
  ...allFree('rules and targets cost nothing; only events that the account\'s own programs send do, by the bus', 'eventbridge/pricing/', ['aws_cloudwatch_event_rule', 'aws_cloudwatch_event_target', 'aws_cloudwatch_event_permission', 'aws_cloudwatch_event_bus_policy']),
  aws_cloudwatch_event_bus: { price: () => [{ category: 'Integration', service: 'Amazon EventBridge', description: 'events of the account\'s own programs', sku: 'events/custom', unit: '1M Requests', used: { field: 'customEvents', per: 1_000_000 } }] },

  aws_budgets_budget: free('budgets that watch and tell cost nothing', 'aws-cost-management/aws-budgets/pricing/'),
  aws_budgets_budget_action: { price: () => [{ category: 'Management and Governance', service: 'AWS Budgets', description: 'budget that acts; the first two of an account cost nothing', sku: 'budgets/action', unit: 'Days', declared: 365 / 12 }] },
  ...allFree('cost anomaly detection, categories and allocation tags cost nothing', 'aws-cost-management/aws-cost-anomaly-detection/pricing/', [
    'aws_ce_anomaly_monitor', 'aws_ce_anomaly_subscription', 'aws_ce_cost_category', 'aws_ce_cost_allocation_tag',
  ]),
  ...allFree('makes nothing in the cloud', 'pricing/', ['null_resource', 'terraform_data', 'random_*', 'time_*', 'tls_*', 'local_*']),
};

function logGroup(resource: ResourceView): Priced {
  const kind = resource.text('log_group_class', 'STANDARD');
  const sku = kind === 'STANDARD' ? 'logs/ingested' : kind === 'INFREQUENT_ACCESS' ? 'logs/ingested-infrequent' : undefined;
  return [
    sku === undefined
      ? { ...CLOUDWATCH, missing: `logs of class ${kind ?? 'that an expression hides'}`, attribute: 'log_group_class' }
      : { ...CLOUDWATCH, description: 'logs taken in', sku, unit: 'GiB', used: { field: 'ingestedGiB' } },
    { ...CLOUDWATCH, description: 'logs kept', sku: 'logs/stored', unit: 'GiB-Months', used: { field: 'storedGiB' } },
  ];
}

function alarm(resource: ResourceView): Priced {
  const queries = resource.list('metric_query')?.filter((each): each is Readonly<Record<string, unknown>> => typeof each === 'object' && each !== null);
  const metrics = queries?.filter((each) => 'metric' in each);
  const bands = queries?.some(({ expression }) => typeof expression === 'string' && expression.includes('ANOMALY_DETECTION_BAND')) ? 2 : 0; // the band's two limits count as metrics
  const periods = [resource.number('period', 300), ...(metrics ?? []).map((each) => (each.metric as Readonly<Record<string, unknown>> | null | undefined)?.period)];
  const fast = periods.some((period) => typeof period === 'number' && period < 60);
  return [{
    ...CLOUDWATCH, description: fast ? 'alarm on metrics of less than a minute' : 'alarm', sku: fast ? 'cloudwatch/alarm-high-resolution' : 'cloudwatch/alarm', unit: 'Months',
    declared: metrics === undefined ? undefined : Math.max(1, metrics.length) + bands, attribute: 'metric_query',
  }];
}
