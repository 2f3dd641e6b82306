import { HOURS_PER_MONTH } from '../../node-price';
import { allFree, Priced, TypeTable } from '../entry';
import type { ResourceView } from '../resource-view';

const VPC = { category: 'Networking', service: 'Amazon Virtual Private Cloud' } as const;
const ELB = { category: 'Networking', service: 'Elastic Load Balancing' } as const;
const DNS = { category: 'Networking', service: 'Amazon Route 53' } as const;

/** Networks, addresses, load balancers, names. */
export const network: TypeTable = {
  ...allFree('a network, its parts and its rules cost nothing; what goes through gateways and endpoints does', 'vpc/pricing/', [
    'aws_vpc', 'aws_subnet', 'aws_route_table', 'aws_route', 'aws_route_table_association', 'aws_main_route_table_association', 'aws_internet_gateway', 'aws_egress_only_internet_gateway',
    'aws_security_group', 'aws_security_group_rule', 'aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule', 'aws_default_security_group',
    'aws_network_acl', 'aws_network_acl_rule', 'aws_network_acl_association', 'aws_default_network_acl', 'aws_default_route_table', 'aws_default_vpc', 'aws_default_subnet',
    'aws_vpc_dhcp_options', 'aws_vpc_dhcp_options_association', 'aws_vpc_ipv4_cidr_block_association', 'aws_vpc_endpoint_policy', 'aws_vpc_endpoint_route_table_association',
    'aws_vpc_endpoint_subnet_association', 'aws_vpc_endpoint_security_group_association', 'aws_ec2_tag', 'aws_ec2_subnet_cidr_reservation', 'aws_network_interface', 'aws_eip_association',
    'aws_ec2_managed_prefix_list', 'aws_ec2_managed_prefix_list_entry', 'aws_db_subnet_group', 'aws_elasticache_subnet_group',
  ]),
  ...allFree('listeners, rules and target groups come with the load balancer', 'elasticloadbalancing/pricing/', [
    'aws_lb_listener', 'aws_lb_listener_rule', 'aws_lb_listener_certificate', 'aws_lb_target_group', 'aws_lb_target_group_attachment',
  ]),
  ...allFree('records come with the zone; queries are charged there', 'route53/pricing/', ['aws_route53_record', 'aws_route53_zone_association', 'aws_route53_vpc_association_authorization']),
  ...allFree('public certificates for use with AWS services cost nothing', 'certificate-manager/pricing/', ['aws_acm_certificate', 'aws_acm_certificate_validation']),

  aws_eip: {
    price: () => [{ ...VPC, description: 'public IPv4 address, in use or idle', sku: 'ipv4/public-address', unit: 'Hours', declared: HOURS_PER_MONTH }],
  },
  aws_nat_gateway: {
    price: () => [
      { ...VPC, description: 'NAT gateway', sku: 'nat/gateway', unit: 'Hours', declared: HOURS_PER_MONTH },
      { ...VPC, description: 'data processed by the NAT gateway', sku: 'nat/data', unit: 'GiB', used: { field: 'dataGiB' } },
    ],
  },
  aws_vpc_endpoint: { price: endpoint },
  aws_flow_log: {
    price: (resource) => {
      const to = resource.text('log_destination_type', 'cloud-watch-logs');
      if (to === 'cloud-watch-logs') return { free: 'what it delivers is charged to its log group' };
      return [{ category: 'Management and Governance', service: 'Amazon CloudWatch', description: 'flow logs delivered', sku: 'logs/vended-to-s3', unit: 'GiB', used: { field: 'deliveredGiB' } }];
    },
  },
  aws_lb: { price: loadBalancer },
  aws_route53_zone: {
    price: () => [
      { ...DNS, description: 'hosted zone', sku: 'route53/zone', unit: 'Months', declared: 1 },
      { ...DNS, description: 'queries', sku: 'route53/queries', unit: '1M Requests', used: { field: 'queries', per: 1_000_000 } },
    ],
  },
};

function endpoint(resource: ResourceView): Priced {
  const type = resource.text('vpc_endpoint_type', 'Gateway');
  if (type === 'Gateway') return { free: 'gateway endpoints cost nothing, https://aws.amazon.com/privatelink/pricing/' };
  if (type !== 'Interface' && type !== 'GatewayLoadBalancer') return [{ ...VPC, missing: `an endpoint of type ${type ?? 'that an expression hides'}`, attribute: 'vpc_endpoint_type' }];
  const sku = type === 'Interface' ? 'vpc-endpoint/interface' : 'vpc-endpoint/gateway-load-balancer';
  const subnets = resource.list('subnet_ids')?.length;
  return [
    { ...VPC, description: 'interface endpoint, an address in each of its subnets', sku, unit: 'Hours', declared: subnets === undefined ? undefined : Math.max(subnets, 1) * HOURS_PER_MONTH, attribute: 'subnet_ids' },
    { ...VPC, description: 'data processed by the endpoint', sku: `${sku}-data`, unit: 'GiB', used: { field: 'dataGiB' } },
  ];
}

function loadBalancer(resource: ResourceView): Priced {
  const type = resource.text('load_balancer_type', 'application');
  if (type !== 'application' && type !== 'network') return [{ ...ELB, missing: `a load balancer of type ${type ?? 'that an expression hides'}`, attribute: 'load_balancer_type' }];
  const internal = resource.flag('internal');
  const subnets = resource.list('subnets')?.length;
  const mapped = resource.list('subnet_mapping')?.length;
  const addresses = internal === undefined || subnets === undefined || mapped === undefined ? undefined : Math.max(subnets, mapped) * HOURS_PER_MONTH;
  return [
    { ...ELB, description: `${type} load balancer`, sku: `lb/${type}`, unit: 'Hours', declared: HOURS_PER_MONTH },
    ...(internal === true ? [] : [{ ...VPC, description: 'public IPv4 addresses, one in each subnet', sku: 'ipv4/public-address', unit: 'Hours', declared: addresses, attribute: 'subnets' }]),
    { ...ELB, description: 'load balancer capacity units', sku: `lb/${type}-lcu`, unit: 'LCU-Hours', used: { field: 'capacityUnits', per: 1 / HOURS_PER_MONTH } },
  ];
}
