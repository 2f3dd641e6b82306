/** What the controller's permissions are about. */
export interface KarpenterScope {
  /** E.g. `aws`. */
  readonly partition: string;
  readonly region: string;
  /** AWS account number. */
  readonly account: string;
  readonly clusterName: string;
  readonly nodeRoleArn: string;
  readonly queueArn: string;
}

/** One statement of a policy. */
export interface KarpenterStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Parts of the controller's permissions, as upstream divides them. */
export const KARPENTER_POLICIES = ['node-lifecycle', 'instance-profiles', 'cluster', 'interruptions', 'zonal-shift', 'discovery'] as const;
export type KarpenterPolicyName = (typeof KARPENTER_POLICIES)[number];

/**
 * What Karpenter v1 needs in AWS, and no more: what upstream's reference asks for. It changes only what carries the tag of its cluster and of a node pool, and
 * passes one role to instances.
 *
 * @see https://karpenter.sh/docs/reference/cloudformation/
 */
export function karpenterStatements(scope: KarpenterScope): Readonly<Record<KarpenterPolicyName, readonly KarpenterStatement[]>> {
  const { partition, region, account, clusterName } = scope;
  const ec2 = (kind: string, owner = '*') => `arn:${partition}:ec2:${region}:${owner}:${kind}/*`;
  const profiles = [`arn:${partition}:iam::${account}:instance-profile/*`];
  const ofCluster = { [`aws:ResourceTag/kubernetes.io/cluster/${clusterName}`]: 'owned' };
  const forCluster = { [`aws:RequestTag/kubernetes.io/cluster/${clusterName}`]: 'owned', 'aws:RequestTag/eks:eks-cluster-name': clusterName };
  const ofPool = { 'aws:ResourceTag/karpenter.sh/nodepool': '*' };
  const forPool = { 'aws:RequestTag/karpenter.sh/nodepool': '*' };
  const made = ['fleet', 'instance', 'volume', 'network-interface', 'launch-template', 'spot-instances-request'].map((kind) => ec2(kind));
  const inRegion = { 'aws:ResourceTag/topology.kubernetes.io/region': region };
  const toRegion = { 'aws:RequestTag/topology.kubernetes.io/region': region };
  const ofClass = { 'aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass': '*' };
  const forClass = { 'aws:RequestTag/karpenter.k8s.aws/ec2nodeclass': '*' };
  const allow = (Sid: string, Action: readonly string[], Resource: readonly string[], Condition?: KarpenterStatement['Condition']): KarpenterStatement =>
    ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition ? { Condition } : {}) });
  const cluster = `arn:${partition}:eks:${region}:${account}:cluster/${clusterName}`;
  return {
    'node-lifecycle': [
      allow('UseWhatNodesAreMadeFrom', ['ec2:RunInstances', 'ec2:CreateFleet'],
        [ec2('image', ''), ec2('snapshot', ''), ...['security-group', 'subnet', 'capacity-reservation', 'placement-group'].map((kind) => ec2(kind))]),
      allow('UseOwnLaunchTemplates', ['ec2:RunInstances', 'ec2:CreateFleet'], [ec2('launch-template')], { StringEquals: ofCluster, StringLike: ofPool }),
      allow('StartTaggedNodes', ['ec2:RunInstances', 'ec2:CreateFleet', 'ec2:CreateLaunchTemplate'], made, { StringEquals: forCluster, StringLike: forPool }),
      allow('TagWhileCreating', ['ec2:CreateTags'], made, {
        StringEquals: { ...forCluster, 'ec2:CreateAction': ['RunInstances', 'CreateFleet', 'CreateLaunchTemplate'] }, StringLike: forPool,
      }),
      allow('NameOwnNodes', ['ec2:CreateTags'], [ec2('instance')], {
        StringEquals: ofCluster,
        StringLike: ofPool,
        StringEqualsIfExists: { 'aws:RequestTag/eks:eks-cluster-name': clusterName },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['eks:eks-cluster-name', 'karpenter.sh/nodeclaim', 'Name'] },
      }),
      allow('EndOwnNodes', ['ec2:TerminateInstances', 'ec2:DeleteLaunchTemplate'], [ec2('instance'), ec2('launch-template')], { StringEquals: ofCluster, StringLike: ofPool }),
    ],
    'instance-profiles': [
      allow('PassNodeRole', ['iam:PassRole'], [scope.nodeRoleArn], { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn'] } }),
      allow('CreateOwnProfiles', ['iam:CreateInstanceProfile'], profiles, { StringEquals: { ...forCluster, ...toRegion }, StringLike: forClass }),
      allow('TagOwnProfiles', ['iam:TagInstanceProfile'], profiles, { StringEquals: { ...ofCluster, ...inRegion, ...forCluster, ...toRegion }, StringLike: { ...ofClass, ...forClass } }),
      allow('ChangeOwnProfiles', ['iam:AddRoleToInstanceProfile', 'iam:RemoveRoleFromInstanceProfile', 'iam:DeleteInstanceProfile'], profiles,
        { StringEquals: { ...ofCluster, ...inRegion }, StringLike: ofClass }),
    ],
    cluster: [allow('FindTheCluster', ['eks:DescribeCluster'], [cluster])],
    interruptions: [allow('TakeInterruptions', ['sqs:DeleteMessage', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'], [scope.queueArn])],
    'zonal-shift': [allow('SeeZonalShifts', ['arc-zonal-shift:GetManagedResource'], ['*'], { StringEquals: { 'arc-zonal-shift:ResourceIdentifier': cluster } })],
    discovery: [
      allow('ReadTheRegion', [
        'ec2:DescribeCapacityReservations', 'ec2:DescribeImages', 'ec2:DescribeInstances', 'ec2:DescribeInstanceStatus', 'ec2:DescribeInstanceTypeOfferings',
        'ec2:DescribeInstanceTypes', 'ec2:DescribeLaunchTemplates', 'ec2:DescribePlacementGroups', 'ec2:DescribeSecurityGroups', 'ec2:DescribeSpotPriceHistory', 'ec2:DescribeSubnets',
      ], ['*'], { StringEquals: { 'aws:RequestedRegion': region } }),
      allow('ReadPublishedImages', ['ssm:GetParameter'], [`arn:${partition}:ssm:${region}::parameter/aws/service/*`]),
      allow('ReadPrices', ['pricing:GetProducts'], ['*']), // answers in a few regions only, and knows no resources
      allow('ListProfiles', ['iam:ListInstanceProfiles'], ['*']), // knows no resources
      allow('ReadProfiles', ['iam:GetInstanceProfile'], profiles),
    ],
  };
}
