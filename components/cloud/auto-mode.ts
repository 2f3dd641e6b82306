import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry';
import { EksAccessPolicyAssociation } from '@cdktf/provider-aws/lib/eks-access-policy-association';
import type { EksClusterConfig } from '@cdktf/provider-aws/lib/eks-cluster';
import { Construct } from 'constructs';
import { Grant, ServiceRole } from './service-role';

/** Node pools that EKS Auto Mode comes with. `system` takes pods that tolerate `CriticalAddonsOnly`, `general-purpose` everything else; both are on-demand, amd64. */
export const AUTO_MODE_POOLS = ['general-purpose', 'system'] as const;
export type AutoModePool = (typeof AUTO_MODE_POOLS)[number];

/** EKS Auto Mode: AWS runs what starts nodes, balances load and attaches volumes, for a charge on every node. */
export interface AutoModeOptions {
  /**
   * Its own pools to switch on. Without, nodes start once somebody applies NodePools; whoever applies them needs a node to run on.
   * @default - none beside node groups, both without them
   */
  readonly builtInPools?: readonly AutoModePool[];
  /** Name of the role of its nodes; a NodeClass names it. @default - the cluster's name and `-auto-node` */
  readonly nodeRoleName?: string;
}

/** Managed policies of the control plane's role under Auto Mode. @see https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html */
export const AUTO_MODE_POLICIES = ['AmazonEKSBlockStoragePolicy', 'AmazonEKSComputePolicy', 'AmazonEKSLoadBalancingPolicy', 'AmazonEKSNetworkingPolicy'].map((name) => `arn:aws:iam::aws:policy/${name}`);

/**
 * What lets Auto Mode put tags of our own on what it makes: the managed policies know only AWS's tags, and everything that shows who pays would be missing. Each action needs
 * the cluster's own tag on what it makes.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html
 */
export function autoModeTagGrants(cluster: string, account: string, region: string): Grant[] {
  const own = { StringEquals: { 'aws:RequestTag/eks:eks-cluster-name': cluster } };
  const ec2 = (...types: string[]) => types.map((type) => `arn:aws:ec2:${region}:${type === 'snapshot' ? '' : account}:${type}/*`);
  return [
    { actions: ['ec2:CreateFleet', 'ec2:RunInstances', 'ec2:CreateLaunchTemplate'], resources: ec2('fleet', 'instance', 'launch-template', 'network-interface', 'spot-instances-request', 'volume'), conditions: own },
    { actions: ['ec2:CreateVolume', 'ec2:CreateSnapshot'], resources: ec2('volume', 'snapshot'), conditions: own },
    { actions: ['ec2:CreateNetworkInterface'], resources: ec2('network-interface'), conditions: own },
    { actions: ['ec2:CreateSecurityGroup'], resources: ec2('security-group'), conditions: own },
    {
      actions: ['elasticloadbalancing:CreateLoadBalancer', 'elasticloadbalancing:CreateTargetGroup', 'elasticloadbalancing:CreateListener', 'elasticloadbalancing:CreateRule'],
      resources: [`arn:aws:elasticloadbalancing:${region}:${account}:*`], conditions: own,
    },
  ];
}

/** The part of a cluster's configuration that turns Auto Mode on. All three belong together: EKS takes them all or none. */
export function autoModeConfig(pools: readonly AutoModePool[], nodeRoleArn: string): Pick<EksClusterConfig, 'computeConfig' | 'kubernetesNetworkConfig' | 'storageConfig'> {
  return {
    computeConfig: { enabled: true, nodePools: [...pools], ...(pools.length > 0 ? { nodeRoleArn } : {}) }, // EKS takes a role only where it has pools to use it for
    kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
    storageConfig: { blockStorage: { enabled: true } },
  };
}

/** The role of the nodes that Auto Mode starts. */
export class AutoModeNodeRole extends ServiceRole {
  constructor(scope: Construct, id: string, clusterName: string, name = `${clusterName}-auto-node`) {
    super(scope, id, {
      name,
      description: `Nodes that EKS Auto Mode starts for ${clusterName}`,
      assumedBy: 'ec2.amazonaws.com',
      managedPolicies: ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'].map((policy) => `arn:aws:iam::aws:policy/${policy}`),
    });
  }

  /** Lets the nodes in. For NodeClasses of our own only: for its built-in pools EKS does so itself, and refuses a second entry. */
  admitTo(clusterName: string): void {
    const entry = new EksAccessEntry(this, 'Access', { clusterName, principalArn: this.arn, type: 'EC2' });
    new EksAccessPolicyAssociation(this, 'AccessPolicy', {
      clusterName, principalArn: entry.principalArn, policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy', accessScope: { type: 'cluster' },
    });
  }
}
