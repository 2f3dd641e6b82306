import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cidr, INTERFACE_ENDPOINT_SCOPES, InterfaceEndpointService, NatPolicy, PlatformNetwork, PlatformNetworkProps, publicObjects } from '../../../components/cloud';
import { Block, only, reference, resources, synthIn, SynthesizedStack } from '../../support/synth-stack';

const PROPS: PlatformNetworkProps = { name: 'shore', region: 'eu-west-1', account: '111111111111', cidr: '10.10.0.0/16', zones: ['euw1-az1', 'euw1-az2', 'euw1-az3'] };

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

  it('lets only callers and buckets of its account through to S3, and reads of what nodes start from', () => {
    const [own, open] = JSON.parse(only(synth({ readableObjects: ['arn:aws:s3:::charts/*'] }), 'aws_vpc_endpoint').policy).Statement;
    expect(own.Condition).toEqual({ StringEquals: { 'aws:PrincipalAccount': '111111111111', 'aws:ResourceAccount': '111111111111' } });
    expect(open.Action).toEqual(['s3:GetObject']);
    expect(open.Resource).toEqual(['prod-eu-west-1-starport-layer-bucket', 'al2023-repos-eu-west-1-de612dc2', 'prod-registry-k8s-io-eu-west-1', 'charts'].map((bucket) => `arn:aws:s3:::${bucket}/*`));
    expect(publicObjects('us-east-1')).toEqual(expect.arrayContaining(['arn:aws:s3:::quayio-production-s3/*', 'arn:aws:s3:::docker-images-prod/*']));
    expect(JSON.parse(only(synth({ gatewayEndpoints: ['dynamodb'] }), 'aws_vpc_endpoint').policy).Statement).toHaveLength(1);
  });

  it('asks Terraform for the account where none is given', () => {
    const stack = synth({ account: undefined });
    const [name] = Object.keys(stack.data.aws_caller_identity!);
    expect(only(stack, 'aws_vpc_endpoint').policy).toContain(`"aws:PrincipalAccount":"\${data.aws_caller_identity.${name}.account_id}"`);
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
    expect(group.kms_key_id).toBe(reference(stack, 'aws_kms_key', only(stack, 'aws_kms_key'), 'arn'));
    expect(only(stack, 'aws_kms_key').policy).toContain(`:log-group:${group.name}"`);
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
    ['fewer zones than asked for', { zones: ['euw1-az1', 'euw1-az2'], minZones: 3 }, /network zones\] got: "2 zones"; allowed: at least 3/],
    ['zones of another region', { zones: ['use1-az1'] }, /got: "use1-az1"; allowed: zones of eu-west-1, such as euw1-az1/],
    ['a region that is none', { region: 'europe' }, /network region\] got: "europe"/],
    ['an account that is none', { account: '1111' }, /network account\] got: "1111"; allowed: 12 digits/],
    ['the block that services of Kubernetes have', { elsewhere: { 'services of Kubernetes': '10.10.128.0/20' } }, /cidr\] got: "10.10.0.0\/16, which overlaps 10.10.128.0\/20 \(services of Kubernetes\)"/],
    ['a block that is already connected', { connectedCidrs: ['10.0.0.0/8'] }, /which overlaps 10.0.0.0\/8 \(what is connected\)/],
    ['a connected block that is none', { connectedCidrs: ['10.0.0.0/99'] }, /network what is connected\] got: "10.0.0.0\/99"; allowed: an IPv4 block/],
    ['more connected blocks than a list has rules for', { connectedCidrs: Array.from({ length: 11 }, (_, index) => `192.168.${index}.0/24`) }, /connectedCidrs\] got: "11 blocks"; allowed: at most 10/],
    ['an endpoint nobody knows', { interfaceEndpoints: ['everything' as InterfaceEndpointService] }, /interfaceEndpoints\] got: "everything"; allowed: autoscaling, ec2, /],
    ['an endpoint twice', { interfaceEndpoints: ['sts', 'sts'] }, /interfaceEndpoints\] got: \["sts","sts"\]; allowed: each service once/],
    ['objects of any bucket', { readableObjects: ['arn:aws:s3:::*/*'] }, /readableObjects\] got: "arn:aws:s3:::\*\/\*"; allowed: the ARN of objects in a bucket/],
    ['a block with host bits', { cidr: '10.10.0.1/16' }, /network cidr\] got: "10.10.0.1\/16"; allowed: an IPv4 block without host bits/],
    ['a block that is too small', { cidr: '10.10.0.0/24' }, /network cidr\] got: "10.10.0.0\/24"; allowed: \/16 to \/22/],
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

