import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RecordingRules, RecordingRulesProps } from '../../../components';
import { refusal, sampleOwnership } from '../../support/sample-service';
import { objectOf, synthChart } from '../../support/synth';

const RULES = [{ record: 'shop:requests:rate', expr: 'sum by (service) (rate(requests_total{code!="500"}[1m]))' }, { record: 'shop:errors:rate', expr: 'vector(0)' }];
const synth = (props: Partial<RecordingRulesProps> = {}) => objectOf(synthChart((chart) => new RecordingRules(chart, 'rules', { ...sampleOwnership, name: 'shop', namespace: 'metrics', rules: RULES, ...props })), 'ConfigMap');

describe('RecordingRules', () => {
  test('is a rule file as Prometheus reads it, names and expressions unchanged', () => {
    expect(synth().metadata).toMatchObject({ name: 'shop', namespace: 'metrics', labels: { 'tideline.dev/owner': 'crew' } });
    expect(Object.keys(synth().data)).toEqual(['rules.yaml']);
    expect(parse(synth().data['rules.yaml'])).toEqual({ groups: [{ name: 'shop', interval: '15s', rules: RULES }] });
    expect(parse(synth({ intervalSeconds: 60 }).data['rules.yaml']).groups[0].interval).toBe('60s');
  });

  test('refuses what Prometheus would refuse, all at once', () => {
    expect(refusal(() => synth({ intervalSeconds: 0, rules: [...RULES, RULES[0]!, { record: 'no-dashes', expr: ' ' }] }))).toEqual([
      'test/rules intervalSeconds | 0', 'test/rules rules[2].record | "shop:requests:rate"', 'test/rules rules[3].record | "no-dashes"', 'test/rules rules[3].expr | " "',
    ]);
    expect(refusal(() => synth({ rules: [] }))).toEqual(['test/rules rules | []']);
  });
});
