import { describe, expect, it } from 'vitest';
import { Cidr } from '../../components/cloud';
import { environments, REGIONS } from '../../config';
import { NetworkStack } from '../../stacks/network-stack';
import { only, resources, synthStack } from '../support/synth-stack';
import { stackOf } from './support';

describe.each(environments().map((environment) => ({ environment, name: environment.name })))('the network of $name', ({ environment }) => {
  const json = stackOf(environment.name, 'network');

  it('lies in its block, and its subnets share nothing', () => {
    const vpc = Cidr.parse(only(json, 'aws_vpc').cidr_block, 'vpc');
    expect(String(vpc)).toBe(environment.network.cidr);
    const blocks = resources(json, 'aws_subnet').map((subnet) => Cidr.parse(subnet.cidr_block, 'subnet'));
    expect(blocks).toHaveLength(3 * environment.network.availabilityZones);
    expect(blocks.every((block) => vpc.contains(block))).toBe(true);
    expect(blocks.some((block, index) => blocks.slice(index + 1).some((other) => block.overlaps(other)))).toBe(false);
  });

  it('has the NAT gateways its policy asks for', () => {
    expect(resources(json, 'aws_nat_gateway')).toHaveLength(environment.network.nat === 'single' ? 1 : environment.network.availabilityZones);
  });

  it('reaches inside it what the environment pays for, and S3 for nothing', () => {
    const service = (name: string) => `com.amazonaws.${environment.region}.${name}`;
    expect(resources(json, 'aws_vpc_endpoint').map((endpoint) => endpoint.service_name).sort())
      .toEqual([...(environment.network.interfaceEndpoints ?? []), 's3'].map(service).sort());
    for (const endpoint of resources(json, 'aws_vpc_endpoint')) expect(endpoint.policy).toContain(`"aws:PrincipalAccount":"${environment.account}"`);
  });

  it('shows private subnets, and no others, to what starts nodes', () => {
    for (const subnet of resources(json, 'aws_subnet')) {
      expect(subnet.tags['karpenter.sh/discovery']).toBe(subnet.tags['tideline.dev/tier'] === 'private' ? `tideline-${environment.name}` : undefined);
    }
  });

  it('is named as decided, so that the cluster finds it', () => {
    expect(only(json, 'aws_vpc').tags.Name).toBe(Object.values(stackOf(environment.name, 'cluster').data.aws_vpc!)[0]!.tags.Name);
  });

  it('keeps flow logs as long as the environment keeps logs', () => {
    expect(only(json, 'aws_cloudwatch_log_group').retention_in_days).toBe(environment.retention.logsDays);
  });
});

describe.each(REGIONS)('a network in %s', (region) => {
  it('stands in zones of the region', () => {
    const environment = { ...environments()[0]!, region };
    const json = synthStack((app) => new NetworkStack(app, environment));
    expect(new Set(resources(json, 'aws_subnet').map((subnet) => subnet.availability_zone_id)).size).toBe(environment.network.availabilityZones);
  });
});
