import { describe, expect, it } from 'vitest';
import { ADDON_NAMES, AddonName, architectureOf, ClusterAccess, CONTROL_PLANE_LOGS, DEFAULT_ADDONS, EksCluster, EksClusterProps, KUBERNETES_VERSIONS, NodeImage, NodePoolOptions } from '../../../components/cloud';
import { kubernetesVersions } from '../../../config';
import { Block, only, reference, resources, synthIn, SynthesizedStack } from '../../support/synth-stack';

const SYSTEM: NodePoolOptions = { name: 'system', capacity: 'on-demand', instanceTypes: ['m7g.large'], minNodes: 2, maxNodes: 4 };
const BURST: NodePoolOptions = { name: 'burst', capacity: 'spot', instanceTypes: ['m7i.large', 'm6i.large'], minNodes: 0, maxNodes: 9 };
const PROPS: EksClusterProps = {
  name: 'shore', region: 'eu-west-1', account: '111111111111', version: '1.35', vpcId: 'vpc-1', controlPlaneSubnetIds: ['subnet-1', 'subnet-2'], nodeSubnetIds: ['subnet-3', 'subnet-4'],
  administrators: ['arn:aws:iam::111111111111:role/deploy'], pools: [SYSTEM, BURST],
};

function synth(props: Partial<EksClusterProps> = {}, also: (cluster: EksCluster) => void = () => undefined): SynthesizedStack {
  return synthIn((stack) => also(new EksCluster(stack, 'cluster', { ...PROPS, ...props })));
}

/** The key with an alias. */
function keyOf(stack: SynthesizedStack, alias: string): Block {
  const { target_key_id: id } = only(stack, 'aws_kms_alias', { name: `alias/${alias}` });
  return resources(stack, 'aws_kms_key').find((key) => reference(stack, 'aws_kms_key', key, 'key_id') === id)!;
}

