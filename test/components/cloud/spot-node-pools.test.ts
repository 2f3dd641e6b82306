import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, it } from 'vitest';
import { INTERRUPTION_EVENTS, ProvisionedPool, SpotNodePools, SpotNodePoolsProps } from '../../../components/cloud';
import { only, reference, resources, synthIn, SynthesizedStack } from '../../support/synth-stack';

const BURST: ProvisionedPool = { name: 'burst', capacity: 'spot', instanceTypes: ['m7g.large', 'm6g.large'] };
const PROPS: SpotNodePoolsProps = { clusterName: 'shore', region: 'eu-west-1', account: '111111111111', pools: [BURST] };
const OWN = { 'aws:ResourceTag/kubernetes.io/cluster/shore': 'owned', 'aws:ResourceTag/karpenter.sh/nodepool': 'burst' };
const FOREIGN = { 'aws:ResourceTag/kubernetes.io/cluster/other': 'owned', 'aws:ResourceTag/karpenter.sh/nodepool': 'burst' };
const NEW = { 'aws:RequestTag/kubernetes.io/cluster/shore': 'owned', 'aws:RequestTag/eks:eks-cluster-name': 'shore', 'aws:RequestTag/karpenter.sh/nodepool': 'burst' };
const EC2 = 'arn:aws:ec2:eu-west-1:111111111111';
const IAM = 'arn:aws:iam::111111111111';

function synth(props: Partial<SpotNodePoolsProps> = {}): SynthesizedStack {
  return synthIn((stack) => new SpotNodePools(stack, 'nodes', { ...PROPS, ...props }));
}

const policiesOf = (stack: SynthesizedStack) => resources(stack, 'aws_iam_role_policy').map(({ name, policy }) => ({ name: String(name), policy: JSON.parse(String(policy)) as object }));

/** What AWS would answer Karpenter. */
async function answer(action: string, resource: string, context: Record<string, string | string[]> = {}): Promise<string> {
  const result = await runSimulation({
    request: {
      principal: `${IAM}:role/shore-karpenter`, action, resource: { resource, accountId: '111111111111' }, contextVariables: { 'aws:RequestedRegion': 'eu-west-1', ...context },
    },
    identityPolicies: policiesOf(synth()), serviceControlPolicies: [], resourceControlPolicies: [],
  }, {});
  if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
  return result.overallResult;
}

