import { describe, expect, it } from 'vitest';
import { CostAnomalies, CostAnomaliesProps } from '../../../components/cloud';
import { only, reference, resources, synthIn } from '../../support/synth-stack';

const TOPIC = 'arn:aws:sns:eu-west-1:111111111111:alerts';
const synth = (more: Partial<CostAnomaliesProps> = {}) => synthIn((stack) => void new CostAnomalies(stack, 'anomalies', { name: 'demo', thresholdUsd: 20, topicArns: [TOPIC], ...more }));

describe('anomalies of cost', () => {
  it('are looked for in each service, and told to the topic at once', () => {
    const json = synth();
    expect(only(json, 'aws_ce_anomaly_monitor')).toMatchObject({ monitor_type: 'DIMENSIONAL', monitor_dimension: 'SERVICE' });
    expect(only(json, 'aws_ce_anomaly_subscription')).toMatchObject({
      frequency: 'IMMEDIATE', subscriber: [{ type: 'SNS', address: TOPIC }],
      monitor_arn_list: [reference(json, 'aws_ce_anomaly_monitor', only(json, 'aws_ce_anomaly_monitor'), 'arn')],
      threshold_expression: { dimension: { key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE', match_options: ['GREATER_THAN_OR_EQUAL'], values: ['20'] } },
    });
  });

  it('are looked for in what carries a tag', () => {
    const monitor = only(synth({ scope: { tag: { key: 'environment', value: 'dev' } } }), 'aws_ce_anomaly_monitor');
    expect(monitor.monitor_type).toBe('CUSTOM');
    expect(JSON.parse(monitor.monitor_specification)).toMatchObject({ Tags: { Key: 'user:environment', Values: ['dev'] }, Dimensions: null });
  });

  it('take the monitor there is', () => {
    const existing = 'arn:aws:ce::111111111111:anomalymonitor/abc-1';
    const json = synth({ scope: { existing } });
    expect(resources(json, 'aws_ce_anomaly_monitor')).toEqual([]);
    expect(only(json, 'aws_ce_anomaly_subscription').monitor_arn_list).toEqual([existing]);
  });

  it('are told to each topic by itself, and to addresses once a day', () => {
    const found = resources(synth({ topicArns: [TOPIC, `${TOPIC}-2`], emails: ['a@example.com', 'b@example.com'] }), 'aws_ce_anomaly_subscription');
    expect(found.map((each) => [each.name, each.frequency, (each.subscriber as unknown[]).length]).sort()).toEqual([['demo', 'IMMEDIATE', 1], ['demo-2', 'IMMEDIATE', 1], ['demo-daily', 'DAILY', 2]]);
  });

  it('refuse everything that is wrong at once', () => {
    expect(() => synth({ name: 'x'.repeat(45), thresholdUsd: -1, topicArns: [], scope: { existing: 'default' } }))
      .toThrow(/name\] got[^]*thresholdUsd\] got: -1[^]*topicArns\] got: "neither a topic nor an e-mail address"[^]*scope.existing\] got: "default"/);
  });
});
