import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ManagedPrometheus, ManagedPrometheusProps } from '../../../components/cloud';
import { only, reference, resources, synthIn } from '../../support/synth-stack';

const props: ManagedPrometheusProps = { name: 'demo', region: 'eu-west-1', alertTopicArn: 'arn:aws:sns:eu-west-1:111111111111:alerts', heartbeatTopicArn: 'arn:aws:sns:eu-west-1:111111111111:heartbeat' };
const synth = (more: Partial<ManagedPrometheusProps> = {}) => synthIn((stack) => void new ManagedPrometheus(stack, 'prometheus', { ...props, ...more }));
const alertManager = (more?: Partial<ManagedPrometheusProps>) => parse((parse(only(synth(more), 'aws_prometheus_alert_manager_definition').definition) as { alertmanager_config: string }).alertmanager_config);

describe('a managed Prometheus', () => {
  it('keeps metrics and log as long as asked, each under its key', () => {
    const json = synth({ metricsDays: 90, logsDays: 14, keyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1', logsKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/2' });
    expect(only(json, 'aws_prometheus_workspace_configuration').retention_period_in_days).toBe(90);
    expect(only(json, 'aws_cloudwatch_log_group')).toMatchObject({ name: '/aws/vendedlogs/prometheus/demo', retention_in_days: 14, kms_key_id: 'arn:aws:kms:eu-west-1:111111111111:key/2' });
    const logs = reference(json, 'aws_cloudwatch_log_group', only(json, 'aws_cloudwatch_log_group'), 'arn');
    expect(only(json, 'aws_prometheus_workspace')).toMatchObject({ alias: 'demo', kms_key_arn: 'arn:aws:kms:eu-west-1:111111111111:key/1', logging_configuration: { log_group_arn: `${logs}:*` } });
  });

  it('sends alerts to the topic', () => {
    const { route, receivers } = alertManager();
    expect(route).toMatchObject({ receiver: 'alerts', repeat_interval: '4h' });
    expect(receivers[0]).toEqual({ name: 'alerts', sns_configs: [{ topic_arn: props.alertTopicArn, sigv4: { region: 'eu-west-1' }, send_resolved: true }] });
  });

  it('lets the heartbeat out every five minutes, to its own topic', () => {
    const { route, receivers } = alertManager();
    expect(route.routes).toEqual([{ receiver: 'heartbeat', matchers: ['alertname = Heartbeat'], group_wait: '0s', group_interval: '1m', repeat_interval: '5m' }]);
    expect(receivers[1]).toEqual({ name: 'heartbeat', sns_configs: [{ topic_arn: props.heartbeatTopicArn, sigv4: { region: 'eu-west-1' }, send_resolved: false }] });
    const [group] = (parse(only(synth(), 'aws_prometheus_rule_group_namespace').data) as { groups: { rules: object[] }[] }).groups;
    expect(group!.rules).toMatchObject([{ alert: 'Heartbeat', expr: 'count(up) > 0' }]);
  });

  it('has no heartbeat where nobody listens', () => {
    const quiet = { heartbeatTopicArn: undefined } as unknown as Partial<ManagedPrometheusProps>;
    expect(resources(synth(quiet), 'aws_prometheus_rule_group_namespace')).toEqual([]);
    expect(alertManager(quiet).route.routes).toBeUndefined();
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => synth({ name: 'a b', metricsDays: 2000, logsDays: 2, heartbeatMetric: 'up{}' }))
      .toThrow(/name\] got: "a b"[^]*metricsDays\] got: 2000[^]*heartbeatMetric\] got: "up{}"[^]*logsDays\] got: 2 days/);
  });
});
