import { CeCostAllocationTag } from '@cdktf/provider-aws/lib/ce-cost-allocation-tag';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DataAwsNatGateway } from '@cdktf/provider-aws/lib/data-aws-nat-gateway';
import type { Construct } from 'constructs';
import {
  AlertPublisher, alertPrincipals, AlertTopic, CloudAlarms, CostAnomalies, CostBudget, EncryptionKey, exempt, ManagedGrafana, ManagedPrometheus,
} from '../../components/cloud';
import type { Environment } from '../../config';
import { NetworkLookup } from '../network-lookup';
import { PlatformStack } from '../platform-stack';
import { environmentAlarms } from './alarms';

/** Who is told when something costs more, breaks, or stops: alerts, budgets, anomalies, and what AWS keeps of metrics and logs. */
export class ObservabilityStack extends PlatformStack {
  /** Where everything that people have to hear of arrives. */
  readonly alerts: AlertTopic;

  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'observability');
    const { alerts, logs, metrics } = this.facts;
    const { managedPrometheus, managedGrafana } = environment.observability;
    const publishers: AlertPublisher[] = ['budgets', 'cost-anomalies', 'cloudwatch', ...(managedPrometheus ? ['managed-prometheus' as const] : [])];
    const key = new EncryptionKey(this, 'key', {
      alias: `${this.facts.cluster.name}-observability`, description: `Alerts and logs of ${environment.name}`, account: environment.account, region: environment.region,
      services: alertPrincipals(publishers), logGroups: [logs.workloads, ...(managedPrometheus ? [`/aws/vendedlogs/prometheus/${metrics.workspace}`] : [])],
    });
    const workloads = new CloudwatchLogGroup(this, 'workload-logs', { name: logs.workloads, retentionInDays: environment.retention.logsDays, kmsKeyId: key.arn });
    if (environment.retention.logsDays < 365) exempt(workloads, { CKV_AWS_338: 'how long logs of workloads are worth keeping is the environment\'s decision' });

    const emails = environment.budget.notify.filter((address) => address.includes('@'));
    const given = environment.budget.notify.filter((address) => !address.includes('@'));
    const topic = { account: environment.account, region: environment.region, keyArn: key.arn };
    this.alerts = new AlertTopic(this, 'alerts', { ...topic, name: alerts.topic, displayName: `Tideline ${environment.name}`, publishers, emails });

    this.addCost(given, emails);
    if (managedPrometheus) {
      const heartbeat = new AlertTopic(this, 'heartbeat', { ...topic, name: alerts.heartbeat, publishers: ['managed-prometheus'] });
      const prometheus = new ManagedPrometheus(this, 'prometheus', {
        name: metrics.workspace, region: environment.region, alertTopicArn: this.alerts.arn, heartbeatTopicArn: heartbeat.arn,
        logsKeyArn: key.arn, // metrics are under a key of AWS's: with ours the deployer would have to be able to decrypt
        metricsDays: environment.retention.metricsDays, logsDays: environment.retention.logsDays, dependsOn: [this.alerts.policy, heartbeat.policy],
      });
      if (managedGrafana) this.addGrafana(prometheus.workspace.arn);
    } else if (managedGrafana) {
      this.addGrafana();
    }
    new CloudAlarms(this, 'alarms', {
      prefix: this.facts.cluster.name, alarms: environmentAlarms(environment, this.facts, this.natGateways()), topicArns: [this.alerts.arn, ...given],
    });
  }

  /** Budget and anomalies. A budget takes one topic: the one that was given, or ours, to whose e-mails it then goes. */
  private addCost(given: readonly string[], emails: readonly string[]): void {
    const { budget } = this.environment;
    const name = this.facts.cluster.name;
    const tag = { key: 'environment', value: this.environment.name };
    if (budget.byTag === true && this.environment.data.billingExport) { // only the account that is billed may say which tags bills carry
      Object.keys(this.ownershipTags).forEach((tagKey) => new CeCostAllocationTag(this, `cost-tag-${tagKey}`, { tagKey, status: 'Active' }));
    }
    new CostBudget(this, 'budget', {
      name, monthlyUsd: budget.monthlyUsd, topicArn: given[0] ?? this.alerts.arn,
      ...(given.length > 0 ? { emails } : {}), ...(budget.alertPercents ? { alertPercents: budget.alertPercents } : {}), ...(budget.byTag === true ? { tag } : {}),
    });
    new CostAnomalies(this, 'anomalies', {
      name, thresholdUsd: budget.anomalyUsd ?? 20, topicArns: [this.alerts.arn, ...given], dependsOn: [this.alerts.policy],
      ...(budget.byTag === true ? { scope: { tag } } : budget.anomalyMonitor === undefined ? {} : { scope: { existing: budget.anomalyMonitor } }),
    });
  }

  private addGrafana(prometheusArn?: string): void {
    const { account, region } = this.environment;
    new ManagedGrafana(this, 'grafana', { name: this.facts.metrics.workspace, account, region, ...(prometheusArn === undefined ? {} : { prometheusArn }) });
  }

  /** NAT gateways by zone, found by the names the network gives them. */
  private natGateways(): Record<string, string> {
    const { name, zones } = this.facts.network;
    const { vpcId } = new NetworkLookup(this, 'network', this.facts.network);
    const count = this.environment.network.nat === 'single' ? 1 : zones.length;
    return Object.fromEntries(zones.slice(0, count).map((zone) => [zone, new DataAwsNatGateway(this, `nat-${zone}`, {
      vpcId, state: 'available', tags: { Name: `${name}-${zone}` },
    }).id]));
  }
}