describe('interface endpoints', () => {
  const services: InterfaceEndpointService[] = ['ecr.api', 'eks-auth', 'logs', 'sts'];
  const interfaces = (stack: SynthesizedStack) => resources(stack, 'aws_vpc_endpoint').filter((each) => each.vpc_endpoint_type === 'Interface');
  const policyOf = (stack: SynthesizedStack, service: string) => only(stack, 'aws_vpc_endpoint', { service_name: `com.amazonaws.eu-west-1.${service}` }).policy as string | undefined;

  it('are not there unless asked for, with their group', () => {
    expect(interfaces(synth())).toEqual([]);
    expect(resources(synth(), 'aws_security_group')).toEqual([]);
    expect(resources(synth({ interfaceEndpoints: [] }), 'aws_security_group')).toEqual([]);
  });

  it('stand in the private subnet of each zone, under the names the services have outside', () => {
    const stack = synth({ interfaceEndpoints: services });
    const subnets = PROPS.zones.map((zone) => resources(stack, 'aws_subnet').find((each) => tierOf(each) === 'private' && each.availability_zone_id === zone)!);
    expect(interfaces(stack).map((each) => each.service_name).sort()).toEqual(services.map((service) => `com.amazonaws.eu-west-1.${service}`));
    for (const endpoint of interfaces(stack)) {
      expect(endpoint.private_dns_enabled).toBe(true);
      expect(endpoint.subnet_ids).toEqual(subnets.map((subnet) => reference(stack, 'aws_subnet', subnet, 'id')));
    }
  });

  it('admit HTTPS from the VPC and nothing else, and send nothing by themselves', () => {
    const stack = synth({ interfaceEndpoints: services });
    const group = only(stack, 'aws_security_group');
    for (const endpoint of interfaces(stack)) expect(endpoint.security_group_ids).toEqual([reference(stack, 'aws_security_group', group, 'id')]);
    expect(only(stack, 'aws_vpc_security_group_ingress_rule')).toMatchObject({
      security_group_id: reference(stack, 'aws_security_group', group, 'id'), cidr_ipv4: '10.10.0.0/16', ip_protocol: 'tcp', from_port: 443, to_port: 443,
    });
    expect([group.ingress, group.egress, resources(stack, 'aws_vpc_security_group_egress_rule')]).toEqual([undefined, undefined, []]);
  });

  it('let callers of the account pass, to what is the account\'s where nothing of AWS is needed', () => {
    const stack = synth({ interfaceEndpoints: services });
    const condition = (service: string) => JSON.parse(policyOf(stack, service)!).Statement[0].Condition.StringEquals;
    expect(condition('ecr.api')).toEqual({ 'aws:PrincipalAccount': '111111111111' }); // images of add-ons belong to AWS
    expect(condition('logs')).toEqual({ 'aws:PrincipalAccount': '111111111111', 'aws:ResourceAccount': '111111111111' });
    expect(policyOf(stack, 'eks-auth')).toBeUndefined();
  });

  it('let a web identity ask for roles of the account only', () => {
    expect(JSON.parse(policyOf(synth({ interfaceEndpoints: services }), 'sts')!).Statement[1]).toMatchObject({
      Action: ['sts:AssumeRoleWithWebIdentity'], Condition: { StringEquals: { 'aws:ResourceAccount': '111111111111' } },
    });
  });

  it('can be every one there is, and changed one by one', () => {
    const all = Object.keys(INTERFACE_ENDPOINT_SCOPES) as InterfaceEndpointService[];
    const stack = synth({ interfaceEndpoints: all, transform: { endpoint: (config, service) => (service === 'sqs' ? { ...config, ipAddressType: 'dualstack' } : config) } });
    expect(interfaces(stack)).toHaveLength(all.length);
    expect(interfaces(stack).filter((each) => each.ip_address_type === 'dualstack').map((each) => each.service_name)).toEqual(['com.amazonaws.eu-west-1.sqs']);
  });
});