describe('what Karpenter needs from AWS', () => {
  it('is told of everything that precedes the loss of a node', () => {
    const stack = synth();
    const patterns = resources(stack, 'aws_cloudwatch_event_rule').map((rule) => JSON.parse(rule.event_pattern) as { source: string[]; 'detail-type': string[]; detail?: object });
    expect(patterns.map((pattern) => pattern['detail-type'][0]).sort()).toEqual([
      'AWS Health Event', 'EC2 Capacity Reservation Instance Interruption Warning', 'EC2 Instance Rebalance Recommendation', 'EC2 Instance State-change Notification',
      'EC2 Spot Instance Interruption Warning',
    ]);
    expect(patterns.find(({ source }) => source[0] === 'aws.health')!.detail).toEqual({ service: ['EC2'], eventTypeCategory: ['scheduledChange'] });
    const queue = only(stack, 'aws_sqs_queue');
    const targets = resources(stack, 'aws_cloudwatch_event_target');
    expect(targets.map(({ arn }) => arn)).toEqual(INTERRUPTION_EVENTS.map(() => reference(stack, 'aws_sqs_queue', queue, 'arn')));
    expect(new Set(targets.map(({ rule }) => rule)).size).toBe(INTERRUPTION_EVENTS.length);
  });

  it('has a queue that is encrypted, forgets in minutes, and takes from its own rules only', () => {
    const stack = synth();
    expect(only(stack, 'aws_sqs_queue')).toMatchObject({ name: 'shore-interruptions', sqs_managed_sse_enabled: true, message_retention_seconds: 300 });
    const { Statement } = JSON.parse(only(stack, 'aws_sqs_queue_policy').policy) as { Statement: { Effect: string; Principal: unknown; Condition: Record<string, Record<string, unknown>> }[] };
    const [send, deny, ...more] = Statement;
    expect(more).toEqual([]);
    expect(send).toMatchObject({ Effect: 'Allow', Principal: { Service: ['events.amazonaws.com'] }, Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } } });
    const rules = resources(stack, 'aws_cloudwatch_event_rule').map((rule) => reference(stack, 'aws_cloudwatch_event_rule', rule, 'arn'));
    expect([...(send!.Condition.ArnEquals!['aws:SourceArn'] as string[])].sort()).toEqual(rules.sort());
    expect(deny).toMatchObject({ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  });

  it('acts as the account that runs it, by Pod Identity and after its permissions', () => {
    const stack = synth();
    const role = only(stack, 'aws_iam_role', { name: 'shore-karpenter' });
    const identity = only(stack, 'aws_eks_pod_identity_association');
    expect(identity).toMatchObject({ cluster_name: 'shore', namespace: 'kube-system', service_account: 'karpenter', role_arn: reference(stack, 'aws_iam_role', role, 'arn') });
    expect(identity.depends_on).toHaveLength(policiesOf(stack).length);
    expect(JSON.parse(role.assume_role_policy).Statement).toMatchObject([{
      Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'],
      Condition: {
        StringEquals: {
          'aws:RequestTag/eks-cluster-arn': 'arn:aws:eks:eu-west-1:111111111111:cluster/shore', 'aws:RequestTag/kubernetes-namespace': 'kube-system', 'aws:RequestTag/kubernetes-service-account': 'karpenter',
        },
      },
    }]);
    expect(only(synth({ serviceAccount: { namespace: 'karpenter', name: 'nodes' } }), 'aws_eks_pod_identity_association')).toMatchObject({ namespace: 'karpenter', service_account: 'nodes' });
  });

  it('lets its nodes join, with a role of their own', () => {
    const stack = synth();
    const role = only(stack, 'aws_iam_role', { name: 'shore-provisioned-node' });
    expect(only(stack, 'aws_eks_access_entry')).toMatchObject({ type: 'EC2_LINUX', principal_arn: reference(stack, 'aws_iam_role', role, 'arn') });
    expect(resources(stack, 'aws_iam_role_policy_attachment').map(({ policy_arn }) => String(policy_arn).split('/').pop()).sort()).toEqual(['AmazonEC2ContainerRegistryPullOnly', 'AmazonEKSWorkerNodePolicy']);
    expect(resources(stack, 'aws_iam_service_linked_role')).toEqual([]);
    expect(only(synth({ createSpotServiceRole: true }), 'aws_iam_service_linked_role').aws_service_name).toBe('spot.amazonaws.com');
  });

  it('fits what IAM allows inline, under the longest names too', () => {
    const longest = synth({ zonalShift: true, clusterName: 'x'.repeat(40), region: 'ap-southeast-1', partition: 'aws-us-gov', queueName: 'q'.repeat(80), nodeRoleName: 'n'.repeat(64) });
    const size = policiesOf(longest).reduce((sum, { policy }) => sum + JSON.stringify(policy).length, 0);
    expect(size).toBeGreaterThan(5000);
    expect(size).toBeLessThanOrEqual(10_240);
    const padding = { Sid: 'More', Effect: 'Allow', Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${'x'.repeat(6000)}`] } as const;
    expect(() => synth({ transform: { statements: (given, policy) => (policy === 'discovery' ? [...given, padding] : given) } })).toThrow(/transform.statements\] got: \d+ characters; allowed: at most 10240/);
  });

  it('sees shifts away from zones where it is to heed them, of its cluster only', () => {
    const named = (stack: SynthesizedStack) => policiesOf(stack).filter(({ name }) => name === 'zonal-shift').map(({ policy }) => (policy as { Statement: object[] }).Statement);
    expect(named(synth())).toEqual([]);
    expect(named(synth({ zonalShift: true }))).toEqual([[expect.objectContaining({
      Action: ['arc-zonal-shift:GetManagedResource'], Condition: { StringEquals: { 'arc-zonal-shift:ResourceIdentifier': 'arn:aws:eks:eu-west-1:111111111111:cluster/shore' } },
    })]]);
  });

  it.each<[string, string, string, Record<string, string | string[]>?]>([
    ['starts a node that carries the tags', 'ec2:RunInstances', `${EC2}:instance/*`, NEW],
    ['ends a node of its cluster', 'ec2:TerminateInstances', `${EC2}:instance/i-1`, OWN],
    ['passes the role of its nodes to EC2', 'iam:PassRole', `${IAM}:role/shore-provisioned-node`, { 'iam:PassedToService': 'ec2.amazonaws.com' }],
    ['takes warnings from its queue', 'sqs:ReceiveMessage', 'arn:aws:sqs:eu-west-1:111111111111:shore-interruptions'],
    ['finds its cluster', 'eks:DescribeCluster', 'arn:aws:eks:eu-west-1:111111111111:cluster/shore'],
    ['sees what the region offers', 'ec2:DescribeInstanceTypes', '*'],
  ])('%s', async (_, action, resource, context) => {
    expect(await answer(action, resource, context)).toBe('Allowed');
  });

  it.each<[string, string, string, Record<string, string | string[]>?]>([
    ['start a node without tags', 'ec2:RunInstances', `${EC2}:instance/*`],
    ["start a node with another cluster's tags", 'ec2:RunInstances', `${EC2}:instance/*`, { ...NEW, 'aws:RequestTag/eks:eks-cluster-name': 'other' }],
    ["end another cluster's node", 'ec2:TerminateInstances', `${EC2}:instance/i-1`, FOREIGN],
    ['end a machine that is no node', 'ec2:TerminateInstances', `${EC2}:instance/i-1`],
    ["take another cluster's node over by a tag", 'ec2:CreateTags', `${EC2}:instance/i-1`, { ...FOREIGN, 'aws:TagKeys': ['kubernetes.io/cluster/shore'] }],
    ['pass the role of an administrator', 'iam:PassRole', `${IAM}:role/admin`, { 'iam:PassedToService': 'ec2.amazonaws.com' }],
    ['pass the role of its nodes to another service', 'iam:PassRole', `${IAM}:role/shore-provisioned-node`, { 'iam:PassedToService': 'lambda.amazonaws.com' }],
    ['put a role into a profile that is not its own', 'iam:AddRoleToInstanceProfile', `${IAM}:instance-profile/other`],
    ["read another cluster's warnings", 'sqs:ReceiveMessage', 'arn:aws:sqs:eu-west-1:111111111111:other-interruptions'],
    ['look into another region', 'ec2:DescribeInstances', '*', { 'aws:RequestedRegion': 'us-east-1' }],
    ['create a role', 'iam:CreateRole', `${IAM}:role/new`],
  ])('does not let Karpenter %s', async (_, action, resource, context) => {
    expect(await answer(action, resource, context)).toBe('ImplicitlyDenied');
  });

  it('can be changed in what it did not foresee', () => {
    const stack = synth({
      transform: { queue: (config) => ({ ...config, kmsMasterKeyId: 'alias/mine', sqsManagedSseEnabled: undefined }), rule: (config, event) => (event === 'rebalance' ? { ...config, state: 'DISABLED' } : config) },
    });
    expect(only(stack, 'aws_sqs_queue').kms_master_key_id).toBe('alias/mine');
    expect(resources(stack, 'aws_cloudwatch_event_rule').filter(({ state }) => state === 'DISABLED')).toHaveLength(1);
  });

  it.each<[string, Partial<SpotNodePoolsProps>, RegExp]>([
    ['a spot pool of one type', { pools: [{ ...BURST, instanceTypes: ['m7g.large', 'm7g.large'] }] }, /pools\[0\].instanceTypes\].*at least 2 different EC2 instance types for spot; do: add types of other families/],
    ['mixed architectures', { pools: [{ ...BURST, instanceTypes: ['m7g.large', 'm7i.large'] }] }, /types of one processor architecture; do: make a pool per architecture/],
    ['a capacity nobody sells', { pools: [{ ...BURST, capacity: 'reserved' as 'spot' }] }, /pools\[0\].capacity\] got: "reserved"; allowed: on-demand or spot/],
    ['a type that is none', { pools: [{ ...BURST, instanceTypes: ['m7g', 'm6g.large'] }] }, /got: "m7g"; allowed: an EC2 instance type/],
    ['two pools of one name', { pools: [BURST, BURST] }, /pools\[1\].name\].*names that differ/],
    ['no pool', { pools: [] }, /at least one pool/],
    ['a cluster by an expression', { clusterName: '${aws_eks_cluster.x.name}' }, /clusterName\].*not an expression/],
    ['an account that is none', { account: '1234' }, /account\] got: "1234"; allowed: 12 digits/],
    ['a region that is none', { region: 'Ireland' }, /region\] got: "Ireland"/],
    ['a queue name SQS refuses', { queueName: 'a b' }, /queueName\]/],
    ['a role name IAM refuses', { nodeRoleName: 'n'.repeat(65) }, /nodeRoleName\]/],
  ])('refuses %s', (_, props, message) => {
    expect(() => synth(props)).toThrow(message);
  });

  it('takes mixed architectures where they are meant, and names every fault at once', () => {
    expect(() => synth({ mixedArchitectures: true, pools: [{ ...BURST, instanceTypes: ['m7g.large', 'm7i.large'] }] })).not.toThrow();
    expect(() => synth({ clusterName: 'X', account: 'x', pools: [] })).toThrow(/clusterName\][^]*account\][^]*pools\]/);
  });
});
