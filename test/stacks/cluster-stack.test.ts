import { describe, expect, it } from 'vitest';
import { environments } from '../../config';
import { only, resources } from '../support/synth-stack';
import { stackOf } from './support';

describe.each(environments().map((environment) => ({ environment, name: environment.name })))('the cluster of $name', ({ environment }) => {
  const json = stackOf(environment.name, 'cluster');
  const subnets = (tier: string) => Object.entries(json.data.aws_subnets!).find(([, each]) => each.tags['tideline.dev/tier'] === tier)!;

  it('runs the environment\'s Kubernetes version', () => {
    expect(only(json, 'aws_eks_cluster').version).toBe(environment.kubernetes.version);
  });

  it('is reachable from outside only as the environment says', () => {
    expect(only(json, 'aws_eks_cluster').vpc_config).toMatchObject({ endpoint_private_access: true, endpoint_public_access: environment.kubernetes.publicAccessCidrs.length > 0 });
    expect(only(json, 'aws_eks_cluster').vpc_config.public_access_cidrs ?? []).toEqual(environment.kubernetes.publicAccessCidrs);
  });

  it('has a node group per pool, spot where the pool is', () => {
    const groups = resources(json, 'aws_eks_node_group').map((group) => ({
      name: group.labels['tideline.dev/pool'], capacity: group.capacity_type, types: group.instance_types, min: group.scaling_config.min_size, max: group.scaling_config.max_size,
    }));
    expect(groups).toHaveLength(environment.nodePools.length);
    expect(groups).toEqual(expect.arrayContaining(environment.nodePools.map((pool) => ({
      name: pool.name, capacity: pool.capacity === 'spot' ? 'SPOT' : 'ON_DEMAND', types: pool.instanceTypes, min: pool.minNodes, max: pool.maxNodes,
    }))));
  });

  it('puts the control plane in intra subnets and nodes in private ones', () => {
    expect(only(json, 'aws_eks_cluster').vpc_config.subnet_ids).toBe(`\${data.aws_subnets.${subnets('intra')[0]}.ids}`);
    for (const group of resources(json, 'aws_eks_node_group')) expect(group.subnet_ids).toBe(`\${data.aws_subnets.${subnets('private')[0]}.ids}`);
  });

  it('fails the plan when the network has fewer subnets than decided', () => {
    for (const tier of ['intra', 'private']) {
      expect(subnets(tier)[1].lifecycle.postcondition).toEqual([{
        condition: `\${length(self.ids) == ${environment.network.availabilityZones}}`,
        error_message: `tideline-${environment.name} should have ${environment.network.availabilityZones} ${tier} subnets; apply the network stack first.`,
      }]);
    }
  });

  it('is administered by the role that applies the stacks', () => {
    expect(resources(json, 'aws_eks_access_entry').map((entry) => entry.principal_arn)).toEqual([`arn:aws:iam::${environment.account}:role/tideline-${environment.name}-deploy`]);
  });
});
