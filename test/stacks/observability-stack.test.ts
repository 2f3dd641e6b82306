import { describe, expect, it } from 'vitest';
import { Environment, environment as environmentOf, environments } from '../../config';
import { factsOf } from '../../config/facts';
import { ObservabilityStack } from '../../stacks/observability/observability-stack';
import { Block, only, reference, resources, synthStack } from '../support/synth-stack';
import { stackOf } from './support';

const synth = (change: (environment: Environment) => Environment) => synthStack((app) => new ObservabilityStack(app, change(environmentOf('dev'))));
const withBudget = (budget: Partial<Environment['budget']>) => synth((environment) => ({ ...environment, budget: { ...environment.budget, ...budget } }));

/** Production, with everything AWS has to keep and show metrics. */
const METERED: Environment = { ...environmentOf('prod'), observability: { managedPrometheus: true, managedGrafana: true } };

describe.each([...environments().map((environment) => ({ environment, name: environment.name })), { environment: METERED, name: 'prod, metered by AWS' }])('the observability of $name', ({ environment }) => {
  const json = synthStack((app) => new ObservabilityStack(app, environment));
  const facts = factsOf(environment);
  const topic = only(json, 'aws_sns_topic', { name: facts.alerts.topic });
  const topicArn = reference(json, 'aws_sns_topic', topic, 'arn');
  const alarms = resources(json, 'aws_cloudwatch_metric_alarm');

  it('mails everybody the environment names, from one topic', () => {
    expect(resources(json, 'aws_sns_topic_subscription').map((each) => each.endpoint).sort()).toEqual([...environment.budget.notify].sort());
    expect(resources(json, 'aws_sns_topic_subscription').every((each) => each.topic_arn === topicArn && each.protocol === 'email')).toBe(true);
  });

  it('tells the topic of the budget', () => {
    const budget = only(json, 'aws_budgets_budget');
    expect(budget.limit_amount).toBe(environment.budget.monthlyUsd.toFixed(2));
    expect(budget.notification.length).toBeGreaterThan(1);
    expect((budget.notification as Block[]).every((each) => JSON.stringify(each.subscriber_sns_topic_arns) === JSON.stringify([topicArn]))).toBe(true);
  });

  it('tells the topic of anomalies, once it may hear of them', () => {
    const subscription = only(json, 'aws_ce_anomaly_subscription');
    expect(subscription).toMatchObject({ subscriber: [{ type: 'SNS', address: topicArn }], depends_on: [expect.stringContaining('aws_sns_topic_policy.alerts')] });
    expect(subscription.threshold_expression.dimension.values).toEqual([String(environment.budget.anomalyUsd ?? 20)]);
  });

  it('tells the topic when an alarm goes off and when it is over', () => {
    expect(alarms.length).toBeGreaterThan(5);
    expect(alarms.every((each) => each.alarm_actions[0] === topicArn && each.ok_actions[0] === topicArn)).toBe(true);
    expect(new Set(alarms.map((each) => each.alarm_name)).size).toBe(alarms.length);
  });

  it('lets the key encrypt for everybody who publishes, and for its log groups', () => {
    const { Statement: statements } = JSON.parse(only(json, 'aws_kms_key').policy) as { Statement: Block[] };
    const allowed = JSON.stringify(statements.map((each) => each.Principal));
    const policies = resources(json, 'aws_sns_topic_policy').flatMap((each) => (JSON.parse(each.policy) as { Statement: Block[] }).Statement);
    const publishers = policies.filter((each) => each.Effect === 'Allow').map((each) => each.Principal.Service as string);
    expect(publishers).toContain('budgets.amazonaws.com');
    for (const publisher of publishers) expect(allowed).toContain(publisher);
    const groups = statements.find((each) => JSON.stringify(each.Principal).includes('"logs.'))!.Condition.ArnEquals['kms:EncryptionContext:aws:logs:arn'] as string[];
    expect(groups.map((arn) => arn.split(':log-group:')[1]).sort()).toEqual(resources(json, 'aws_cloudwatch_log_group').map((each) => each.name as string).sort());
  });

  it('keeps what workloads log as long as the environment keeps logs', () => {
    expect(only(json, 'aws_cloudwatch_log_group', { name: facts.logs.workloads }).retention_in_days).toBe(environment.retention.logsDays);
  });

  it('watches each NAT gateway the network has, found by its name', () => {
    const names = resources(stackOf(environment.name, 'network'), 'aws_nat_gateway').map((each) => each.tags.Name as string).sort();
    expect(Object.values(json.data.aws_nat_gateway!).map((each) => each.tags.Name as string).sort()).toEqual(names);
    expect(alarms.filter((each) => each.namespace === 'AWS/NATGateway')).toHaveLength(names.length);
  });

  it('watches cluster, database, cache and interruptions by their decided names', () => {
    const dimensions = JSON.stringify(alarms.map((each) => [each.dimensions, each.metric_query]));
    for (const name of [facts.cluster.name, facts.database.identifier, `${facts.cache.id}-001`, facts.interruptions.queue]) expect(dimensions).toContain(`"${name}"`);
    expect(alarms.filter((each) => each.namespace === 'AWS/ElastiCache')).toHaveLength(2 * (1 + environment.data.redis!.replicas));
  });

  it('has a Prometheus with a heartbeat, and a Grafana that shows it, where asked for', () => {
    const { managedPrometheus, managedGrafana } = environment.observability;
    expect(resources(json, 'aws_prometheus_workspace')).toHaveLength(managedPrometheus ? 1 : 0);
    expect(resources(json, 'aws_grafana_workspace')).toHaveLength(managedGrafana ? 1 : 0);
    const silence = alarms.filter((each) => each.alarm_name.endsWith('heartbeat-missing'));
    expect(silence.map((each) => [each.dimensions.TopicName, each.treat_missing_data])).toEqual(managedPrometheus ? [[facts.alerts.heartbeat, 'breaching']] : []);
    expect(resources(json, 'aws_sns_topic')).toHaveLength(managedPrometheus ? 2 : 1);
  });
});