/** What an add-on is told. */
function valuesOf(stack: SynthesizedStack, name: AddonName): Block | undefined {
  const text = only(stack, 'aws_eks_addon', { addon_name: name }).configuration_values as string | undefined;
  return text === undefined ? undefined : JSON.parse(text) as Block;
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
    const key = keyOf(stack, 'shore-secrets');
    expect(key.enable_key_rotation).toBe(true);
    const uses = JSON.parse(key.policy).Statement.filter((each: Block) => (each.Action as string[]).some((action) => /crypt/.test(action)));
    expect(uses).toEqual([expect.objectContaining({ Condition: { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/shore-control-plane' } } })]);
    expect(only(stack, 'aws_eks_cluster').encryption_config).toEqual({ resources: ['secrets'], provider: { key_arn: reference(stack, 'aws_kms_key', key, 'arn') } });
  });

  it('logs everything by default, into a group that exists before it and forgets', () => {
    const stack = synth();
    expect(only(stack, 'aws_eks_cluster').enabled_cluster_log_types).toEqual(CONTROL_PLANE_LOGS);
    const group = only(stack, 'aws_cloudwatch_log_group', { name: '/aws/eks/shore/cluster', retention_in_days: 30 });
    expect(only(stack, 'aws_eks_cluster').depends_on).toContain(reference(stack, 'aws_cloudwatch_log_group', group, 'x').slice(2, -3));
    expect(only(synth({ logs: ['audit'] }), 'aws_eks_cluster').enabled_cluster_log_types).toEqual(['audit']);
  });

  it('encrypts its logs with a key that serves no other group', () => {
    const stack = synth();
    const key = keyOf(stack, 'shore-control-plane-logs');
    expect(only(stack, 'aws_cloudwatch_log_group').kms_key_id).toBe(reference(stack, 'aws_kms_key', key, 'arn'));
    expect(JSON.parse(key.policy).Statement.find((each: Block) => each.Sid === 'Logs').Condition)
      .toEqual({ ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': ['arn:aws:logs:eu-west-1:111111111111:log-group:/aws/eks/shore/cluster'] } });
  });

  it('gives others the rights named, on the whole cluster or in namespaces', () => {
    const access: ClusterAccess[] = [
      { role: 'arn:aws:iam::111111111111:role/plan', as: 'view' }, { role: 'arn:aws:iam::111111111111:role/teams/harbour', as: 'edit', namespaces: ['harbour', 'harbour-*'], groups: ['boats'] },
    ];
    const stack = synth({ access });
    const granted = access.map(({ role }) => {
      const entry = only(stack, 'aws_eks_access_entry', { principal_arn: role });
      const policy = only(stack, 'aws_eks_access_policy_association', { principal_arn: reference(stack, 'aws_eks_access_entry', entry, 'principal_arn') });
      return [entry.kubernetes_groups, policy.policy_arn.split('/').pop(), policy.access_scope];
    });
    expect(granted).toEqual([
      [undefined, 'AmazonEKSViewPolicy', { type: 'cluster' }], [['boats'], 'AmazonEKSEditPolicy', { type: 'namespace', namespaces: ['harbour', 'harbour-*'] }],
    ]);
    expect(resources(stack, 'aws_eks_access_entry')).toHaveLength(3);
  });

  it('takes addresses of Services from the block named, and otherwise from EKS\'s choice', () => {
    expect(only(synth(), 'aws_eks_cluster').kubernetes_network_config).toBeUndefined();
    expect(only(synth({ serviceCidr: '172.20.0.0/16' }), 'aws_eks_cluster').kubernetes_network_config).toEqual({ service_ipv4_cidr: '172.20.0.0/16' });
  });

  it('shifts away from failing zones, stays when destroyed, and has an issuer, if asked', () => {
    const [plain, asked] = [synth(), synth({ zonalShift: true, deletionProtection: true, serviceAccountRoles: true })];
    expect(only(plain, 'aws_eks_cluster')).toMatchObject({ deletion_protection: false });
    expect(only(plain, 'aws_eks_cluster').zonal_shift_config).toBeUndefined();
    expect(resources(plain, 'aws_iam_openid_connect_provider')).toEqual([]);
    expect(only(asked, 'aws_eks_cluster')).toMatchObject({ deletion_protection: true, zonal_shift_config: { enabled: true } });
    expect(only(asked, 'aws_iam_openid_connect_provider').client_id_list).toEqual(['sts.amazonaws.com']);
  });

  it('tags the group that EKS makes, so that what starts nodes finds it', () => {
    expect(resources(synth(), 'aws_ec2_tag')).toEqual([]);
    const stack = synth({ clusterSecurityGroupTags: { 'karpenter.sh/discovery': 'shore' } });
    expect(only(stack, 'aws_ec2_tag')).toMatchObject({ key: 'karpenter.sh/discovery', value: 'shore', resource_id: expect.stringMatching(/^\$\{aws_eks_cluster\..*vpc_config\[0\]\.cluster_security_group_id\}$/) });
  });

  it('can be upgraded by one minor', () => {
    expect(only(synth({ version: '1.36', upgradedFrom: '1.35' }), 'aws_eks_cluster').version).toBe('1.36');
    expect(only(synth({ version: '1.37', supportedVersions: ['1.37'] }), 'aws_eks_cluster').version).toBe('1.37');
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
    expect(resources(stack, 'aws_eks_addon').map((addon) => addon.addon_name).sort()).toEqual([...DEFAULT_ADDONS].sort());
    expect(resources(synth({ addons: ADDON_NAMES }), 'aws_eks_addon').map((addon) => addon.addon_name).sort()).toEqual([...ADDON_NAMES].sort());
    const groups = Object.keys(stack.resource.aws_eks_node_group!).map((name) => `aws_eks_node_group.${name}`);
    const before = Object.entries(stack.resource.aws_eks_addon!).filter(([, addon]) => ['vpc-cni', 'kube-proxy', 'eks-pod-identity-agent', 'eks-node-monitoring-agent'].includes(addon.addon_name));
    for (const group of resources(stack, 'aws_eks_node_group')) expect(group.depends_on).toEqual(expect.arrayContaining(before.map(([name]) => `aws_eks_addon.${name}`)));
    for (const [, addon] of before) expect(addon.depends_on.filter((each: string) => groups.includes(each))).toEqual([]);
    for (const name of ['coredns', 'aws-ebs-csi-driver', 'metrics-server']) expect(only(stack, 'aws_eks_addon', { addon_name: name }).depends_on).toEqual(expect.arrayContaining(groups));
  });

  it('pins an add-on where a version is given', () => {
    const stack = synth({ addonVersions: { coredns: 'v1.13.1-eksbuild.1' } });
    expect(only(stack, 'aws_eks_addon', { addon_name: 'coredns' }).addon_version).toBe('v1.13.1-eksbuild.1');
    expect(only(stack, 'aws_eks_addon', { addon_name: 'vpc-cni' }).addon_version).toBeUndefined();
  });

  it('enforces NetworkPolicies and gives nodes room for pods, unless told otherwise', () => {
    expect(valuesOf(synth(), 'vpc-cni')).toEqual({ enableNetworkPolicy: 'true', env: { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' } });
    expect(valuesOf(synth({ addonSettings: { 'vpc-cni': { networkPolicy: false, prefixDelegation: false } } }), 'vpc-cni'))
      .toEqual({ enableNetworkPolicy: 'false', env: { ENABLE_PREFIX_DELEGATION: 'false' } });
  });

  it('keeps names resolved while nodes go, and more of it as nodes come', () => {
    expect(valuesOf(synth(), 'coredns')).toEqual({ autoScaling: { enabled: true, minReplicas: 2, maxReplicas: 10 }, podDisruptionBudget: { enabled: true, maxUnavailable: 1 } });
    expect(valuesOf(synth({ addonSettings: { coredns: { minReplicas: 3, maxReplicas: 30 } } }), 'coredns')).toMatchObject({ autoScaling: { minReplicas: 3, maxReplicas: 30 } });
    expect(valuesOf(synth({ addonSettings: { 'metrics-server': { replicas: 1 } } }), 'metrics-server')).toMatchObject({ replicas: 1 });
  });

  it('tags volumes that Terraform never sees', () => {
    expect(valuesOf(synth(), 'aws-ebs-csi-driver')).toBeUndefined();
    expect(valuesOf(synth({ instanceTags: { owner: 'harbour' } }), 'aws-ebs-csi-driver')).toEqual({ controller: { extraVolumeTags: { owner: 'harbour' } } });
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
    expect(statement.Resource).toEqual([reference(stack, 'aws_kms_key', keyOf(stack, 'shore-secrets'), 'arn')]);
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

  it('runs Amazon Linux or Bottlerocket, whose data is on a second disk', () => {
    const amiOf = (image: NodeImage | undefined, instanceTypes: string[]) => only(synth({ pools: [{ ...SYSTEM, ...(image ? { image } : {}), instanceTypes }] }), 'aws_eks_node_group').ami_type;
    expect(amiOf(undefined, ['m7g.large'])).toBe('AL2023_ARM_64_STANDARD');
    expect(amiOf('bottlerocket', ['m7g.large'])).toBe('BOTTLEROCKET_ARM_64');
    expect(amiOf('bottlerocket', ['m7i.large'])).toBe('BOTTLEROCKET_x86_64');
    const { block_device_mappings: disks } = only(synth({ pools: [{ ...SYSTEM, image: 'bottlerocket', diskGiB: 80 }] }), 'aws_launch_template');
    expect(disks.map((disk: Block) => [disk.device_name, disk.ebs.volume_size, disk.ebs.encrypted])).toEqual([['/dev/xvda', undefined, 'true'], ['/dev/xvdb', 80, 'true']]);
  });

  it('encrypts disks with the account\'s key, or the one named', () => {
    const volumeKeyArn = 'arn:aws:kms:eu-west-1:111111111111:key/volumes';
    const keysOf = (stack: SynthesizedStack) => resources(stack, 'aws_launch_template').flatMap((template) => template.block_device_mappings.map((disk: Block) => disk.ebs.kms_key_id));
    expect(keysOf(synth())).toEqual([undefined, undefined]);
    expect(keysOf(synth({ volumeKeyArn }))).toEqual([volumeKeyArn, volumeKeyArn]);
  });

  it('takes as many pods as named, and otherwise as EKS counts', () => {
    const toldTo = (pool: Partial<NodePoolOptions>) => {
      const data = only(synth({ pools: [{ ...SYSTEM, ...pool }] }), 'aws_launch_template').user_data as string | undefined;
      return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
    };
    expect(toldTo({})).toBeUndefined();
    expect(toldTo({ maxPods: 110 })).toMatch(/^MIME-Version: 1\.0\n[^]*Content-Type: application\/node\.eks\.aws\n\n---\n[^]*maxPods: 110\n/);
    expect(toldTo({ maxPods: 110, image: 'bottlerocket' })).toBe('[settings.kubernetes]\nmax-pods = 110\n');
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

describe('EKS Auto Mode', () => {
  const AUTO: Partial<EksClusterProps> = { autoMode: {}, pools: [] };
  const policiesOfRole = (stack: SynthesizedStack, name: string) => policiesOf(stack, only(stack, 'aws_iam_role', { name }));

  it('is off unless chosen, and then leaves no trace', () => {
    const cluster = only(synth(), 'aws_eks_cluster');
    expect([cluster.compute_config, cluster.storage_config, cluster.kubernetes_network_config]).toEqual([undefined, undefined, undefined]);
    expect(JSON.parse(only(synth(), 'aws_iam_role', { name: 'shore-control-plane' }).assume_role_policy).Statement[0].Action).toEqual(['sts:AssumeRole']);
    expect(resources(synth(), 'aws_iam_role').map((role) => role.name)).not.toContain('shore-auto-node');
  });

  it('starts nodes, balances load and attaches volumes, all three', () => {
    const stack = synth(AUTO);
    const role = only(stack, 'aws_iam_role', { name: 'shore-auto-node' });
    expect(only(stack, 'aws_eks_cluster')).toMatchObject({
      bootstrap_self_managed_addons: false,
      compute_config: { enabled: true, node_pools: ['general-purpose', 'system'], node_role_arn: reference(stack, 'aws_iam_role', role, 'arn') },
      kubernetes_network_config: { elastic_load_balancing: { enabled: true } },
      storage_config: { block_storage: { enabled: true } },
    });
    expect(only(synth({ ...AUTO, serviceCidr: '172.20.0.0/16' }), 'aws_eks_cluster').kubernetes_network_config).toEqual({ elastic_load_balancing: { enabled: true }, service_ipv4_cidr: '172.20.0.0/16' });
  });

  it('gives the control plane what it then does itself, and its nodes the least', () => {
    const stack = synth(AUTO);
    expect(policiesOfRole(stack, 'shore-control-plane'))
      .toEqual(['AmazonEKSBlockStoragePolicy', 'AmazonEKSClusterPolicy', 'AmazonEKSComputePolicy', 'AmazonEKSLoadBalancingPolicy', 'AmazonEKSNetworkingPolicy']);
    expect(JSON.parse(only(stack, 'aws_iam_role', { name: 'shore-control-plane' }).assume_role_policy).Statement[0].Action).toEqual(['sts:AssumeRole', 'sts:TagSession']);
    expect(policiesOfRole(stack, 'shore-auto-node')).toEqual(['AmazonEC2ContainerRegistryPullOnly', 'AmazonEKSWorkerNodeMinimalPolicy']);
    expect(resources(stack, 'aws_iam_role').map((role) => role.name)).not.toContain('shore-node');
  });

  it('may put our tags on what it makes, for this cluster only', () => {
    const statements = (props: Partial<EksClusterProps>): Block[] => JSON.parse(only(synth(props), 'aws_iam_role_policy').policy).Statement.slice(1);
    expect(statements(AUTO)).toEqual([]);
    const granted = statements({ ...AUTO, instanceTags: { owner: 'harbour' } });
    expect(granted.flatMap((each) => each.Action)).toEqual(expect.arrayContaining(['ec2:RunInstances', 'ec2:CreateVolume', 'elasticloadbalancing:CreateLoadBalancer']));
    for (const each of granted) expect(each.Condition).toEqual({ StringEquals: { 'aws:RequestTag/eks:eks-cluster-name': 'shore' } });
    expect(granted.flatMap((each) => each.Resource)).not.toContain('*');
  });

  it('needs no add-on that its nodes have built in, and all of them beside node groups', () => {
    const names = (props: Partial<EksClusterProps>) => resources(synth(props), 'aws_eks_addon').map((addon) => addon.addon_name).sort();
    expect(names(AUTO)).toEqual(['metrics-server']);
    expect(names({ autoMode: {} })).toEqual([...DEFAULT_ADDONS].sort());
  });

  it('lets nodes of NodeClasses of ours in, where it has no pools of its own and EKS does not', () => {
    const entries = (stack: SynthesizedStack) => resources(stack, 'aws_eks_access_entry').filter((entry) => entry.type === 'EC2');
    expect(entries(synth(AUTO))).toEqual([]);
    const stack = synth({ autoMode: { nodeRoleName: 'shore-provisioned' } });
    expect(only(stack, 'aws_eks_cluster').compute_config).toEqual({ enabled: true, node_pools: [] });
    const role = only(stack, 'aws_iam_role', { name: 'shore-provisioned' });
    expect(entries(stack).map((entry) => entry.principal_arn)).toEqual([reference(stack, 'aws_iam_role', role, 'arn')]);
    expect(resources(stack, 'aws_eks_access_policy_association').map((each) => each.policy_arn.split('/').pop())).toContain('AmazonEKSAutoNodePolicy');
  });

  it.each<[string, Partial<EksClusterProps>, RegExp]>([
    ['no node that could ever start', { autoMode: { builtInPools: [] }, pools: [] }, /pools\] got: \[\]; allowed: at least one pool whose minNodes is above 0/],
    ['a pool it does not have', { autoMode: { builtInPools: ['gpu' as 'system'] }, pools: [] }, /autoMode.builtInPools\] got: "gpu"; allowed: general-purpose, system/],
    ['a pool twice', { autoMode: { builtInPools: ['system', 'system'] }, pools: [] }, /autoMode.builtInPools\] .*allowed: each pool once/],
    ['an add-on that finds no node', { ...AUTO, addons: ['coredns'] }, /addons\] got: "coredns, and no node group"; allowed: add-ons that Auto Mode's nodes do not have/],
    ['settings of an add-on that is not there', { ...AUTO, addonSettings: { coredns: { minReplicas: 3 } } }, /addonSettings\] got: "coredns"; allowed: metrics-server/],
    ['a role that is none', { ...AUTO, autoMode: { nodeRoleName: 'arn:aws:iam::1:role/x' } }, /autoMode.nodeRoleName\] .*allowed: the name of a role/],
  ])('refuses %s', (_, props, message) => {
    expect(() => synth(props)).toThrow(message);
  });
});

describe('the versions of Kubernetes', () => {
  it('are those the catalogue offers', () => {
    expect(Object.keys(KUBERNETES_VERSIONS)).toEqual(Object.keys(kubernetesVersions));
  });

  it('end when a day says so, later versions later', () => {
    const days = Object.values(KUBERNETES_VERSIONS).flatMap(({ standardUntil }) => (standardUntil === undefined ? [] : [standardUntil]));
    for (const day of days) expect(new Date(`${day}T00:00:00Z`).toISOString()).toBe(`${day}T00:00:00.000Z`);
    expect([...days].sort()).toEqual(days);
  });
});

describe('bad input to a cluster', () => {
  it.each<[string, Partial<EksClusterProps>, RegExp]>([
    ['a patch version', { version: '1.35.2' }, /cluster version\] got: "1.35.2"; allowed: a minor version/],
    ['a version past standard support', { version: '1.31' }, /version\] got: "1.31"; allowed: 1.34, 1.35, 1.36; do: choose a version in standard support/],
    ['a skipped minor', { version: '1.36', upgradedFrom: '1.34' }, /upgradedFrom\] got: "1.34"; allowed: 1.35, 1.36; do: go up one minor/],
    ['a way back', { version: '1.35', upgradedFrom: '1.36' }, /upgradedFrom\] got: "1.36"; allowed: 1.34, 1.35/],
    ['a name that is none', { name: 'Shore_1' }, /cluster name\] got: "Shore_1"; allowed: 1 to 40 lower-case letters/],
    ['a region that is none', { region: 'europe' }, /cluster region\] got: "europe"/],
    ['an account that is none', { account: '12' }, /cluster account\] got: "12"; allowed: 12 digits/],
    ['one subnet for the control plane', { controlPlaneSubnetIds: ['subnet-1', 'subnet-1'] }, /controlPlaneSubnetIds\] .*allowed: at least two subnets/],
    ['Services where the nodes are', { serviceCidr: '10.1.0.0/16', privateAccessCidrs: ['10.0.0.0/8'] }, /serviceCidr\] got: "10.1.0.0\/16, which overlaps 10.0.0.0\/8 of privateAccessCidrs"/],
    ['Services at public addresses', { serviceCidr: '203.0.113.0/24' }, /serviceCidr\] got: "203.0.113.0\/24"; allowed: \/12 to \/24 within/],
    ['too few addresses for Services', { serviceCidr: '172.20.0.0/28' }, /serviceCidr\] got: "172.20.0.0\/28"; allowed: \/12 to \/24/],
    ['Services in a block that is none', { serviceCidr: '172.20.0.1/16' }, /serviceCidr\] got: "172.20.0.1\/16"; allowed: an IPv4 block/],
    ['access for a user', { access: [{ role: 'arn:aws:iam::111111111111:user/ann', as: 'view' }] }, /access\[0\].role\] .*allowed: the ARN of an IAM role/],
    ['a right nobody knows', { access: [{ role: 'arn:aws:iam::111111111111:role/x', as: 'owner' as 'view' }] }, /access\[0\].as\] got: "owner"; allowed: view, edit, admin, cluster-admin/],
    ['a cluster-admin of a namespace', { access: [{ role: 'arn:aws:iam::111111111111:role/x', as: 'cluster-admin', namespaces: ['x'] }] }, /access\[0\].namespaces\] .*allowed: nothing for a cluster-admin/],
    ['rights in no namespace', { access: [{ role: 'arn:aws:iam::111111111111:role/x', as: 'view', namespaces: [] }] }, /access\[0\].namespaces\] got: \[\]; allowed: names of namespaces/],
    ['a group of the system', { access: [{ role: 'arn:aws:iam::111111111111:role/x', as: 'view', groups: ['system:masters'] }] }, /access\[0\].groups\] .*do not begin with system:/],
    ['a role with two rights', { access: [{ role: 'arn:aws:iam::111111111111:role/deploy', as: 'view' }] }, /access\] got: \["deploy"\]; allowed: each role once/],
    ['an add-on nobody knows', { addons: ['karpenter' as AddonName] }, /addons\] got: "karpenter"; allowed: /],
    ['an add-on twice', { addons: ['coredns', 'coredns'] }, /addons\] .*allowed: each add-on once/],
    ['the version of an add-on that is not there', { addonVersions: { 'snapshot-controller': 'v8.2.0-eksbuild.1' } }, /addonVersions\] got: "snapshot-controller"; /],
    ['a version of an add-on that is none', { addonVersions: { coredns: '1.13' } }, /addonVersions.coredns\] got: "1.13"; allowed: a version such as/],
    ['fewer replicas than the least', { addonSettings: { coredns: { minReplicas: 5, maxReplicas: 3 } } }, /addonSettings.coredns\] got: "5 to 3 replicas"/],
    ['no replica of metrics', { addonSettings: { 'metrics-server': { replicas: 0 } } }, /addonSettings.metrics-server\] got: 0; allowed: 1 to 10/],
    ['a key by its alias', { volumeKeyArn: 'alias/volumes' }, /volumeKeyArn\] got: "alias\/volumes"; allowed: the ARN of a key/],
    ['an image nobody knows', { pools: [{ ...SYSTEM, image: 'windows' as NodeImage }] }, /pools\[0\].image\] got: "windows"; allowed: al2023, bottlerocket/],
    ['room for too many pods', { pools: [{ ...SYSTEM, maxPods: 500 }] }, /pools\[0\].maxPods\] got: 500; allowed: a whole number from 4 to 250/],
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
    expect(keyOf(stack, 'shore-secrets').multi_region).toBe(true);
  });
});
