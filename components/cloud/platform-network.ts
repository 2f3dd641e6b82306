import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { Eip } from '@cdktf/provider-aws/lib/eip';
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway';
import { Route } from '@cdktf/provider-aws/lib/route';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { Subnet, SubnetConfig } from '@cdktf/provider-aws/lib/subnet';
import { Vpc, VpcConfig } from '@cdktf/provider-aws/lib/vpc';
import { VpcEndpoint, VpcEndpointConfig } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { Construct } from 'constructs';
import { Cidr } from '../../base/cidr';
import { refuse, show } from '../../base/faults';
import { accountOf } from './account';
import { EncryptionKey } from './encryption-key';
import { exempt } from './exempt';
import { gatewayEndpointPolicy, GatewayEndpointService, InterfaceEndpointService, publicObjects } from './endpoint-policies';
import { InterfaceEndpoints } from './interface-endpoints';
import { networkFaults } from './network-faults';
import { ServiceRole } from './service-role';
import { planSubnets, SubnetTier } from './subnet-plan';
import { TierAcls } from './tier-acls';

/** How private subnets reach the internet. `single` saves money, `per-zone` survives the loss of a zone, `none` keeps them inside. */
export type NatPolicy = 'none' | 'single' | 'per-zone';

/** Tag that names a subnet's tier, by which another stack finds it. */
export const TIER_TAG = 'tideline.dev/tier';

/** Tag by which Karpenter and EKS Auto Mode are told which subnets and security groups their nodes belong to; its value is the cluster's name. */
export const DISCOVERY_TAG = 'karpenter.sh/discovery';

/** Tags by which the AWS load balancer controller finds subnets. @see https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html */
const LOAD_BALANCER_TAGS: Readonly<Record<SubnetTier, Readonly<Record<string, string>>>> = {
  public: { 'kubernetes.io/role/elb': '1' },
  private: { 'kubernetes.io/role/internal-elb': '1' },
  intra: {},
};

const ANYWHERE = '0.0.0.0/0';

/** Props of {@link PlatformNetwork}. */
export interface PlatformNetworkProps {
  /** `Name` of the VPC and prefix of everything in it, 1 to 40 characters. Other stacks find the VPC by it. */
  readonly name: string;
  /** AWS region the zones are in, e.g. `us-east-1`. */
  readonly region: string;
  /** Account of the VPC, 12 digits. Endpoints let nobody else's callers pass. @default - the one of whoever runs Terraform */
  readonly account?: string;
  /** IPv4 block of the VPC, /16 to /22. */
  readonly cidr: string;
  /**
   * Availability zone ids such as `use1-az1`, one to three. Ids and not names, because a name like `us-east-1a` means another zone in another account.
   * Only ever append: a zone's blocks follow from its position.
   */
  readonly zones: readonly string[];
  /** Zones there must be at least, so that a shorter list is no quiet loss of resilience. @default 1 */
  readonly minZones?: number;
  /** Blocks that are not the VPC's and may not overlap it, by what they are, e.g. `{ 'services of Kubernetes': '172.20.0.0/16' }`. @default - none */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Blocks routed to the VPC from outside (VPN, peering), whose traffic the access lists let in. At most 10. @default - none */
  readonly connectedCidrs?: readonly string[];
  /** @default 'per-zone' */
  readonly nat?: NatPolicy;
  /** Keeps a record of accepted and rejected connections in CloudWatch Logs, encrypted with a key of its own, for this many days. @default - no flow logs */
  readonly flowLogs?: { readonly retentionDays: number };
  /** Services that are reached inside the VPC at no charge, instead of through NAT. @default ['s3'] */
  readonly gatewayEndpoints?: readonly GatewayEndpointService[];
  /**
   * ARNs of S3 objects of other accounts that may be read from within the VPC, besides what nodes start from ({@link publicObjects}). Buckets of the account itself are always
   * reached. @default - none
   */
  readonly readableObjects?: readonly string[];
  /** Services that are reached inside the VPC for a price by the hour and zone, instead of through NAT. @default - none */
  readonly interfaceEndpoints?: readonly InterfaceEndpointService[];
  /** More tags for the subnets of a tier, e.g. what a node provisioner discovers them by. @default - none */
  readonly subnetTags?: Partial<Readonly<Record<SubnetTier, Readonly<Record<string, string>>>>>;
  /** The way out: gets each finished configuration and returns the one to use. @default - as built here */
  readonly transform?: {
    readonly vpc?: (config: VpcConfig) => VpcConfig;
    readonly subnet?: (config: SubnetConfig, tier: SubnetTier) => SubnetConfig;
    readonly endpoint?: (config: VpcEndpointConfig, service: GatewayEndpointService | InterfaceEndpointService) => VpcEndpointConfig;
  };
}

