import { describe, expect, it } from 'vitest';
import { NatPolicy, PlatformNetwork, PlatformNetworkProps } from '../../../components/cloud';
import { Block, only, reference, resources, synthIn, SynthesizedStack } from '../../support/synth-stack';

const PROPS: PlatformNetworkProps = { name: 'shore', region: 'eu-west-1', cidr: '10.10.0.0/16', zones: ['euw1-az1', 'euw1-az2', 'euw1-az3'] };

function synth(props: Partial<PlatformNetworkProps> = {}, also: (network: PlatformNetwork) => void = () => undefined): SynthesizedStack {
  return synthIn((stack) => also(new PlatformNetwork(stack, 'network', { ...PROPS, ...props })));
}

const tierOf = (subnet: Block) => subnet.tags['tideline.dev/tier'] as string;

describe('a platform network', () => {
  it('has a subnet of each tier in each zone, by zone id', () => {
    const subnets = resources(synth(), 'aws_subnet');
    expect(subnets.map((subnet) => `${tierOf(subnet)} ${subnet.availability_zone_id}`).sort()).toEqual(
      ['intra', 'private', 'public'].flatMap((tier) => PROPS.zones.map((zone) => `${tier} ${zone}`)),
    );
    expect(new Set(subnets.map((subnet) => subnet.cidr_block)).size).toBe(9);
  });

  it('gives no instance a public address', () => {
    expect(resources(synth(), 'aws_subnet').map((subnet) => subnet.map_public_ip_on_launch)).toEqual(Array.from({ length: 9 }, () => false));
  });

  it('tells the load balancer controller which subnets are whose', () => {
    for (const subnet of resources(synth(), 'aws_subnet')) {
      expect(subnet.tags['kubernetes.io/role/elb']).toBe(tierOf(subnet) === 'public' ? '1' : undefined);
      expect(subnet.tags['kubernetes.io/role/internal-elb']).toBe(tierOf(subnet) === 'private' ? '1' : undefined);
    }
  });

  it.each<[NatPolicy, number]>([['none', 0], ['single', 1], ['per-zone', 3]])('with NAT %s has %i gateways, each with an address', (nat, count) => {
    const stack = synth({ nat });
    expect(resources(stack, 'aws_nat_gateway')).toHaveLength(count);
    expect(resources(stack, 'aws_eip')).toHaveLength(count);
    const ways = resources(stack, 'aws_route').filter((route) => route.nat_gateway_id);
    expect(ways).toHaveLength(count === 0 ? 0 : 3);
    expect(new Set(ways.map((route) => route.nat_gateway_id)).size).toBe(count);
  });

  it('routes each zone through the gateway of the same zone when there is one', () => {
    const stack = synth({ nat: 'per-zone' });
    for (const zone of PROPS.zones) {
      const subnet = resources(stack, 'aws_subnet').find((each) => tierOf(each) === 'public' && each.availability_zone_id === zone)!;
      const gateway = only(stack, 'aws_nat_gateway', { subnet_id: reference(stack, 'aws_subnet', subnet, 'id') });
      const table = resources(stack, 'aws_route_table').find((each) => each.tags.Name === `shore-private-${zone}`)!;
      expect(only(stack, 'aws_route', { route_table_id: reference(stack, 'aws_route_table', table, 'id') }).nat_gateway_id)
        .toBe(reference(stack, 'aws_nat_gateway', gateway, 'id'));
    }
  });

  it('changes no subnet and no route table when the NAT policy changes', () => {
    const stable = (stack: SynthesizedStack) => [stack.resource.aws_subnet, stack.resource.aws_route_table, stack.resource.aws_route_table_association];
    expect(stable(synth({ nat: 'single' }))).toEqual(stable(synth({ nat: 'per-zone' })));
  });

  it('gives intra subnets no way out', () => {
    const stack = synth();
    const intra = resources(stack, 'aws_route_table').find((table) => table.tags.Name === 'shore-intra')!;
    expect(resources(stack, 'aws_route').map((route) => route.route_table_id)).not.toContain(reference(stack, 'aws_route_table', intra, 'id'));
    expect(resources(stack, 'aws_route_table_association').filter((each) => each.route_table_id === reference(stack, 'aws_route_table', intra, 'id'))).toHaveLength(3);
  });

  it('reaches S3 from every subnet without NAT', () => {
    const stack = synth();
    const endpoint = only(stack, 'aws_vpc_endpoint');
    expect(endpoint).toMatchObject({ service_name: 'com.amazonaws.eu-west-1.s3', vpc_endpoint_type: 'Gateway' });
    expect(endpoint.route_table_ids).toHaveLength(resources(stack, 'aws_route_table').length);
    expect(resources(synth({ gatewayEndpoints: ['s3', 'dynamodb'] }), 'aws_vpc_endpoint')).toHaveLength(2);
  });

  it('closes the default security group', () => {
    const group = only(synth(), 'aws_default_security_group');
    expect(group.ingress).toBeUndefined();
    expect(group.egress).toBeUndefined();
  });

  it('keeps flow logs only if asked, and may write to their group alone', () => {
    expect(resources(synth(), 'aws_flow_log')).toEqual([]);
    const stack = synth({ flowLogs: { retentionDays: 30 } });
    const group = only(stack, 'aws_cloudwatch_log_group', { retention_in_days: 30 });
    expect(only(stack, 'aws_flow_log').log_destination).toBe(reference(stack, 'aws_cloudwatch_log_group', group, 'arn'));
    const [statement] = JSON.parse(only(stack, 'aws_iam_role_policy').policy).Statement;
    expect(statement.Resource).toEqual([`${reference(stack, 'aws_cloudwatch_log_group', group, 'arn')}:*`]);
  });

  it('can be changed in what it did not foresee', () => {
    const stack = synth({
      subnetTags: { private: { 'karpenter.sh/discovery': 'shore' } },
      transform: {
        vpc: (config) => ({ ...config, enableNetworkAddressUsageMetrics: true }),
        subnet: (config, tier) => (tier === 'public' ? { ...config, mapPublicIpOnLaunch: true } : config),
      },
    }, (network) => network.vpc.addOverride('instance_tenancy', 'dedicated'));
    expect(only(stack, 'aws_vpc')).toMatchObject({ enable_network_address_usage_metrics: true, instance_tenancy: 'dedicated' });
    for (const subnet of resources(stack, 'aws_subnet')) {
      expect(subnet.map_public_ip_on_launch).toBe(tierOf(subnet) === 'public');
      expect(subnet.tags['karpenter.sh/discovery']).toBe(tierOf(subnet) === 'private' ? 'shore' : undefined);
    }
  });

  it.each<[string, Partial<PlatformNetworkProps>, RegExp]>([
    ['a block with host bits', { cidr: '10.10.0.1/16' }, /network cidr\] got: "10.10.0.1\/16"; allowed: an IPv4 block without host bits/],
    ['a block that is too small', { cidr: '10.10.0.0/24' }, /network cidr\] got: 10.10.0.0\/24; allowed: \/16 to \/22/],
    ['no zone', { zones: [] }, /network zones\] got: \[\]; allowed: 1 to 3 different zone ids/],
    ['a zone twice', { zones: ['euw1-az1', 'euw1-az1'] }, /allowed: 1 to 3 different zone ids/],
    ['a zone by name', { zones: ['eu-west-1a'] }, /got: "eu-west-1a"; allowed: a zone id such as use1-az1; do: give the id/],
    ['a retention CloudWatch does not know', { flowLogs: { retentionDays: 10 } }, /flowLogs.retentionDays\] got: 10 days; .*do: choose 14/],
  ])('refuses %s', (_, props, message) => {
    expect(() => synth(props)).toThrow(message);
  });

  it('names every fault at once', () => {
    expect(() => synth({ name: 'Shore!', cidr: 'x', zones: [] })).toThrow(/name\][^]*cidr\][^]*zones\]/);
  });
});
