import { describe, expect, it } from 'vitest';
import { ADDON_NAMES, architectureOf, CONTROL_PLANE_LOGS, EksCluster, EksClusterProps, NodePoolOptions } from '../../../components/cloud';
import { Block, only, reference, resources, synthIn, SynthesizedStack } from '../../support/synth-stack';

const SYSTEM: NodePoolOptions = { name: 'system', capacity: 'on-demand', instanceTypes: ['m7g.large'], minNodes: 2, maxNodes: 4 };
const BURST: NodePoolOptions = { name: 'burst', capacity: 'spot', instanceTypes: ['m7i.large', 'm6i.large'], minNodes: 0, maxNodes: 9 };
const PROPS: EksClusterProps = {
  name: 'shore', version: '1.35', vpcId: 'vpc-1', controlPlaneSubnetIds: ['subnet-1', 'subnet-2'], nodeSubnetIds: ['subnet-3', 'subnet-4'],
  administrators: ['arn:aws:iam::111111111111:role/deploy'], pools: [SYSTEM, BURST],
};

function synth(props: Partial<EksClusterProps> = {}, also: (cluster: EksCluster) => void = () => undefined): SynthesizedStack {
  return synthIn((stack) => also(new EksCluster(stack, 'cluster', { ...PROPS, ...props })));
}

/** Names of the managed policies attached to a role. */
function policiesOf(stack: SynthesizedStack, role: Block): string[] {
  return resources(stack, 'aws_iam_role_policy_attachment')
    .filter((each) => each.role === reference(stack, 'aws_iam_role', role, 'name'))
    .map((each) => each.policy_arn.split('/').pop()).sort();
}

describe('an EKS cluster', () => {
  it('runs the version asked for, without add-ons nobody manages', () => {
    expect(only(synth(), 'aws_eks_cluster')).toMatchObject({ name: 'shore', version: '1.35', bootstrap_self_managed_addons: false, upgrade_policy: { support_type: 'STANDARD' } });
  });

  it('lets in whom access entries name, and nobody by accident', () => {
    const stack = synth();
    expect(only(stack, 'aws_eks_cluster').access_config).toEqual({ authentication_mode: 'API', bootstrap_cluster_creator_admin_permissions: false });
    expect(only(stack, 'aws_eks_access_entry').principal_arn).toBe('arn:aws:iam::111111111111:role/deploy');
    expect(only(stack, 'aws_eks_access_policy_association')).toMatchObject({ policy_arn: expect.stringMatching(/AmazonEKSClusterAdminPolicy$/), access_scope: { type: 'cluster' } });
  });

  it('encrypts secrets with a key of its own that rotates', () => {
    const stack = synth();
    const key = only(stack, 'aws_kms_key', { enable_key_rotation: true });
    expect(only(stack, 'aws_eks_cluster').encryption_config).toEqual({ resources: ['secrets'], provider: { key_arn: reference(stack, 'aws_kms_key', key, 'arn') } });
  });

  it('logs everything by default, into a group that exists before it and forgets', () => {
    const stack = synth();
    expect(only(stack, 'aws_eks_cluster').enabled_cluster_log_types).toEqual(CONTROL_PLANE_LOGS);
    const group = only(stack, 'aws_cloudwatch_log_group', { name: '/aws/eks/shore/cluster', retention_in_days: 30 });
    expect(only(stack, 'aws_eks_cluster').depends_on).toContain(reference(stack, 'aws_cloudwatch_log_group', group, 'x').slice(2, -3));
    expect(only(synth({ logs: ['audit'] }), 'aws_eks_cluster').enabled_cluster_log_types).toEqual(['audit']);
  });

  it('has a private endpoint, and a public one only for the blocks named', () => {
    expect(only(synth(), 'aws_eks_cluster').vpc_config).toMatchObject({ endpoint_private_access: true, endpoint_public_access: false });
    expect(only(synth(), 'aws_eks_cluster').vpc_config.public_access_cidrs).toBeUndefined();
    expect(only(synth({ publicAccessCidrs: ['203.0.113.0/24'] }), 'aws_eks_cluster').vpc_config)
      .toMatchObject({ endpoint_private_access: true, endpoint_public_access: true, public_access_cidrs: ['203.0.113.0/24'] });
  });

  it('opens the private endpoint on port 443 to the blocks named', () => {
    expect(resources(synth(), 'aws_vpc_security_group_ingress_rule')).toEqual([]);
    expect(only(synth({ privateAccessCidrs: ['10.0.0.0/16'] }), 'aws_vpc_security_group_ingress_rule'))
      .toMatchObject({ cidr_ipv4: '10.0.0.0/16', from_port: 443, to_port: 443, ip_protocol: 'tcp' });
  });

  it('has every managed add-on, those a node needs before the nodes and those that need a node after', () => {
    const stack = synth();
    expect(resources(stack, 'aws_eks_addon').map((addon) => addon.addon_name).sort()).toEqual([...ADDON_NAMES].sort());
    const groups = Object.keys(stack.resource.aws_eks_node_group!).map((name) => `aws_eks_node_group.${name}`);
    const before = Object.entries(stack.resource.aws_eks_addon!).filter(([, addon]) => ['vpc-cni', 'kube-proxy', 'eks-pod-identity-agent'].includes(addon.addon_name));
    for (const group of resources(stack, 'aws_eks_node_group')) expect(group.depends_on).toEqual(expect.arrayContaining(before.map(([name]) => `aws_eks_addon.${name}`)));
    for (const [, addon] of before) expect(addon.depends_on.filter((each: string) => groups.includes(each))).toEqual([]);
    for (const name of ['coredns', 'aws-ebs-csi-driver']) expect(only(stack, 'aws_eks_addon', { addon_name: name }).depends_on).toEqual(expect.arrayContaining(groups));
  });

  it('pins an add-on where a version is given', () => {
    const stack = synth({ addonVersions: { coredns: 'v1.13.1-eksbuild.1' } });
    expect(only(stack, 'aws_eks_addon', { addon_name: 'coredns' }).addon_version).toBe('v1.13.1-eksbuild.1');
    expect(only(stack, 'aws_eks_addon', { addon_name: 'vpc-cni' }).addon_version).toBeUndefined();
  });

  it('gives each role what its user needs and no more', () => {
    const stack = synth();
    const expected: Record<string, [string, string[]]> = {
      'shore-control-plane': ['eks.amazonaws.com', ['AmazonEKSClusterPolicy']],
      'shore-node': ['ec2.amazonaws.com', ['AmazonEC2ContainerRegistryPullOnly', 'AmazonEKSWorkerNodePolicy']],
      'shore-vpc-cni': ['pods.eks.amazonaws.com', ['AmazonEKS_CNI_Policy']],
      'shore-aws-ebs-csi-driver': ['pods.eks.amazonaws.com', ['AmazonEBSCSIDriverPolicy']],
    };
    const roles = resources(stack, 'aws_iam_role');
    expect(roles.map((role) => role.name).sort()).toEqual(Object.keys(expected).sort());
    for (const role of roles) {
      const [service, policies] = expected[role.name]!;
      expect(JSON.parse(role.assume_role_policy).Statement.map((each: Block) => each.Principal)).toEqual([{ Service: service }]);
      expect(policiesOf(stack, role)).toEqual(policies);
    }
    const [statement] = JSON.parse(only(stack, 'aws_iam_role_policy').policy).Statement;
    expect(statement.Action.every((action: string) => /^kms:[A-Za-z]+$/.test(action))).toBe(true);
    expect(statement.Resource).toEqual([reference(stack, 'aws_kms_key', only(stack, 'aws_kms_key'), 'arn')]);
  });

  it('lets add-ons act through Pod Identity under their own service account', () => {
    const stack = synth();
    const role = only(stack, 'aws_iam_role', { name: 'shore-vpc-cni' });
    expect(only(stack, 'aws_eks_addon', { addon_name: 'vpc-cni' }).pod_identity_association)
      .toEqual([{ service_account: 'aws-node', role_arn: reference(stack, 'aws_iam_role', role, 'arn') }]);
    expect(only(stack, 'aws_eks_addon', { addon_name: 'kube-proxy' }).pod_identity_association).toBeUndefined();
  });
});