/** A VPC with public, private and intra subnets in each zone, routes, NAT, access lists and endpoints. */
export class PlatformNetwork extends Construct {
  readonly vpc: Vpc;
  /** Per tier, in the order of the zones. */
  readonly subnets: Readonly<Record<SubnetTier, readonly Subnet[]>>;
  /** None, one, or one per zone. */
  readonly natGateways: readonly NatGateway[];
  /** The public one, the intra one, and a private one per zone whatever the NAT policy: changing the policy changes routes only. */
  readonly routeTables: readonly RouteTable[];
  /** None if none was asked for. */
  readonly interfaceEndpoints?: InterfaceEndpoints;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: PlatformNetworkProps) {
    super(scope, id);
    refuse(`the network ${show(props.name)} cannot be built`, networkFaults(props, this.node.path));
    const { name, zones, nat = 'per-zone', transform = {} } = props;

    const vpcConfig: VpcConfig = { cidrBlock: props.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name } };
    this.vpc = new Vpc(this, 'Resource', transform.vpc?.(vpcConfig) ?? vpcConfig);
    // Managed without rules: nothing can lean on the default group by accident.
    new DefaultSecurityGroup(this, 'DefaultSecurityGroup', { vpcId: this.vpc.id, tags: { Name: `${name}-default-closed` } });

    const plan = planSubnets(Cidr.parse(props.cidr, `${this.node.path} cidr`), zones.length);
    const subnet = (tier: SubnetTier, zone: string, index: number) => {
      const config: SubnetConfig = {
        vpcId: this.vpc.id,
        cidrBlock: String(plan[tier][index]),
        availabilityZoneId: zone,
        mapPublicIpOnLaunch: false, // nodes live in private subnets; what is public is a load balancer or a NAT gateway, with addresses of their own
        tags: { Name: `${name}-${tier}-${zone}`, [TIER_TAG]: tier, ...LOAD_BALANCER_TAGS[tier], ...props.subnetTags?.[tier] },
      };
      return new Subnet(this, `${tier}-${zone}`, transform.subnet?.(config, tier) ?? config);
    };
    const tier = (each: SubnetTier) => zones.map((zone, index) => subnet(each, zone, index));
    this.subnets = { public: tier('public'), private: tier('private'), intra: tier('intra') };

    const gateway = new InternetGateway(this, 'InternetGateway', { vpcId: this.vpc.id, tags: { Name: name } });
    this.natGateways = zones.slice(0, { none: 0, single: 1, 'per-zone': zones.length }[nat]).map((zone, index) => {
      const address = new Eip(this, `NatAddress-${zone}`, { domain: 'vpc', tags: { Name: `${name}-nat-${zone}` } });
      return new NatGateway(this, `Nat-${zone}`, {
        allocationId: address.id,
        subnetId: this.subnets.public[index]!.id,
        tags: { Name: `${name}-${zone}` },
        dependsOn: [gateway],
      });
    });
    this.routeTables = this.addRoutes(name, zones, gateway);

    new TierAcls(this, 'Acls', {
      name, vpcId: this.vpc.id, defaultNetworkAclId: this.vpc.defaultNetworkAclId, cidr: props.cidr, connectedCidrs: props.connectedCidrs ?? [],
      subnetIds: { public: this.subnetIds('public'), private: this.subnetIds('private'), intra: this.subnetIds('intra') },
    });

    const account = accountOf(this, props.account);
    for (const service of props.gatewayEndpoints ?? ['s3']) {
      const config: VpcEndpointConfig = {
        vpcId: this.vpc.id,
        vpcEndpointType: 'Gateway',
        serviceName: `com.amazonaws.${props.region}.${service}`,
        routeTableIds: this.routeTables.map((table) => table.id),
        policy: gatewayEndpointPolicy(service, account, [...publicObjects(props.region), ...(props.readableObjects ?? [])]),
        tags: { Name: `${name}-${service}` },
      };
      new VpcEndpoint(this, `Endpoint-${service}`, transform.endpoint?.(config, service) ?? config);
    }
    if (props.interfaceEndpoints && props.interfaceEndpoints.length > 0) {
      this.interfaceEndpoints = new InterfaceEndpoints(this, 'InterfaceEndpoints', {
        name, account, region: props.region, vpcId: this.vpc.id, cidr: props.cidr, subnetIds: this.subnetIds('private'), services: props.interfaceEndpoints, transform: transform.endpoint,
      });
    }
    if (props.flowLogs) this.addFlowLogs(name, props.region, account, props.flowLogs.retentionDays);
  }

  /** Ids of a tier's subnets, in the order of the zones. */
  subnetIds(tier: SubnetTier): string[] {
    return this.subnets[tier].map((subnet) => subnet.id);
  }

  private addRoutes(name: string, zones: readonly string[], internet: InternetGateway): RouteTable[] {
    const table = (id: string, subnets: readonly Subnet[]) => {
      const created = new RouteTable(this, `Routes-${id}`, { vpcId: this.vpc.id, tags: { Name: `${name}-${id}` } });
      subnets.forEach((subnet, index) => new RouteTableAssociation(this, `Routes-${id}-${zones[index]}`, { routeTableId: created.id, subnetId: subnet.id }));
      return created;
    };
    const shared = table('public', this.subnets.public);
    new Route(this, 'Route-public', { routeTableId: shared.id, destinationCidrBlock: ANYWHERE, gatewayId: internet.id });
    const own = zones.map((zone, index) => {
      const created = new RouteTable(this, `Routes-private-${zone}`, { vpcId: this.vpc.id, tags: { Name: `${name}-private-${zone}` } });
      new RouteTableAssociation(this, `Routes-private-${zone}-subnet`, { routeTableId: created.id, subnetId: this.subnets.private[index]!.id });
      const nat = this.natGateways[index] ?? this.natGateways[0];
      if (nat) new Route(this, `Route-private-${zone}`, { routeTableId: created.id, destinationCidrBlock: ANYWHERE, natGatewayId: nat.id });
      return created;
    });
    return [shared, ...own, table('intra', this.subnets.intra)];
  }

  private addFlowLogs(name: string, region: string, account: string, retentionDays: number): void {
    const groupName = `/tideline/${name}/flow-logs`;
    const key = new EncryptionKey(this, 'FlowLogsKey', { alias: `${name}-flow-logs`, description: `Flow logs of ${name}`, account, region, logGroups: [groupName] });
    const group = new CloudwatchLogGroup(this, 'FlowLogs', { name: groupName, retentionInDays: retentionDays, kmsKeyId: key.arn });
    if (retentionDays < 365) exempt(group, { CKV_AWS_338: 'how long connections are worth keeping is the environment\'s decision; logs of a year cost more than they tell' });
    const writer = new ServiceRole(this, 'FlowLogWriter', {
      name: `${name}-flow-logs`,
      description: `Writes the flow logs of ${name}`,
      assumedBy: 'vpc-flow-logs.amazonaws.com',
      grants: [{ actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], resources: [`${group.arn}:*`] }],
    });
    new FlowLog(this, 'FlowLog', {
      vpcId: this.vpc.id, trafficType: 'ALL', logDestinationType: 'cloud-watch-logs', logDestination: group.arn, iamRoleArn: writer.arn,
      maxAggregationInterval: 600, tags: { Name: name }, dependsOn: [...writer.permissions],
    });
  }
}
