import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { PrometheusAlertManagerDefinition } from '@cdktf/provider-aws/lib/prometheus-alert-manager-definition';
import { PrometheusRuleGroupNamespace } from '@cdktf/provider-aws/lib/prometheus-rule-group-namespace';
import { PrometheusWorkspace, PrometheusWorkspaceConfig } from '@cdktf/provider-aws/lib/prometheus-workspace';
import { PrometheusWorkspaceConfiguration } from '@cdktf/provider-aws/lib/prometheus-workspace-configuration';
import { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { exempt } from './exempt';
import { logRetentionFaults } from './log-retention';

/** Alert that is on as long as metrics arrive; its silence is what counts. */
export const HEARTBEAT_ALERT = 'Heartbeat';

/** Props of {@link ManagedPrometheus}. */
export interface ManagedPrometheusProps {
  /** Alias of the workspace, 1 to 100 characters. Others find it by this. */
  readonly name: string;
  /** Region of the workspace, e.g. `eu-west-1`. */
  readonly region: string;
  /** ARN of the SNS topic its alert manager tells. The topic has to let `aps.amazonaws.com` publish: see {@link AlertTopic}. */
  readonly alertTopicArn: string;
  /** ARN of an SNS topic that is told every five minutes as long as metrics arrive, for an alarm on its silence: see `heartbeatAlarms`. @default - no heartbeat */
  readonly heartbeatTopicArn?: string;
  /** Metric whose presence shows that metrics arrive, for the heartbeat. @default up */
  readonly heartbeatMetric?: string;
  /** Days metrics are kept, 1 to 1095. @default 150 */
  readonly metricsDays?: number;
  /** Days its own log is kept, as CloudWatch Logs knows them. @default 30 */
  readonly logsDays?: number;
  /** ARN of the key that encrypts metrics. Whoever makes the workspace must be able to use it. @default - a key of AWS's */
  readonly keyArn?: string;
  /** ARN of the key that encrypts its log. @default - a key of AWS's */
  readonly logsKeyArn?: string;
  /** What must exist before its alert manager can publish. @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
  /** The way out: gets the finished configuration of the workspace and returns the one to use. @default - as built here */
  readonly transform?: (config: PrometheusWorkspaceConfig) => PrometheusWorkspaceConfig;
}

/** A workspace of Amazon Managed Service for Prometheus whose alerts reach people, and which tells when nothing arrives any more. */
export class ManagedPrometheus extends Construct {
  readonly workspace: PrometheusWorkspace;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: ManagedPrometheusProps) {
    super(scope, id);
    refuse(`the Prometheus workspace ${show(props.name)} cannot be built`, workspaceFaults(props, this.node.path));
    const key = props.keyArn === undefined ? {} : { kmsKeyArn: props.keyArn };
    const logs = new CloudwatchLogGroup(this, 'Logs', {
      name: `/aws/vendedlogs/prometheus/${props.name}`, // the prefix under which AWS may write without a policy of the account's for each
      retentionInDays: props.logsDays ?? 30, ...(props.logsKeyArn === undefined ? {} : { kmsKeyId: props.logsKeyArn }),
    });
    if ((props.logsDays ?? 30) < 365) exempt(logs, { CKV_AWS_338: 'errors of rules and of the alert manager, which are looked at within days' });
    const config: PrometheusWorkspaceConfig = { alias: props.name, loggingConfiguration: { logGroupArn: `${logs.arn}:*` }, ...key };
    this.workspace = new PrometheusWorkspace(this, 'Resource', props.transform?.(config) ?? config);
    new PrometheusWorkspaceConfiguration(this, 'Configuration', { workspaceId: this.workspace.id, retentionPeriodInDays: props.metricsDays ?? 150 });
    new PrometheusAlertManagerDefinition(this, 'AlertManager', {
      workspaceId: this.workspace.id, definition: alertManager(props), ...(props.dependsOn?.length ? { dependsOn: [...props.dependsOn] } : {}),
    });
    if (props.heartbeatTopicArn !== undefined) {
      new PrometheusRuleGroupNamespace(this, 'Heartbeat', { name: 'heartbeat', workspaceId: this.workspace.id, data: heartbeat(props.heartbeatMetric ?? 'up') });
    }
  }
}

function alertManager({ region, alertTopicArn, heartbeatTopicArn }: ManagedPrometheusProps): string {
  const receiver = (name: string, topic: string, resolved: boolean) => [
    `    - name: ${name}`, '      sns_configs:', `        - topic_arn: ${topic}`, '          sigv4:', `            region: ${region}`, `          send_resolved: ${resolved}`,
  ];
  return [
    'alertmanager_config: |', '  route:', '    receiver: alerts', '    group_by: [alertname, namespace, service]', '    group_wait: 30s', '    group_interval: 5m', '    repeat_interval: 4h',
    ...(heartbeatTopicArn === undefined ? [] : [
      '    routes:', '      - receiver: heartbeat', `        matchers: ['alertname = ${HEARTBEAT_ALERT}']`, '        group_wait: 0s', '        group_interval: 1m', '        repeat_interval: 5m',
    ]),
    '  receivers:', ...receiver('alerts', alertTopicArn, true), ...(heartbeatTopicArn === undefined ? [] : receiver('heartbeat', heartbeatTopicArn, false)), '',
  ].join('\n');
}

function heartbeat(metric: string): string {
  return [
    'groups:', '  - name: heartbeat', '    interval: 1m', '    rules:', `      - alert: ${HEARTBEAT_ALERT}`, `        expr: count(${metric}) > 0`, '        annotations:',
    '          summary: Metrics arrive. This is always on; an alarm outside watches that it stays so.', '',
  ].join('\n');
}

function workspaceFaults(props: ManagedPrometheusProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[\w-]{1,100}$/.test(props.name), 'name', props.name, '1 to 100 letters, digits, hyphens and underscores', 'choose such a name');
  const days = props.metricsDays ?? 150;
  need(Number.isInteger(days) && days >= 1 && days <= 1095, 'metricsDays', days, 'a whole number from 1 to 1095', 'set it, or leave it out for 150');
  need(/^[a-zA-Z_:][\w:]*$/.test(props.heartbeatMetric ?? 'up'), 'heartbeatMetric', props.heartbeatMetric, 'the name of a metric', 'name one that is always there');
  if (props.logsDays !== undefined) faults.push(...logRetentionFaults(props.logsDays, `${path} logsDays`));
  return faults;
}