describe('a node pool', () => {
  it('is spot or on demand, of the types and within the bounds asked for', () => {
    const stack = synth();
    expect(only(stack, 'aws_eks_node_group', { capacity_type: 'SPOT' })).toMatchObject({
      instance_types: ['m7i.large', 'm6i.large'], ami_type: 'AL2023_x86_64_STANDARD', scaling_config: { min_size: 0, desired_size: 0, max_size: 9 },
      labels: { 'tideline.dev/pool': 'burst', 'tideline.dev/capacity': 'spot' },
    });
    expect(only(stack, 'aws_eks_node_group', { capacity_type: 'ON_DEMAND' })).toMatchObject({
      instance_types: ['m7g.large'], ami_type: 'AL2023_ARM_64_STANDARD', scaling_config: { min_size: 2, desired_size: 2, max_size: 4 },
    });
  });

  it('leaves the number of nodes to whoever scales them', () => {
    for (const group of resources(synth(), 'aws_eks_node_group')) {
      expect(group.lifecycle).toEqual({ ignore_changes: ['scaling_config[0].desired_size'], create_before_destroy: true });
    }
  });

  it('keeps the node\'s credentials from pods and encrypts its disk', () => {
    const stack = synth({ pools: [{ ...SYSTEM, diskGiB: 80 }] });
    const template = only(stack, 'aws_launch_template');
    expect(template.metadata_options).toEqual({ http_endpoint: 'enabled', http_tokens: 'required', http_put_response_hop_limit: 1 });
    expect(template.block_device_mappings[0].ebs).toMatchObject({ encrypted: 'true', volume_size: 80, volume_type: 'gp3' });
    expect(only(stack, 'aws_eks_node_group').launch_template.id).toBe(reference(stack, 'aws_launch_template', template, 'id'));
  });

  it('tags what Terraform never sees', () => {
    const { tag_specifications: specifications } = only(synth({ pools: [SYSTEM], instanceTags: { owner: 'harbour' } }), 'aws_launch_template');
    expect(specifications.map((each: Block) => each.resource_type)).toEqual(['instance', 'volume', 'network-interface']);
    for (const each of specifications) expect(each.tags).toEqual({ Name: 'shore-system', owner: 'harbour' });
  });

  it('may have taints', () => {
    const stack = synth({ pools: [SYSTEM, { ...BURST, taints: [{ key: 'spot', value: 'true', effect: 'NO_SCHEDULE' }] }] });
    expect(only(stack, 'aws_eks_node_group', { capacity_type: 'SPOT' }).taint).toEqual([{ key: 'spot', value: 'true', effect: 'NO_SCHEDULE' }]);
    expect(only(stack, 'aws_eks_node_group', { capacity_type: 'ON_DEMAND' }).taint).toBeUndefined();
  });

  it.each([
    ['m7g.large', 'arm64'], ['t4g.small', 'arm64'], ['c7gn.xlarge', 'arm64'], ['x2gd.metal', 'arm64'], ['a1.large', 'arm64'],
    ['m7i.large', 'amd64'], ['g5.xlarge', 'amd64'], ['m6id.large', 'amd64'], ['t3.medium', 'amd64'], ['u-6tb1.metal', 'amd64'],
  ])('knows that %s is %s', (type, architecture) => {
    expect(architectureOf(type)).toBe(architecture);
  });
});

