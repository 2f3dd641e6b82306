import { describe, expect, it } from 'vitest';
import { environments } from '../../config';
import { factsOf } from '../../config/facts';
import { ClusterStack } from '../../stacks/cluster-stack';
import { only, resources, synthStack } from '../support/synth-stack';
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

  it('has a node group per pool that people size, spot where the pool is', () => {
    const groups = resources(json, 'aws_eks_node_group').map((group) => ({
      name: group.labels['tideline.dev/pool'], capacity: group.capacity_type, types: group.instance_types, min: group.scaling_config.min_size, max: group.scaling_config.max_size,
    }));
    const pools = environment.nodePools.filter(({ scaledBy }) => scaledBy === 'node-group');
    expect(groups).toHaveLength(pools.length);
    expect(groups).toEqual(expect.arrayContaining(pools.map((pool) => ({
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

  it('gives Karpenter its queue, its account and a role for its nodes, by the decided names', () => {
    const { interruptions, provisioner } = factsOf(environment);
    expect(only(json, 'aws_sqs_queue').name).toBe(interruptions.queue);
    expect(only(json, 'aws_eks_pod_identity_association')).toMatchObject({ namespace: provisioner.namespace, service_account: provisioner.serviceAccount });
    expect(resources(json, 'aws_iam_role').map(({ name }) => name)).toEqual(expect.arrayContaining([provisioner.role, provisioner.nodeRole]));
    const pass = resources(json, 'aws_iam_role_policy').map(({ policy }) => String(policy)).find((policy) => policy.includes('iam:PassRole'));
    expect(pass).toContain(`arn:aws:iam::${environment.account}:role/${provisioner.nodeRole}`);
  });

  it('is administered by the role that applies the stacks', () => {
    expect(resources(json, 'aws_eks_access_entry').filter(({ type }) => type === 'STANDARD').map((entry) => entry.principal_arn)).toEqual([`arn:aws:iam::${environment.account}:role/tideline-${environment.name}-deploy`]);
  });
});

describe('the cluster of an environment on Auto Mode', () => {
  it('leaves interruptions, roles and access of provisioned nodes to it', () => {
    const environment = { ...environments()[0]!, nodeProvisioner: 'auto-mode' as const };
    const json = synthStack((app) => new ClusterStack(app, environment));
    expect(resources(json, 'aws_sqs_queue')).toEqual([]);
    expect(resources(json, 'aws_cloudwatch_event_rule')).toEqual([]);
    expect(resources(json, 'aws_iam_role').map(({ name }) => name)).not.toContain(factsOf(environment).provisioner.nodeRole);
  });
});
