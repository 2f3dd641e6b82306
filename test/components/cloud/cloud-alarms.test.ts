import { describe, expect, it } from 'vitest';
import {
  Alarm, cacheAlarms, CloudAlarms, CloudAlarmsProps, clusterAlarms, databaseAlarms, heartbeatAlarms, interruptionQueueAlarms, natGatewayAlarms, quotaAlarms,
} from '../../../components/cloud';
import { only, resources, synthIn } from '../../support/synth-stack';

const TOPIC = 'arn:aws:sns:eu-west-1:111111111111:alerts';
const synth = (alarms: readonly Alarm[], more: Partial<CloudAlarmsProps> = {}) => synthIn((stack) => void new CloudAlarms(stack, 'alarms', { prefix: 'demo', alarms, topicArns: [TOPIC], ...more }));

const EVERY = [
  ...natGatewayAlarms('use1-az1', 'nat-1'), ...clusterAlarms('demo'), ...databaseAlarms('demo', 20), ...cacheAlarms('demo', 2), ...interruptionQueueAlarms('demo-interruptions'), ...quotaAlarms(),
  ...heartbeatAlarms('demo-heartbeat'),
];

describe('alarms', () => {
  it('compare one metric', () => {
    expect(only(synth(interruptionQueueAlarms('q')), 'aws_cloudwatch_metric_alarm')).toMatchObject({
      alarm_name: 'demo-interruptions-unread', namespace: 'AWS/SQS', metric_name: 'ApproximateAgeOfOldestMessage', dimensions: { QueueName: 'q' }, statistic: 'Maximum', period: 60,
      comparison_operator: 'GreaterThanThreshold', threshold: 60, evaluation_periods: 3, datapoints_to_alarm: 3, treat_missing_data: 'notBreaching', alarm_actions: [TOPIC], ok_actions: [TOPIC],
    });
  });

  it('compare an expression over several, of which only the result counts', () => {
    const alarm = only(synth(clusterAlarms('demo')), 'aws_cloudwatch_metric_alarm', { alarm_name: 'demo-api-server-errors' });
    expect(alarm.metric_query).toEqual([
      { id: 'failed', return_data: false, metric: { namespace: 'AWS/EKS', metric_name: 'apiserver_request_total_5XX', dimensions: { ClusterName: 'demo' }, stat: 'Sum', period: 300 } },
      { id: 'all', return_data: false, metric: { namespace: 'AWS/EKS', metric_name: 'apiserver_request_total', dimensions: { ClusterName: 'demo' }, stat: 'Sum', period: 300 } },
      { id: 'result', expression: '100 * FILL(failed, 0) / all', label: 'result', return_data: true },
    ]);
    expect(alarm).not.toHaveProperty('metric_name');
  });

  it('go off when what should speak is silent', () => {
    const silent = EVERY.filter((alarm) => alarm.missing === 'alarm').map((alarm) => alarm.name);
    expect(silent).toEqual(['cluster-silent', 'database-storage', 'heartbeat-missing']);
    for (const alarm of resources(synth(EVERY), 'aws_cloudwatch_metric_alarm').filter((each) => silent.some((name) => each.alarm_name === `demo-${name}`))) {
      expect(alarm.treat_missing_data).toBe('breaching');
    }
  });

  it('warn before the storage of a database is full', () => {
    expect(databaseAlarms('demo', 200).find((alarm) => alarm.name === 'database-storage')).toMatchObject({ comparison: '<', threshold: 20 * 2 ** 30 });
  });

  it('watch each node of a cache', () => {
    expect(cacheAlarms('demo', 3).map((alarm) => (alarm.metric as { dimensions: object }).dimensions)).toEqual(['001', '001', '002', '002', '003', '003'].map((node) => ({ CacheClusterId: `demo-${node}` })));
  });

  it('each say what to do and where the metric is documented', () => {
    for (const alarm of EVERY) {
      expect(alarm.description.split(/[.:] /).length, alarm.name).toBeGreaterThan(1);
      expect(alarm.source, alarm.name).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    }
  });

  it('can be shaped by whoever uses them', () => {
    const json = synth(quotaAlarms(), { transform: (config, alarm) => (alarm.name.endsWith('spot') ? { ...config, threshold: 50 } : config) });
    expect(resources(json, 'aws_cloudwatch_metric_alarm').map((each) => each.threshold).sort()).toEqual([50, 80]);
  });

  it('refuse everything that is wrong at once', () => {
    const bad: Alarm = { ...interruptionQueueAlarms('q')[0]!, name: 'A', description: '', expression: 'x', threshold: NaN, periodSeconds: 30, periods: 0, source: 'trust me' };
    expect(() => synth([bad, bad], { topicArns: [] })).toThrow(
      /topicArns\] got: \[\][^]*name\] got: "A"[^]*description\] got: ""[^]*expression\] got: "x"[^]*threshold\] got: NaN[^]*periodSeconds\] got: 30[^]*periods\] got: 0[^]*source\] got: "trust me"[^]*alarms\[1\].name\] got: "A"; allowed: names that differ/,
    );
  });
});
