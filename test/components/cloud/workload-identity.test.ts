import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { describe, expect, it } from 'vitest';
import { WorkloadIdentity, WorkloadIdentityProps } from '../../../components/cloud';
import { only, reference, synthIn, SynthesizedStack } from '../../support/synth-stack';

const PROPS: WorkloadIdentityProps = {
  name: 'shore-catalog', clusterName: 'shore', clusterArn: 'arn:aws:eks:eu-west-1:111111111111:cluster/shore', account: '111111111111', namespace: 'catalog', serviceAccount: 'catalog',
};
const synth = (grant: (identity: WorkloadIdentity) => void, props: Partial<WorkloadIdentityProps> = {}) => synthIn((stack) => grant(new WorkloadIdentity(stack, 'catalog', { ...PROPS, ...props })));
const granted = (stack: SynthesizedStack) => (JSON.parse(only(stack, 'aws_iam_role_policy').policy).Statement as { Action: string[]; Resource: string[]; Condition?: object }[]);
const BUCKET = 'arn:aws:s3:::shore-bills';

describe('the identity of a workload', () => {
  it('is that of one ServiceAccount on one cluster of one account', () => {
    const stack = synth((identity) => identity.grantPublish('arn:aws:sns:eu-west-1:111111111111:alerts'));
    const [statement] = JSON.parse(only(stack, 'aws_iam_role').assume_role_policy).Statement;
    expect(statement).toMatchObject({
      Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'],
      Condition: {
        StringEquals: {
          'aws:SourceAccount': '111111111111', 'aws:RequestTag/eks-cluster-arn': PROPS.clusterArn,
          'aws:RequestTag/kubernetes-namespace': 'catalog', 'aws:RequestTag/kubernetes-service-account': 'catalog',
        },
      },
    });
    expect(only(stack, 'aws_eks_pod_identity_association')).toMatchObject({
      cluster_name: 'shore', namespace: 'catalog', service_account: 'catalog', role_arn: reference(stack, 'aws_iam_role', only(stack, 'aws_iam_role'), 'arn'),
      depends_on: [`aws_iam_role_policy.${Object.keys(stack.resource.aws_iam_role_policy!)[0]}`],
    });
  });

  it('reads what it was granted, below its prefix', () => {
    expect(granted(synth((identity) => identity.grantRead(BUCKET, 'focus/')))).toEqual([
      { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: [BUCKET], Condition: { StringLike: { 's3:prefix': ['focus/*'] } } },
      { Effect: 'Allow', Action: ['s3:GetObject'], Resource: [`${BUCKET}/focus/*`] },
    ]);
  });

  it('writes without reading', () => {
    expect(granted(synth((identity) => identity.grantWrite(BUCKET))).flatMap(({ Action }) => Action)).toEqual(['s3:PutObject', 's3:AbortMultipartUpload']);
  });

  it('takes a construct for an ARN', () => {
    const stack = synthIn((scope) => {
      const queue = new SqsQueue(scope, 'queue', { name: 'work' });
      new WorkloadIdentity(scope, 'catalog', PROPS).grantConsume(queue);
    });
    expect(granted(stack)[0]!.Resource).toEqual([reference(stack, 'aws_sqs_queue', only(stack, 'aws_sqs_queue'), 'arn')]);
    expect(granted(stack)[0]!.Action).not.toContain('sqs:SendMessage');
  });

  it('decrypts through one service only', () => {
    expect(granted(synth((identity) => identity.grantDecrypt('arn:aws:kms:eu-west-1:111111111111:key/1', 'secretsmanager.eu-west-1.amazonaws.com')))[0])
      .toMatchObject({ Action: ['kms:Decrypt'], Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } } });
  });

  it('says why where AWS knows no resources', () => {
    expect(granted(synth((identity) => identity.allowEverywhere(['pricing:GetProducts'], 'prices are no resources, and public'))))
      .toEqual([{ Effect: 'Allow', Action: ['pricing:GetProducts'], Resource: ['*'] }]);
  });

  it.each<[string, (identity: WorkloadIdentity) => void, RegExp]>([
    ['nothing', () => undefined, /got: no grant; allowed: at least one/],
    ['every action of a service', (identity) => identity.allow(['s3:*'], [BUCKET]), /got: "s3:\*"; allowed: service:Action, without wildcards/],
    ['everything', (identity) => identity.allow(['*'], [BUCKET]), /got: "\*"; allowed: service:Action/],
    ['actions that begin alike', (identity) => identity.allow(['s3:Get*'], [BUCKET]), /got: "s3:Get\*"/],
    ['any resource, in passing', (identity) => identity.allow(['s3:GetObject'], ['*']), /got: "\*"; allowed: an ARN; do: .*allowEverywhere/],
    ['any resource, for no reason', (identity) => identity.allowEverywhere(['s3:GetObject'], 'because'), /got: "because"; allowed: a reason/],
    ['more than a role holds', (identity) => Array.from({ length: 300 }, (_, index) => identity.grantRead(`arn:aws:s3:::bucket-${index}`)), /got: \d+ characters; allowed: at most 10240/],
  ])('is refused %s', (_, grant, message) => {
    expect(() => synth(grant)).toThrow(message);
  });

  it.each<[string, Partial<WorkloadIdentityProps>]>([
    ['namespace', { namespace: '*' }], ['serviceAccount', { serviceAccount: 'cat*' }], ['clusterArn', { clusterArn: 'arn:aws:eks:eu-west-1:111111111111:cluster/*' }],
    ['account', { account: '1' }], ['name', { name: 'x'.repeat(65) }],
  ])('names its fault in %s', (where, props) => {
    expect(() => synth((identity) => identity.grantPublish('arn:aws:sns:eu-west-1:111111111111:alerts'), props)).toThrow(new RegExp(`\\[test/catalog ${where}\\] got: `));
  });
});
