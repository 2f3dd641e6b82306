import type { Alarm } from './cloud-alarms';

/** What ends a platform without a word, told while there is time. Every metric is one that AWS writes by itself; each alarm names the page that says so. */

/** Connections through a NAT gateway that find no port: pods cannot reach the internet, and nothing on the cluster says why. */
export function natGatewayAlarms(name: string, natGatewayId: string): Alarm[] {
  return [{
    name: `nat-ports-${name}`,
    description: 'A NAT gateway runs out of ports: new connections from nodes to one address outside fail. Find who opens so many (flow logs), add a gateway or an interface endpoint.',
    metric: { namespace: 'AWS/NATGateway', name: 'ErrorPortAllocation', dimensions: { NatGatewayId: natGatewayId }, statistic: 'Sum' },
    comparison: '>', threshold: 0, missing: 'fine',
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html',
  }];
}

/** The control plane of an EKS cluster from Kubernetes 1.28 on: errors, and silence. */
export function clusterAlarms(clusterName: string): Alarm[] {
  const source = 'https://docs.aws.amazon.com/eks/latest/userguide/cloudwatch.html';
  const metric = (name: string) => ({ namespace: 'AWS/EKS', name, dimensions: { ClusterName: clusterName }, statistic: 'Sum' as const });
  return [
    {
      name: 'api-server-errors',
      description: 'More than 2 % of the requests to the Kubernetes API fail for reasons of its own. Look at the control plane logs for webhooks that do not answer, and at AWS Health.',
      metric: { failed: metric('apiserver_request_total_5XX'), all: metric('apiserver_request_total') }, expression: '100 * FILL(failed, 0) / all',
      comparison: '>', threshold: 2, missing: 'fine', source,
    },
    {
      name: 'cluster-silent',
      description: 'The Kubernetes API has not counted one request for a quarter of an hour: the cluster is gone, or its metrics are. Nothing on it can alert. Look with aws eks describe-cluster.',
      metric: metric('apiserver_request_total'), comparison: '<', threshold: 1, missing: 'alarm', source,
    },
  ];
}

/** An RDS for PostgreSQL instance. */
export function databaseAlarms(identifier: string, storageGiB: number): Alarm[] {
  const source = 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html';
  const metric = (name: string, statistic: 'Minimum' | 'Average' | 'Maximum') => ({ namespace: 'AWS/RDS', name, dimensions: { DBInstanceIdentifier: identifier }, statistic });
  return [
    {
      name: 'database-storage',
      description: 'The database has less than a tenth of its storage left, or tells nothing: full, it stops. Let it grow (storageGiB), or remove what is not needed.',
      metric: metric('FreeStorageSpace', 'Minimum'), comparison: '<', threshold: Math.round(0.1 * storageGiB * 2 ** 30), missing: 'alarm', source,
    },
    {
      name: 'database-cpu',
      description: 'The database has been computing at more than 90 % for a quarter of an hour. Find the query in Performance Insights, or take a larger class.',
      metric: metric('CPUUtilization', 'Average'), comparison: '>', threshold: 90, missing: 'unknown', source,
    },
    {
      name: 'database-wraparound',
      description: 'The oldest transaction is a billion transactions old: at two billion PostgreSQL stops taking writes. Find what holds vacuum back (long transactions, replication slots).',
      metric: metric('MaximumUsedTransactionIDs', 'Maximum'), comparison: '>', threshold: 1e9, missing: 'unknown', source,
    },
  ];
}

/** Each node of an ElastiCache replication group; its nodes are named `<group>-001` and on. */
export function cacheAlarms(groupId: string, nodes: number): Alarm[] {
  const source = 'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html';
  return Array.from({ length: nodes }, (_, index) => `${groupId}-${String(index + 1).padStart(3, '0')}`).flatMap((node): Alarm[] => {
    const metric = (name: string) => ({ namespace: 'AWS/ElastiCache', name, dimensions: { CacheClusterId: node }, statistic: 'Average' as const });
    const suffix = node.slice(-3);
    return [
      {
        name: `cache-memory-${suffix}`,
        description: 'A cache node has filled 90 % of its memory: it will evict keys or refuse writes. Take a larger node, or shorten what is kept.',
        metric: metric('DatabaseMemoryUsagePercentage'), comparison: '>', threshold: 90, missing: 'unknown', source,
      },
      {
        name: `cache-cpu-${suffix}`,
        description: 'The one thread that serves a cache node is busy for more than 90 %: everything waits for it. Look for slow commands (slowlog get), or spread the load.',
        metric: metric('EngineCPUUtilization'), comparison: '>', threshold: 90, missing: 'unknown', source,
      },
    ];
  });
}

/** The queue by which a provisioner hears of spot interruptions. A warning comes two minutes before the node goes, so one that waits longer is of no use. */
export function interruptionQueueAlarms(queueName: string): Alarm[] {
  return [{
    name: 'interruptions-unread',
    description: 'Warnings of spot interruptions wait for more than a minute: the provisioner does not read them, and nodes will go without being drained. Look at its pods and its role.',
    metric: { namespace: 'AWS/SQS', name: 'ApproximateAgeOfOldestMessage', dimensions: { QueueName: queueName }, statistic: 'Maximum' },
    comparison: '>', threshold: 60, periodSeconds: 60, periods: 3, missing: 'fine',
    source: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html',
  }];
}

/** How much of the account's quota of processors is used: at the quota no node starts, whatever the provisioner tries. */
export function quotaAlarms(): Alarm[] {
  return (['OnDemand', 'Spot'] as const).map((capacity): Alarm => ({
    name: `processor-quota-${capacity.toLowerCase()}`,
    description: 'More than 80 % of the processors that the account may run at once are in use in this region: soon no node can start. Ask for more in Service Quotas; that can take days.',
    metric: {
      used: { namespace: 'AWS/Usage', name: 'ResourceCount', dimensions: { Service: 'EC2', Type: 'Resource', Resource: 'vCPU', Class: `Standard/${capacity}` }, statistic: 'Maximum' },
    },
    expression: '100 * used / SERVICE_QUOTA(used)', comparison: '>', threshold: 80, missing: 'fine',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Quotas-Visualize-Alarms.html',
  }));
}

/** A topic that something alive publishes to again and again. Its silence is the alarm: whoever should raise one may be what has stopped. */
export function heartbeatAlarms(topicName: string): Alarm[] {
  return [{
    name: 'heartbeat-missing',
    description: 'No heartbeat for a quarter of an hour: metrics no longer reach the alert manager, or its messages no longer leave it. Until it is back no other alert of the cluster will reach you.',
    metric: { namespace: 'AWS/SNS', name: 'NumberOfMessagesPublished', dimensions: { TopicName: topicName }, statistic: 'Sum' },
    comparison: '<', threshold: 1, missing: 'alarm',
    source: 'https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html',
  }];
}
