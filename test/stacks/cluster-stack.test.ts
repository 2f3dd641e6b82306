import { describe, expect, it } from 'vitest';
import { Cidr } from '../../components/cloud';
import { environments } from '../../config';
import { factsOf } from '../../config/facts';
import { ClusterStack } from '../../stacks/cluster-stack';
import { NetworkStack } from '../../stacks/network-stack';
import { only, reference, resources, synthStack } from '../support/synth-stack';
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

  it('is administered by the role that applies the stacks, and seen by the one that plans them', () => {
    const rights = Object.fromEntries(resources(json, 'aws_eks_access_entry').filter(({ type }) => type === 'STANDARD').map((entry) => {
      const { policy_arn: policy, access_scope: scope } = only(json, 'aws_eks_access_policy_association', { principal_arn: reference(json, 'aws_eks_access_entry', entry, 'principal_arn') });
      return [entry.principal_arn, `${scope.type} ${policy.split('/').pop()}`];
    }));
    const role = (of: string) => `arn:aws:iam::${environment.account}:role/tideline-${environment.name}-${of}`;
    expect(rights).toEqual({ [role('deploy')]: 'cluster AmazonEKSClusterAdminPolicy', [role('plan')]: 'cluster AmazonEKSViewPolicy' });
  });

  it('stays when its stack is destroyed, where the environment protects it', () => {
    expect(only(json, 'aws_eks_cluster').deletion_protection).toBe(environment.protect);
  });

  it('gives Services addresses that nobody in the VPC has', () => {
    const services = Cidr.parse(only(json, 'aws_eks_cluster').kubernetes_network_config.service_ipv4_cidr, 'services');
    expect(String(services)).toBe(factsOf(environment).cluster.serviceCidr);
    expect(services.overlaps(Cidr.parse(environment.network.cidr, 'vpc'))).toBe(false);
  });

  it('can be shifted away from a zone where the network survives without one', () => {
    expect(only(json, 'aws_eks_cluster').zonal_shift_config).toEqual(environment.network.nat === 'per-zone' ? { enabled: true } : undefined);
  });

  it('keeps the logs of its control plane, encrypted, as long as the environment keeps logs', () => {
    expect(only(json, 'aws_cloudwatch_log_group')).toMatchObject({ retention_in_days: environment.retention.logsDays, kms_key_id: expect.stringMatching(/^\$\{aws_kms_key\./) });
  });
});

describe('the stacks of an environment whose Services have another block', () => {
  const environment = { ...environments()[0]!, kubernetes: { ...environments()[0]!.kubernetes, serviceCidr: '192.168.0.0/16' } };

  it('use it in the cluster, and keep the network out of it', () => {
    expect(only(synthStack((app) => new ClusterStack(app, environment)), 'aws_eks_cluster').kubernetes_network_config).toEqual({ service_ipv4_cidr: '192.168.0.0/16' });
    const clash = { ...environment, network: { ...environment.network, cidr: '192.168.0.0/18' } };
    expect(() => synthStack((app) => new NetworkStack(app, clash))).toThrow(/cidr\] got: "192.168.0.0\/18, which overlaps 192.168.0.0\/16 \(Services of Kubernetes\)"/);
    expect(() => synthStack((app) => new ClusterStack(app, clash))).toThrow(/serviceCidr\] got: "192.168.0.0\/16, which overlaps 192.168.0.0\/18/);
  });
});

describe('the cluster of an environment that lets people in', () => {
  it('knows them by the roles they come with', () => {
    const role = 'arn:aws:iam::111111111111:role/harbour';
    const environment = { ...environments()[0]!, kubernetes: { ...environments()[0]!.kubernetes, access: [{ role, as: 'edit' as const, namespaces: ['harbour'] }] } };
    const json = synthStack((app) => new ClusterStack(app, environment));
    const entry = only(json, 'aws_eks_access_entry', { principal_arn: role });
    expect(only(json, 'aws_eks_access_policy_association', { principal_arn: reference(json, 'aws_eks_access_entry', entry, 'principal_arn') }))
      .toMatchObject({ policy_arn: expect.stringMatching(/AmazonEKSEditPolicy$/), access_scope: { type: 'namespace', namespaces: ['harbour'] } });
  });
});

describe('the cluster of an environment that skips a minor', () => {
  it('is not built', () => {
    const environment = { ...environments()[0]!, kubernetes: { ...environments()[0]!.kubernetes, version: '1.36', upgradedFrom: '1.34' } };
    expect(() => synthStack((app) => new ClusterStack(app, environment))).toThrow(/upgradedFrom\] got: "1.34"; allowed: 1.35, 1.36/);
  });
});

describe('the cluster of an environment on Auto Mode', () => {
  const environment = { ...environments()[0]!, nodeProvisioner: 'auto-mode' as const };
  const json = synthStack((app) => new ClusterStack(app, environment));

  it('leaves interruptions to it', () => {
    expect(resources(json, 'aws_sqs_queue')).toEqual([]);
    expect(resources(json, 'aws_cloudwatch_event_rule')).toEqual([]);
    expect(resources(json, 'aws_iam_role').map(({ name }) => name)).not.toContain(factsOf(environment).provisioner.role);
  });

  it('starts nodes for the pools of the environment, with the decided role, beside the node groups', () => {
    const { nodeRole } = factsOf(environment).provisioner;
    expect(only(json, 'aws_eks_cluster').compute_config).toEqual({ enabled: true, node_pools: [] });
    expect(only(json, 'aws_eks_access_entry', { type: 'EC2' }).principal_arn).toBe(reference(json, 'aws_iam_role', only(json, 'aws_iam_role', { name: nodeRole }), 'arn'));
    expect(resources(json, 'aws_eks_node_group')).toHaveLength(1);
  });

  it('has its own pools where there is no node group', () => {
    const alone = { ...environment, nodePools: environment.nodePools.filter(({ scaledBy }) => scaledBy === 'provisioner') };
    const stack = synthStack((app) => new ClusterStack(app, alone));
    expect(only(stack, 'aws_eks_cluster').compute_config.node_pools).toEqual(['general-purpose', 'system']);
    expect(resources(stack, 'aws_eks_node_group')).toEqual([]);
  });
});
