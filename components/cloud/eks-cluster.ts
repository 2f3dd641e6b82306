import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { Ec2Tag } from '@cdktf/provider-aws/lib/ec2-tag';
import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry';
import { EksAccessPolicyAssociation } from '@cdktf/provider-aws/lib/eks-access-policy-association';
import type { EksAddonConfig } from '@cdktf/provider-aws/lib/eks-addon';
import { EksCluster as EksClusterResource, EksClusterConfig } from '@cdktf/provider-aws/lib/eks-cluster';
import type { EksNodeGroupConfig } from '@cdktf/provider-aws/lib/eks-node-group';
import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Construct } from 'constructs';
import { refuse, show } from '../../base/faults';
import { accountOf } from './account';
import { AddonName, AddonSettings } from './addon-settings';
import { AUTO_MODE_POLICIES, autoModeConfig, AutoModeNodeRole, AutoModeOptions, autoModeTagGrants } from './auto-mode';
import { addonsOf, builtInPools, clusterFaults } from './cluster-faults';
import { accessName, ClusterAccess, ClusterGrants } from './cluster-grants';
import { EksAddons } from './eks-addons';
import { EncryptionKey, keyPolicy } from './encryption-key';
import { exempt } from './exempt';
import { ManagedNodePool, NodePoolOptions } from './managed-node-pool';
import { ServiceRole } from './service-role';

/** What the control plane can log. */
export const CONTROL_PLANE_LOGS = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'] as const;
export type ControlPlaneLog = (typeof CONTROL_PLANE_LOGS)[number];