describe('an environment whose bills know tags', () => {
  it('counts what carries its tag, and activates the tags where the account is billed', () => {
    const json = withBudget({ byTag: true });
    expect(resources(json, 'aws_ce_cost_allocation_tag').map((each) => [each.tag_key, each.status]).sort()).toEqual([['cost-centre', 'Active'], ['environment', 'Active'], ['owner', 'Active']]);
    expect(only(json, 'aws_budgets_budget').cost_filter).toEqual([{ name: 'TagKeyValue', values: ['user:environment$dev'] }]);
    expect(only(json, 'aws_ce_anomaly_monitor').monitor_type).toBe('CUSTOM');
  });

  it('activates none where another account is billed', () => {
    const json = synth((environment) => ({ ...environment, budget: { ...environment.budget, byTag: true }, data: { ...environment.data, billingExport: false } }));
    expect(resources(json, 'aws_ce_cost_allocation_tag')).toEqual([]);
    expect(only(json, 'aws_budgets_budget')).toHaveProperty('cost_filter');
  });

  it('counts the account by default: on the first day no bill knows a tag', () => {
    const json = stackOf('dev', 'observability');
    expect(resources(json, 'aws_ce_cost_allocation_tag')).toEqual([]);
    expect(only(json, 'aws_budgets_budget')).not.toHaveProperty('cost_filter');
  });
});

describe('an environment with a topic of its own', () => {
  const given = 'arn:aws:sns:us-east-1:111111111111:pager';
  const json = withBudget({ notify: ['a@example.com', given] });

  it('tells it of everything; the budget, which takes one topic, also mails', () => {
    const notifications = only(json, 'aws_budgets_budget').notification as Block[];
    expect(notifications.every((each) => each.subscriber_sns_topic_arns[0] === given && each.subscriber_email_addresses[0] === 'a@example.com')).toBe(true);
    expect(resources(json, 'aws_ce_anomaly_subscription').map((each) => each.subscriber[0].address as string)).toContain(given);
    expect(resources(json, 'aws_cloudwatch_metric_alarm').every((each) => each.alarm_actions[1] === given)).toBe(true);
  });
});

describe('parts an environment does without', () => {
  it('are not watched', () => {
    const bare = synth((environment) => ({ ...environment, nodeProvisioner: 'auto-mode', data: { billingExport: false } }));
    const watched = new Set(resources(bare, 'aws_cloudwatch_metric_alarm').map((each) => each.namespace as string | undefined));
    for (const namespace of ['AWS/RDS', 'AWS/ElastiCache', 'AWS/SQS', 'AWS/SNS']) expect(watched).not.toContain(namespace);
    expect(watched).toContain('AWS/NATGateway');
  });

  it('Grafana alone shows CloudWatch', () => {
    const json = synth((environment) => ({ ...environment, observability: { managedPrometheus: false, managedGrafana: true } }));
    expect(only(json, 'aws_grafana_workspace').data_sources).toEqual(['CLOUDWATCH']);
  });

  it('takes the anomaly monitor there is', () => {
    const monitor = 'arn:aws:ce::111111111111:anomalymonitor/x-1';
    const json = withBudget({ anomalyMonitor: monitor });
    expect(resources(json, 'aws_ce_anomaly_monitor')).toEqual([]);
    expect(only(json, 'aws_ce_anomaly_subscription').monitor_arn_list).toEqual([monitor]);
  });
});