describe('bad input to a cluster', () => {
  it.each<[string, Partial<EksClusterProps>, RegExp]>([
    ['a patch version', { version: '1.35.2' }, /cluster version\] got: "1.35.2"; allowed: a minor version/],
    ['nobody who administers it', { administrators: [] }, /administrators\] got: \[\]; allowed: at least one role/],
    ['a user as administrator', { administrators: ['arn:aws:iam::111111111111:user/ann'] }, /allowed: the ARN of an IAM role/],
    ['the whole internet', { publicAccessCidrs: ['0.0.0.0/0'] }, /publicAccessCidrs\] got: "0.0.0.0\/0"; allowed: less than the whole internet/],
    ['a block that is none', { privateAccessCidrs: ['10.0.0.300/24'] }, /privateAccessCidrs\] got: "10.0.0.300\/24"; allowed: an IPv4 block/],
    ['a retention CloudWatch does not know', { logRetentionDays: 8 }, /logRetentionDays\] got: 8 days/],
    ['no pool that always runs', { pools: [BURST] }, /pools\] got: .*allowed: at least one pool whose minNodes is above 0/],
    ['two pools of a name', { pools: [SYSTEM, { ...BURST, name: 'system' }] }, /allowed: names that differ/],
    ['a pool of two architectures', { pools: [{ ...SYSTEM, instanceTypes: ['m7g.large', 'm7i.large'] }] }, /pools\[0\].instanceTypes\] .*one processor architecture/],
    ['a pool without types', { pools: [{ ...SYSTEM, instanceTypes: [] }] }, /allowed: at least one EC2 instance type/],
    ['bounds that cross', { pools: [{ ...SYSTEM, maxNodes: 1 }] }, /pools\[0\]\] got: "2 to 1 nodes"/],
    ['a disk that is too small', { pools: [{ ...SYSTEM, diskGiB: 8 }] }, /diskGiB\] got: 8;/],
  ])('refuses %s', (_, props, message) => {
    expect(() => synth(props)).toThrow(message);
  });

  it('is named all at once', () => {
    expect(() => synth({ version: '2', administrators: [], pools: [] })).toThrow(/version\][^]*administrators\][^]*pools\]/);
  });
});

describe('the ways out of a cluster', () => {
  it('change the cluster, a node group, an add-on, or anything by override', () => {
    const stack = synth({
      transform: {
        cluster: (config) => ({ ...config, zonalShiftConfig: { enabled: true } }),
        nodeGroup: (config, pool) => (pool.name === 'system' ? { ...config, updateConfig: { maxUnavailable: 1 } } : config),
        addon: (config, name) => (name === 'vpc-cni' ? { ...config, configurationValues: '{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}' } : config),
      },
    }, (cluster) => cluster.key.addOverride('multi_region', true));
    expect(only(stack, 'aws_eks_cluster').zonal_shift_config).toEqual({ enabled: true });
    expect(only(stack, 'aws_eks_node_group', { capacity_type: 'ON_DEMAND' }).update_config).toEqual({ max_unavailable: 1 });
    expect(only(stack, 'aws_eks_node_group', { capacity_type: 'SPOT' }).update_config).toEqual({ max_unavailable_percentage: 33 });
    expect(only(stack, 'aws_eks_addon', { addon_name: 'vpc-cni' }).configuration_values).toContain('ENABLE_PREFIX_DELEGATION');
    expect(only(stack, 'aws_kms_key').multi_region).toBe(true);
  });
});
