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
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { Construct } from 'constructs';
import { Fault, refuse, show } from '../../base/faults';
import { Cidr, cidrFault } from '../../base/cidr';
import { logRetentionFaults } from './log-retention';
import { ServiceRole } from './service-role';
import { MAX_ZONES, planSubnets, SubnetTier } from './subnet-plan';

/** How private subnets reach the internet. `single` saves money, `per-zone` survives the loss of a zone, `none` keeps them inside. */
export type NatPolicy = 'none' | 'single' | 'per-zone';

/** Tag that names a subnet's tier, by which another stack finds it. */
export const TIER_TAG = 'tideline.dev/tier';

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
  /** IPv4 block of the VPC, /16 to /22. */
  readonly cidr: string;
  /**
   * Availability zone ids such as `use1-az1`, one to three. Ids and not names, because a name like `us-east-1a` means another zone in another account.
   * Only ever append: a zone's blocks follow from its position.
   */
  readonly zones: readonly string[];
  /** @default 'per-zone' */
  readonly nat?: NatPolicy;
  /** Keeps a record of accepted and rejected connections in CloudWatch Logs, for this many days. @default - no flow logs */
  readonly flowLogs?: { readonly retentionDays: number };
  /** Services that are reached inside the VPC at no charge, instead of through NAT. @default ['s3'] */
  readonly gatewayEndpoints?: readonly ('s3' | 'dynamodb')[];
  /** More tags for the subnets of a tier, e.g. what a node provisioner discovers them by. @default - none */
  readonly subnetTags?: Partial<Readonly<Record<SubnetTier, Readonly<Record<string, string>>>>>;
  /** The way out: gets each finished configuration and returns the one to use. @default - as built here */
  readonly transform?: {
    readonly vpc?: (config: VpcConfig) => VpcConfig;
    readonly subnet?: (config: SubnetConfig, tier: SubnetTier) => SubnetConfig;
  };
}

/** A VPC with public, private and intra subnets in each zone, routes, NAT and gateway endpoints. */
export class PlatformNetwork extends Construct {
  readonly vpc: Vpc;
  /** Per tier, in the order of the zones. */
  readonly subnets: Readonly<Record<SubnetTier, readonly Subnet[]>>;
  /** None, one, or one per zone. */
  readonly natGateways: readonly NatGateway[];
  /** The public one, the intra one, and a private one per zone whatever the NAT policy: changing the policy changes routes only. */
  readonly routeTables: readonly RouteTable[];

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

    for (const service of props.gatewayEndpoints ?? ['s3']) {
      new VpcEndpoint(this, `Endpoint-${service}`, {
        vpcId: this.vpc.id,
        vpcEndpointType: 'Gateway',
        serviceName: `com.amazonaws.${props.region}.${service}`,
        routeTableIds: this.routeTables.map((table) => table.id),
        tags: { Name: `${name}-${service}` },
      });
    }
    if (props.flowLogs) this.addFlowLogs(name, props.flowLogs.retentionDays);
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

  private addFlowLogs(name: string, retentionDays: number): void {
    const group = new CloudwatchLogGroup(this, 'FlowLogs', { name: `/tideline/${name}/flow-logs`, retentionInDays: retentionDays });
    const writer = new ServiceRole(this, 'FlowLogWriter', {
      name: `${name}-flow-logs`,
      description: `Writes the flow logs of ${name}`,
      service: 'vpc-flow-logs.amazonaws.com',
      grants: [{ actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], resources: [`${group.arn}:*`] }],
    });
    new FlowLog(this, 'FlowLog', {
      vpcId: this.vpc.id, trafficType: 'ALL', logDestinationType: 'cloud-watch-logs', logDestination: group.arn, iamRoleArn: writer.arn,
      maxAggregationInterval: 600, tags: { Name: name }, dependsOn: [...writer.permissions],
    });
  }
}

function networkFaults(props: PlatformNetworkProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const block = Cidr.tryParse(props.cidr);
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(props.name)) {
    faults.push({ where: `${path} name`, got: show(props.name), allowed: '1 to 40 lower-case letters, digits and hyphens', do: 'choose such a name' });
  }
  if (!block) {
    faults.push(cidrFault(props.cidr, `${path} cidr`));
  } else if (block.prefix < 16 || block.prefix > 22) {
    faults.push({ where: `${path} cidr`, got: String(block), allowed: '/16 to /22', do: 'choose a block of that size: AWS takes none larger, and smaller ones leave no room for pods' });
  }
  if (props.zones.length < 1 || props.zones.length > MAX_ZONES || new Set(props.zones).size !== props.zones.length) {
    faults.push({ where: `${path} zones`, got: show(props.zones), allowed: `1 to ${MAX_ZONES} different zone ids`, do: 'list the ids of the zones to spread over' });
  }
  props.zones.filter((zone) => !/^[a-z]+[0-9]-az[0-9]$/.test(zone)).forEach((zone) => {
    faults.push({ where: `${path} zones`, got: show(zone), allowed: 'a zone id such as use1-az1', do: 'give the id, not the name: aws ec2 describe-availability-zones shows both' });
  });
  return props.flowLogs ? [...faults, ...logRetentionFaults(props.flowLogs.retentionDays, `${path} flowLogs.retentionDays`)] : faults;
}
