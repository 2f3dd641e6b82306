import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry';
import { EksAccessPolicyAssociation } from '@cdktf/provider-aws/lib/eks-access-policy-association';
import type { EksAddonConfig } from '@cdktf/provider-aws/lib/eks-addon';
import { EksCluster as EksClusterResource, EksClusterConfig } from '@cdktf/provider-aws/lib/eks-cluster';
import type { EksNodeGroupConfig } from '@cdktf/provider-aws/lib/eks-node-group';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Construct } from 'constructs';
import { Fault, refuse, show } from '../../base/faults';
import { Cidr, cidrFault } from '../../base/cidr';
import { AddonName, EksAddons } from './eks-addons';
import { logRetentionFaults } from './log-retention';
import { ManagedNodePool, NodePoolOptions, nodePoolFaults } from './managed-node-pool';
import { ServiceRole } from './service-role';

/** What the control plane can log. */
export const CONTROL_PLANE_LOGS = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'] as const;
export type ControlPlaneLog = (typeof CONTROL_PLANE_LOGS)[number];

/** Props of {@link EksCluster}. */
export interface EksClusterProps {
  /** Name of the cluster, 1 to 40 characters. Other stacks find the cluster by it. */
  readonly name: string;
  /** Kubernetes minor version, e.g. `1.35`. */
  readonly version: string;
  readonly vpcId: string;
  /** Subnets of the control plane's interfaces, in at least two zones. */
  readonly controlPlaneSubnetIds: string[];
  /** Subnets of the nodes. They need a way out, or interface endpoints. */
  readonly nodeSubnetIds: string[];
  /** Blocks outside the VPC that may reach the API endpoint. @default - none: the endpoint is private */
  readonly publicAccessCidrs?: readonly string[];
  /** Blocks inside the VPC, or routed to it, that may reach the private endpoint besides the nodes. @default - nodes only */
  readonly privateAccessCidrs?: readonly string[];
  /**
   * ARNs of the IAM roles that administer the cluster. At least one: with access entries nobody has access who is not listed, not even the cluster's creator,
   * whose implicit rights depend on who happened to run the first apply.
   */
  readonly administrators: readonly string[];
  /** Node pools, at least one with nodes that always run. */
  readonly pools: readonly NodePoolOptions[];
  /** @default - all of them */
  readonly logs?: readonly ControlPlaneLog[];
  /** Days the control plane's logs are kept, as CloudWatch Logs knows them. @default 30 */
  readonly logRetentionDays?: number;
  /** Versions of managed add-ons. @default - what EKS holds to be right for the cluster's version when the add-on is first created */
  readonly addonVersions?: Partial<Readonly<Record<AddonName, string>>>;
  /** Tags of the instances, volumes and interfaces that node pools start; Terraform never sees those, so no aspect can reach them. @default - none */
  readonly instanceTags?: Readonly<Record<string, string>>;
  /** Whether the cluster stays when Terraform wants to destroy it. @default false */
  readonly deletionProtection?: boolean;
  /** The way out: gets each finished configuration and returns the one to use. @default - as built here */
  readonly transform?: {
    readonly cluster?: (config: EksClusterConfig) => EksClusterConfig;
    readonly nodeGroup?: (config: EksNodeGroupConfig, pool: NodePoolOptions) => EksNodeGroupConfig;
    readonly addon?: (config: EksAddonConfig, name: AddonName) => EksAddonConfig;
  };
}

/**
 * An EKS cluster: control plane with encrypted secrets and logs, access entries, managed add-ons and managed node pools.
 *
 * Roles hold only what their user needs: nodes may join and pull images; the network plugin and the volume driver have roles of their own through
 * EKS Pod Identity.
 */
