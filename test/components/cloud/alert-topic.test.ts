import { describe, expect, it } from 'vitest';
import { ALERT_PUBLISHERS, AlertPublisher, alertPrincipals, AlertTopic, AlertTopicProps } from '../../../components/cloud';
import { only, reference, resources, synthIn } from '../../support/synth-stack';

const props: AlertTopicProps = {
  name: 'demo-alerts', account: '111111111111', region: 'eu-west-1', keyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1', publishers: ['budgets', 'cost-anomalies', 'cloudwatch'], emails: ['a@example.com', 'b@example.com'],
};
const synth = (more: Partial<AlertTopicProps> = {}) => synthIn((stack) => void new AlertTopic(stack, 'topic', { ...props, ...more }));
const statements = (more?: Partial<AlertTopicProps>) => (JSON.parse(only(synth(more), 'aws_sns_topic_policy').policy) as { Statement: Record<string, unknown>[] }).Statement;

describe('the topic of alerts', () => {
  it('is encrypted with the given key', () => {
    expect(only(synth(), 'aws_sns_topic')).toMatchObject({ name: 'demo-alerts', kms_master_key_id: props.keyArn, signature_version: 2 });
  });

  it('takes nothing that came without TLS', () => {
    expect(statements()).toContainEqual(expect.objectContaining({ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }));
  });

  it('takes messages of the named services, of this account\'s own resources, and of nobody else', () => {
    const allowed = statements({ publishers: ALERT_PUBLISHERS }).filter((each) => each.Effect === 'Allow');
    expect(Object.fromEntries(allowed.map((each) => [(each.Principal as { Service: string }).Service, each.Condition]))).toEqual({
      'budgets.amazonaws.com': { StringEquals: { 'aws:SourceAccount': '111111111111' }, ArnLike: { 'aws:SourceArn': 'arn:aws:budgets::111111111111:*' } },
      'costalerts.amazonaws.com': { StringEquals: { 'aws:SourceAccount': '111111111111' }, ArnLike: { 'aws:SourceArn': 'arn:aws:ce::111111111111:anomalysubscription/*' } },
      'cloudwatch.amazonaws.com': { StringEquals: { 'aws:SourceAccount': '111111111111' }, ArnLike: { 'aws:SourceArn': 'arn:aws:cloudwatch:eu-west-1:111111111111:alarm:*' } },
      'aps.amazonaws.com': { StringEquals: { 'aws:SourceAccount': '111111111111' }, ArnLike: { 'aws:SourceArn': 'arn:aws:aps:eu-west-1:111111111111:workspace/*' } },
    });
    expect(statements({ publishers: ['budgets'] }).filter((each) => each.Effect === 'Allow')).toHaveLength(1);
    expect(alertPrincipals(['budgets', 'cloudwatch'])).toEqual(['budgets.amazonaws.com', 'cloudwatch.amazonaws.com']);
  });

  it('mails everybody who is named', () => {
    const json = synth();
    const arn = reference(json, 'aws_sns_topic', only(json, 'aws_sns_topic'), 'arn');
    expect(resources(json, 'aws_sns_topic_subscription').map((each) => [each.protocol, each.endpoint, each.topic_arn])).toEqual(props.emails!.map((email) => ['email', email, arn]));
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => synth({ name: 'a b', account: '1', publishers: [], emails: ['nobody', 'a@example.com', 'a@example.com'], displayName: 'x'.repeat(101) }))
      .toThrow(/name\] got: "a b"[^]*displayName\] got[^]*account\] got: "1"[^]*publishers\] got: \[\][^]*emails\[0\]\] got: "nobody"[^]*emails\[2\]\] got: "a@example.com"; allowed: addresses that differ/);
    expect(() => synth({ publishers: ['everybody' as AlertPublisher] })).toThrow(/publishers\] got: "everybody"; allowed: budgets, cost-anomalies, cloudwatch, managed-prometheus/);
  });
});