/** Props of {@link EksCluster}. */
export interface EksClusterProps {
  /** Name of the cluster, 1 to 40 characters. Other stacks find the cluster by it. */
  readonly name: string;
  /** AWS region of the cluster, e.g. `us-east-1`. */
  readonly region: string;
  /** Account of the cluster, 12 digits. @default - the one of whoever runs Terraform */
  readonly account?: string;
  /** Kubernetes minor version, e.g. `1.35`. */
  readonly version: string;
  /** The minor it runs before this change. EKS goes up one minor at a time, and finds out only after minutes. @default - a new cluster, or no upgrade */
  readonly upgradedFrom?: string;
  /** Minor versions that may be asked for. @default - those of {@link KUBERNETES_VERSIONS} */
  readonly supportedVersions?: readonly string[];
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
  /** Roles that may do less. @default - none */
  readonly access?: readonly ClusterAccess[];
  /** Block the addresses of Services are taken from, private and nobody else's, /12 to /24. @default - EKS chooses 10.100.0.0/16, or 172.20.0.0/16 if the VPC has that */
  readonly serviceCidr?: string;
  /** Managed node groups. At least one with nodes that always run, unless Auto Mode has pools of its own. */
  readonly pools: readonly NodePoolOptions[];
  /** EKS Auto Mode, beside node groups or instead of them. Turning it off again takes more than leaving it out: see AWS's guide. @default - none */
  readonly autoMode?: AutoModeOptions;
  /** @default - all of them */
  readonly logs?: readonly ControlPlaneLog[];
  /** Days the control plane's logs are kept, as CloudWatch Logs knows them. @default 30 */
  readonly logRetentionDays?: number;
  /** Managed add-ons. @default - {@link DEFAULT_ADDONS}; with Auto Mode and no node group, those of them that its nodes do not have built in */
  readonly addons?: readonly AddonName[];
  /** How add-ons are set. @default - as {@link AddonSettings} says of each */
  readonly addonSettings?: AddonSettings;
  /** Versions of managed add-ons. @default - what EKS holds to be right for the cluster's version when the add-on is first created */
  readonly addonVersions?: Partial<Readonly<Record<AddonName, string>>>;
  /** Tags of the instances, volumes and interfaces that node pools start; Terraform never sees those, so no aspect can reach them. @default - none */
  readonly instanceTags?: Readonly<Record<string, string>>;
  /** ARN of the key that encrypts volumes of nodes; see {@link ManagedNodePoolProps.volumeKeyArn}. @default - the account's own choice for EBS */
  readonly volumeKeyArn?: string;
  /** Tags of the security group that EKS makes for control plane and nodes, e.g. what a node provisioner discovers it by. @default - none */
  readonly clusterSecurityGroupTags?: Readonly<Record<string, string>>;
  /** Whether traffic can be shifted away from a zone that fails: by you, or by AWS where you turn on zonal autoshift. Wants pods in the other zones that can carry all of it. @default false */
  readonly zonalShift?: boolean;
  /** Whether pods may assume roles through the cluster's identity provider, as before EKS Pod Identity. @default false */
  readonly serviceAccountRoles?: boolean;
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
 * An EKS cluster: control plane with encrypted secrets and logs, access entries, managed add-ons, managed node groups, EKS Auto Mode by choice.
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
  /** The role of every node of a node group, where there is one. */
  readonly nodeRole?: ServiceRole;
  /** The role of the nodes of Auto Mode, where it is on. */
  readonly autoNodeRole?: AutoModeNodeRole;
  readonly pools: readonly ManagedNodePool[];
  readonly addons: EksAddons;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: EksClusterProps) {
    super(scope, id);
    refuse(`the cluster ${show(props.name)} cannot be built`, clusterFaults(props, this.node.path));
    const { name, region, transform = {}, publicAccessCidrs = [], autoMode } = props;
    const account = accountOf(this, props.account);

    const roleName = `${name}-control-plane`;
    const keyUse = ['kms:Encrypt', 'kms:Decrypt', 'kms:ListGrants', 'kms:DescribeKey'];
    this.key = new KmsKey(this, 'SecretsKey', {
      description: `Kubernetes secrets of ${name}`, enableKeyRotation: true, deletionWindowInDays: 30,
      policy: keyPolicy({ account, region, uses: [{ sid: 'ControlPlane', role: `arn:aws:iam::${account}:role/${roleName}`, actions: keyUse }] }),
    });
    new KmsAlias(this, 'SecretsKeyAlias', { name: `alias/${name}-secrets`, targetKeyId: this.key.keyId });
    const role = new ServiceRole(this, 'ControlPlaneRole', {
      name: roleName,
      description: `Control plane of ${name}`,
      assumedBy: 'eks.amazonaws.com',
      tagsSession: autoMode !== undefined,
      managedPolicies: ['arn:aws:iam::aws:policy/AmazonEKSClusterPolicy', ...(autoMode ? AUTO_MODE_POLICIES : [])],
      grants: [{ actions: keyUse, resources: [this.key.arn] }, ...(autoMode && props.instanceTags ? autoModeTagGrants(name, account, region) : [])],
    });
    this.securityGroup = this.addSecurityGroup(props);
    // EKS would create the group itself, without retention, and leave it behind.
    const logs = this.addLogGroup(name, account, region, props.logRetentionDays ?? 30);
    this.autoNodeRole = autoMode && new AutoModeNodeRole(this, 'AutoNodeRole', name, autoMode.nodeRoleName);
    const auto = this.autoNodeRole && autoModeConfig(builtInPools(props), this.autoNodeRole.arn);

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
      ...auto,
      ...(auto || props.serviceCidr ? { kubernetesNetworkConfig: { ...auto?.kubernetesNetworkConfig, ...(props.serviceCidr ? { serviceIpv4Cidr: props.serviceCidr } : {}) } } : {}),
      ...(props.zonalShift ? { zonalShiftConfig: { enabled: true } } : {}),
      dependsOn: [...role.permissions, ...(this.autoNodeRole?.permissions ?? []), logs],
    };
    this.cluster = new EksClusterResource(this, 'Resource', transform.cluster?.(config) ?? config);
    exempt(this.cluster, {
      CKV_AWS_339: 'the scanner\'s list of versions ends before those that EKS offers; KUBERNETES_VERSIONS holds what is supported, and until when',
      ...(publicAccessCidrs.length > 0 ? { CKV_AWS_39: 'reached from outside by the networks that are listed, and by no other; the private endpoint stays' } : {}),
    });
    props.administrators.forEach((arn, index) => this.addAdministrator(arn, accessName(arn, index)));
    new ClusterGrants(this, 'Access', this.cluster.name, props.access ?? []);
    if (auto && builtInPools(props).length === 0) this.autoNodeRole?.admitTo(this.cluster.name);
    for (const [key, value] of Object.entries(props.clusterSecurityGroupTags ?? {})) {
      new Ec2Tag(this, `SecurityGroupTag-${key}`, { resourceId: this.cluster.vpcConfig.clusterSecurityGroupId, key, value });
    }
    if (props.serviceAccountRoles) new IamOpenidConnectProvider(this, 'Issuer', { url: this.cluster.identity.get(0).oidc.get(0).issuer, clientIdList: ['sts.amazonaws.com'] });

    const nodeRole = this.nodeRole = props.pools.length === 0 ? undefined : new ServiceRole(this, 'NodeRole', {
      name: `${name}-node`,
      description: `Nodes of ${name}`,
      assumedBy: 'ec2.amazonaws.com',
      managedPolicies: ['AmazonEKSWorkerNodePolicy', 'AmazonEC2ContainerRegistryPullOnly'].map((policy) => `arn:aws:iam::aws:policy/${policy}`),
    });
    this.addons = new EksAddons(this, 'Addons', {
      clusterName: this.cluster.name, clusterArn: this.cluster.arn, rolePrefix: name, names: addonsOf(props),
      versions: props.addonVersions, settings: props.addonSettings, volumeTags: props.instanceTags,
      transform: transform.addon,
    });
    this.pools = props.pools.map((pool) => new ManagedNodePool(this, `Pool-${pool.name}`, {
      ...pool,
      clusterName: this.cluster.name,
      namePrefix: name,
      subnetIds: props.nodeSubnetIds,
      role: nodeRole!,
      volumeKeyArn: props.volumeKeyArn,
      instanceTags: props.instanceTags,
      dependsOn: this.addons.beforeNodes, // a node is not ready without network, and the network plugin not without its identity
      transform: transform.nodeGroup && ((each) => transform.nodeGroup!(each, pool)),
    }));
    this.addons.addAfterNodes(this.pools.map((pool) => pool.nodeGroup));
  }

  /** Lets an IAM role administer the cluster. */
  private addAdministrator(arn: string, name: string): void {
    const id = `Administrator-${name}`;
    const entry = new EksAccessEntry(this, id, { clusterName: this.cluster.name, principalArn: arn, type: 'STANDARD' });
    new EksAccessPolicyAssociation(this, `${id}-policy`, {
      clusterName: this.cluster.name,
      principalArn: entry.principalArn,
      policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
      accessScope: { type: 'cluster' },
    });
  }

  private addLogGroup(name: string, account: string, region: string, retentionInDays: number): CloudwatchLogGroup {
    const groupName = `/aws/eks/${name}/cluster`;
    const key = new EncryptionKey(this, 'LogsKey', { alias: `${name}-control-plane-logs`, description: `Control plane logs of ${name}`, account, region, logGroups: [groupName] });
    const group = new CloudwatchLogGroup(this, 'Logs', { name: groupName, retentionInDays, kmsKeyId: key.arn });
    if (retentionInDays < 365) exempt(group, { CKV_AWS_338: 'how long logs are worth keeping is for the environment to decide, and it pays for each day' });
    return group;
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