export class EksCluster extends Construct {
  readonly cluster: EksClusterResource;
  /** Encrypts Kubernetes secrets. */
  readonly key: KmsKey;
  /** On the control plane's interfaces, besides the group EKS makes itself. */
  readonly securityGroup: SecurityGroup;
  /** The role of every node. */
  readonly nodeRole: ServiceRole;
  readonly pools: readonly ManagedNodePool[];
  readonly addons: EksAddons;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: EksClusterProps) {
    super(scope, id);
    refuse(`the cluster ${show(props.name)} cannot be built`, clusterFaults(props, this.node.path));
    const { name, transform = {}, publicAccessCidrs = [] } = props;

    this.key = new KmsKey(this, 'SecretsKey', { description: `Kubernetes secrets of ${name}`, enableKeyRotation: true, deletionWindowInDays: 30 });
    new KmsAlias(this, 'SecretsKeyAlias', { name: `alias/${name}-secrets`, targetKeyId: this.key.keyId });
    const role = new ServiceRole(this, 'ControlPlaneRole', {
      name: `${name}-control-plane`,
      description: `Control plane of ${name}`,
      service: 'eks.amazonaws.com',
      managedPolicies: ['arn:aws:iam::aws:policy/AmazonEKSClusterPolicy'],
      grants: [{ actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ListGrants', 'kms:DescribeKey'], resources: [this.key.arn] }],
    });
    this.securityGroup = this.addSecurityGroup(props);
    // EKS would create the group itself, without retention, and leave it behind.
    const logs = new CloudwatchLogGroup(this, 'Logs', { name: `/aws/eks/${name}/cluster`, retentionInDays: props.logRetentionDays ?? 30 });

    const config: EksClusterConfig = {
      name,
      version: props.version,
      roleArn: role.arn,
      accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false },
      bootstrapSelfManagedAddons: false,
      deletionProtection: props.deletionProtection ?? false,
      enabledClusterLogTypes: [...(props.logs ?? CONTROL_PLANE_LOGS)],
      encryptionConfig: { resources: ['secrets'], provider: { keyArn: this.key.arn } },
      upgradePolicy: { supportType: 'STANDARD' }, // extended support costs six times as much and comes by itself otherwise
      vpcConfig: {
        subnetIds: props.controlPlaneSubnetIds,
        securityGroupIds: [this.securityGroup.id],
        endpointPrivateAccess: true,
        endpointPublicAccess: publicAccessCidrs.length > 0,
        ...(publicAccessCidrs.length > 0 ? { publicAccessCidrs: [...publicAccessCidrs] } : {}),
      },
      dependsOn: [...role.permissions, logs],
    };
    this.cluster = new EksClusterResource(this, 'Resource', transform.cluster?.(config) ?? config);
    props.administrators.forEach((arn) => this.addAdministrator(arn));

    this.nodeRole = new ServiceRole(this, 'NodeRole', {
      name: `${name}-node`,
      description: `Nodes of ${name}`,
      service: 'ec2.amazonaws.com',
      managedPolicies: ['AmazonEKSWorkerNodePolicy', 'AmazonEC2ContainerRegistryPullOnly'].map((policy) => `arn:aws:iam::aws:policy/${policy}`),
    });
    this.addons = new EksAddons(this, 'Addons', {
      clusterName: this.cluster.name, rolePrefix: name, versions: props.addonVersions, transform: transform.addon,
    });
    this.pools = props.pools.map((pool) => new ManagedNodePool(this, `Pool-${pool.name}`, {
      ...pool,
      clusterName: this.cluster.name,
      namePrefix: name,
      subnetIds: props.nodeSubnetIds,
      role: this.nodeRole,
      instanceTags: props.instanceTags,
      dependsOn: this.addons.beforeNodes, // a node is not ready without network, and the network plugin not without its identity
      transform: transform.nodeGroup && ((each) => transform.nodeGroup!(each, pool)),
    }));
    this.addons.addAfterNodes(this.pools.map((pool) => pool.nodeGroup));
  }

  /** Lets an IAM role administer the cluster. */
  private addAdministrator(arn: string): void {
    const id = `Administrator-${arn.slice(arn.lastIndexOf('/') + 1)}`;
    const entry = new EksAccessEntry(this, id, { clusterName: this.cluster.name, principalArn: arn, type: 'STANDARD' });
    new EksAccessPolicyAssociation(this, `${id}-policy`, {
      clusterName: this.cluster.name,
      principalArn: entry.principalArn,
      policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
      accessScope: { type: 'cluster' },
    });
  }

  private addSecurityGroup(props: EksClusterProps): SecurityGroup {
    const group = new SecurityGroup(this, 'SecurityGroup', {
      name: `${props.name}-control-plane`,
      description: `Who may reach the private API endpoint of ${props.name}`,
      vpcId: props.vpcId,
      tags: { Name: `${props.name}-control-plane` },
    });
    for (const block of props.privateAccessCidrs ?? []) {
      new VpcSecurityGroupIngressRule(this, `Api-${block}`, {
        securityGroupId: group.id, description: `Kubernetes API from ${block}`, cidrIpv4: block, ipProtocol: 'tcp', fromPort: 443, toPort: 443,
      });
    }
    return group;
  }
}

function clusterFaults(props: EksClusterProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = (fits: boolean, where: string, got: unknown, allowed: string, todo: string) => {
    if (!fits) faults.push({ where: `${path} ${where}`, got: show(got), allowed, do: todo });
  };
  need(/^[a-z][a-z0-9-]{0,39}$/.test(props.name), 'name', props.name, '1 to 40 lower-case letters, digits and hyphens', 'choose such a name');
  need(/^1\.\d\d$/.test(props.version), 'version', props.version, 'a minor version such as 1.35', 'EKS chooses the patch; name the minor');
  need(props.administrators.length > 0, 'administrators', props.administrators, 'at least one role', 'name who administers the cluster; nobody could reach it otherwise');
  props.administrators.forEach((arn) => {
    need(/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn), 'administrators', arn, 'the ARN of an IAM role', 'use roles: users and sessions come and go');
  });
  for (const [where, blocks] of [['publicAccessCidrs', props.publicAccessCidrs], ['privateAccessCidrs', props.privateAccessCidrs]] as const) {
    for (const block of blocks ?? []) {
      const parsed = Cidr.tryParse(block);
      if (!parsed) faults.push(cidrFault(block, `${path} ${where}`));
      else need(parsed.prefix > 0, where, block, 'less than the whole internet', 'name the networks your engineers come from');
    }
  }
  if (props.logRetentionDays !== undefined) faults.push(...logRetentionFaults(props.logRetentionDays, `${path} logRetentionDays`));
  return [...faults, ...nodePoolFaults(props.pools, path)];
}