describe('access lists', () => {
  /** Whether a packet passes the list of a tier: the first rule by number that fits decides, and without one it does not. */
  const passes = (stack: SynthesizedStack, tier: string, egress: boolean, from: string, protocol: 'tcp' | 'udp', port: number): boolean => {
    const list = resources(stack, 'aws_network_acl').find((each) => each.tags.Name === `shore-${tier}`)!;
    const rules = resources(stack, 'aws_network_acl_rule').filter((rule) => rule.network_acl_id === reference(stack, 'aws_network_acl', list, 'id') && rule.egress === egress);
    const first = rules.sort((one, other) => one.rule_number - other.rule_number)
      .find((rule) => Cidr.parse(rule.cidr_block, 'rule').contains(Cidr.parse(`${from}/32`, 'packet')) && (rule.protocol === '-1' || (rule.protocol === protocol && rule.from_port <= port && port <= rule.to_port)));
    return first?.rule_action === 'allow';
  };
  const INTERNET = '198.51.100.7';

  it('stand before every subnet, and the default one lets nothing pass', () => {
    const stack = synth();
    const lists = resources(stack, 'aws_network_acl');
    expect(lists.flatMap((list) => list.subnet_ids as string[]).sort()).toEqual(resources(stack, 'aws_subnet').map((subnet) => reference(stack, 'aws_subnet', subnet, 'id')).sort());
    const closed = only(stack, 'aws_default_network_acl');
    expect([closed.ingress, closed.egress]).toEqual([undefined, undefined]);
  });

  it('let everything pass within the VPC', () => {
    const stack = synth();
    for (const tier of ['public', 'private', 'intra']) {
      for (const egress of [true, false]) expect(passes(stack, tier, egress, '10.10.3.4', 'tcp', 22), `${tier} ${egress}`).toBe(true);
    }
  });

  it.each<[string, string, number, boolean]>([
    ['web traffic to load balancers', 'public', 443, true], ['web traffic to load balancers', 'public', 80, true], ['answers to NAT, from any port', 'public', 3389, true],
    ['SSH to load balancers', 'public', 22, false], ['SSH to nodes', 'private', 22, false], ['RDP to nodes', 'private', 3389, false], ['answers to nodes', 'private', 40_000, true],
    ['HTTPS to nodes', 'private', 443, false], ['RDP to the control plane', 'intra', 3389, false], ['answers of S3', 'intra', 40_000, true], ['the API', 'intra', 443, false],
  ])('from the internet: %s (%s %i)', (_, tier, port, expected) => {
    expect(passes(synth(), tier, false, INTERNET, 'tcp', port)).toBe(expected);
  });

  it('let nodes go anywhere and the intra tier to endpoints only', () => {
    const stack = synth();
    expect(passes(stack, 'private', true, INTERNET, 'udp', 123)).toBe(true);
    expect(passes(stack, 'intra', true, INTERNET, 'tcp', 443)).toBe(true);
    expect(passes(stack, 'intra', true, INTERNET, 'tcp', 80)).toBe(false);
    expect(passes(stack, 'intra', true, INTERNET, 'udp', 53)).toBe(false);
  });

  it('let connected networks in, and number no other rule anew for them', () => {
    const [without, connected] = [synth(), synth({ connectedCidrs: ['192.168.0.0/16'] })];
    expect(passes(without, 'intra', false, '192.168.7.7', 'tcp', 443)).toBe(false);
    expect(passes(connected, 'intra', false, '192.168.7.7', 'tcp', 443)).toBe(true);
    expect(passes(connected, 'private', false, '192.168.7.7', 'tcp', 22)).toBe(true);
    expect(connected.resource.aws_network_acl_rule).toMatchObject(without.resource.aws_network_acl_rule!);
  });
});

describe('any network', () => {
  const blocks = fc.tuple(fc.integer({ min: 16, max: 22 }), fc.nat()).map(([prefix, seed]) => String(Cidr.parse('10.0.0.0/8', 'test').part(prefix, seed % 2 ** (prefix - 8))));
  const networks = fc.record({ cidr: blocks, zones: fc.shuffledSubarray(['euw1-az1', 'euw1-az2', 'euw1-az3'], { minLength: 1 }), nat: fc.constantFrom<NatPolicy>('none', 'single', 'per-zone') });

  it('has disjoint subnets inside it, and leaves each private one by its own zone where each has a gateway', () => {
    fc.assert(fc.property(networks, (props) => {
      const stack = synth(props);
      const subnets = resources(stack, 'aws_subnet');
      const planned = subnets.map((subnet) => Cidr.parse(subnet.cidr_block, 'subnet'));
      expect(planned).toHaveLength(3 * props.zones.length);
      expect(planned.every((block) => Cidr.parse(props.cidr, 'vpc').contains(block))).toBe(true);
      expect(planned.some((block, index) => planned.slice(index + 1).some((other) => block.overlaps(other)))).toBe(false);

      for (const subnet of subnets) {
        const associated = only(stack, 'aws_route_table_association', { subnet_id: reference(stack, 'aws_subnet', subnet, 'id') });
        const routes = resources(stack, 'aws_route').filter((route) => route.route_table_id === associated.route_table_id);
        const gateways = routes.filter((route) => route.nat_gateway_id !== undefined)
          .map((route) => resources(stack, 'aws_nat_gateway').find((gateway) => reference(stack, 'aws_nat_gateway', gateway, 'id') === route.nat_gateway_id)!);
        const zoneOf = (gateway: Block) => subnets.find((each) => reference(stack, 'aws_subnet', each, 'id') === gateway.subnet_id)!;
        expect(routes.filter((route) => route.gateway_id !== undefined)).toHaveLength(tierOf(subnet) === 'public' ? 1 : 0);
        expect(gateways).toHaveLength(tierOf(subnet) === 'private' && props.nat !== 'none' ? 1 : 0);
        for (const gateway of gateways) {
          expect(tierOf(zoneOf(gateway))).toBe('public');
          expect(zoneOf(gateway).availability_zone_id).toBe(props.nat === 'per-zone' ? subnet.availability_zone_id : props.zones[0]);
        }
      }
    }), { numRuns: 40 });
  });
});
