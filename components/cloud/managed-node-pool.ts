import { EksNodeGroup, EksNodeGroupConfig } from '@cdktf/provider-aws/lib/eks-node-group';
import { LaunchTemplate } from '@cdktf/provider-aws/lib/launch-template';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { Fault, needInto } from '../../base/faults';
import { architectureOf } from '../architecture';
import { LABEL_PREFIX } from '../labels';
import type { ServiceRole } from './service-role';

/** Images of EKS that nodes can run. */
export const NODE_IMAGES = ['al2023', 'bottlerocket'] as const;
export type NodeImage = (typeof NODE_IMAGES)[number];

/** A group of interchangeable nodes. */
export interface NodePoolOptions {
  /** DNS label, unique in the cluster. */
  readonly name: string;
  readonly capacity: 'on-demand' | 'spot';
  /** EC2 instance types of one processor architecture, the preferred one first. A spot pool wants several: one type is one market that can run dry. */
  readonly instanceTypes: readonly string[];
  readonly minNodes: number;
  readonly maxNodes: number;
  /** Size of a node's volume, GiB. @default 50 */
  readonly diskGiB?: number;
  /**
   * What nodes run. `al2023`: Amazon Linux, with a package manager and room for agents. `bottlerocket`: nothing but what runs containers, read-only, no shell.
   * @default 'al2023'
   */
  readonly image?: NodeImage;
  /** Pods a node takes at most. @default - what EKS counts for the instance type */
  readonly maxPods?: number;
  /** Keeps pods away that do not tolerate it. @default - none */
  readonly taints?: readonly { readonly key: string; readonly value: string; readonly effect: 'NO_SCHEDULE' | 'NO_EXECUTE' | 'PREFER_NO_SCHEDULE' }[];
}

/** Props of {@link ManagedNodePool}. */
export interface ManagedNodePoolProps extends NodePoolOptions {
  readonly clusterName: string;
  /** Prefix of the launch template's name. */
  readonly namePrefix: string;
  readonly subnetIds: string[];
  readonly role: ServiceRole;
  /**
   * ARN of the key that encrypts volumes. Its policy must let the role AWSServiceRoleForAutoScaling use it and grant it on, or no node starts.
   * @default - the account's own choice for EBS, `aws/ebs` unless it was changed
   */
  readonly volumeKeyArn?: string;
  /** @default - none */
  readonly instanceTags?: Readonly<Record<string, string>>;
  /** What must exist before the first node starts. @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
  /** @default - as built here */
  readonly transform?: (config: EksNodeGroupConfig) => EksNodeGroupConfig;
}

/** EKS's names of images, by image and processor architecture. */
const AMI_TYPES: Readonly<Record<NodeImage, Readonly<Record<'arm64' | 'amd64', string>>>> = {
  al2023: { arm64: 'AL2023_ARM_64_STANDARD', amd64: 'AL2023_x86_64_STANDARD' },
  bottlerocket: { arm64: 'BOTTLEROCKET_ARM_64', amd64: 'BOTTLEROCKET_x86_64' },
};

/** What tells a node how many pods to take; EKS adds the rest. */
const USER_DATA: Readonly<Record<NodeImage, (maxPods: number) => string>> = {
  al2023: (maxPods) => [
    'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="//"', '', '--//', 'Content-Type: application/node.eks.aws', '',
    '---', 'apiVersion: node.eks.aws/v1alpha1', 'kind: NodeConfig', 'spec:', '  kubelet:', '    config:', `      maxPods: ${maxPods}`, '', '--//--', '',
  ].join('\n'),
  bottlerocket: (maxPods) => `[settings.kubernetes]\nmax-pods = ${maxPods}\n`,
};

/** An EKS managed node group with its launch template: encrypted volumes, and credentials of the node out of reach for pods. */
export class ManagedNodePool extends Construct {
  readonly nodeGroup: EksNodeGroup;
  readonly launchTemplate: LaunchTemplate;

  constructor(scope: Construct, id: string, props: ManagedNodePoolProps) {
    super(scope, id);
    const image = props.image ?? 'al2023';
    const userData = props.maxPods === undefined ? undefined : USER_DATA[image](props.maxPods);
    const volume = { volumeType: 'gp3', encrypted: 'true', deleteOnTermination: 'true', ...(props.volumeKeyArn ? { kmsKeyId: props.volumeKeyArn } : {}) };
    const size = props.diskGiB ?? 50;
    const tags = { Name: `${props.namePrefix}-${props.name}`, ...props.instanceTags };
    this.launchTemplate = new LaunchTemplate(this, 'LaunchTemplate', {
      namePrefix: `${props.namePrefix}-${props.name}-`,
      updateDefaultVersion: true,
      // One hop: a pod, which is one hop further away, cannot ask for the node's credentials.
      metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
      // Bottlerocket has its system on the first volume, as large as its image, and everything else on the second.
      blockDeviceMappings: image === 'al2023'
        ? [{ deviceName: '/dev/xvda', ebs: { ...volume, volumeSize: size } }]
        : [{ deviceName: '/dev/xvda', ebs: volume }, { deviceName: '/dev/xvdb', ebs: { ...volume, volumeSize: size } }],
      ...(userData === undefined ? {} : { userData: Buffer.from(userData).toString('base64') }),
      tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({ resourceType, tags })),
    });
    const config: EksNodeGroupConfig = {
      clusterName: props.clusterName,
      nodeGroupNamePrefix: `${props.name}-`,
      nodeRoleArn: props.role.arn,
      subnetIds: props.subnetIds,
      capacityType: props.capacity === 'spot' ? 'SPOT' : 'ON_DEMAND',
      instanceTypes: [...props.instanceTypes],
      amiType: AMI_TYPES[image][architectureOf(props.instanceTypes[0] ?? '')],
      scalingConfig: { minSize: props.minNodes, desiredSize: props.minNodes, maxSize: props.maxNodes },
      updateConfig: { maxUnavailablePercentage: 33 },
      nodeRepairConfig: { enabled: true },
      launchTemplate: { id: this.launchTemplate.id, version: `\${${this.launchTemplate.fqn}.latest_version}` },
      labels: { [`${LABEL_PREFIX}/pool`]: props.name, [`${LABEL_PREFIX}/capacity`]: props.capacity },
      ...(props.taints ? { taint: props.taints.map((taint) => ({ ...taint })) } : {}),
      // Whoever scales nodes owns their number; and a pool whose types change is replaced before it goes.
      lifecycle: { ignoreChanges: ['scaling_config[0].desired_size'], createBeforeDestroy: true },
      dependsOn: [...props.role.permissions, ...(props.dependsOn ?? [])],
    };
    this.nodeGroup = new EksNodeGroup(this, 'Resource', props.transform?.(config) ?? config);
  }
}

/** Every fault of a cluster's pools; empty if they are usable. @param needsOne whether a node must always be there */
export function nodePoolFaults(pools: readonly NodePoolOptions[], path: string, needsOne = true): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  if (needsOne) {
    need(pools.some((pool) => pool.minNodes > 0), 'pools', pools.map((pool) => `${pool.name}: ${pool.minNodes} to ${pool.maxNodes}`),
      'at least one pool whose minNodes is above 0', 'give system workloads a place that is always there');
  }
  pools.forEach((pool, index) => {
    const where = `pools[${index}]`;
    need(/^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$/.test(pool.name), `${where}.name`, pool.name, 'a DNS label of 1 to 32 characters', 'name the pool');
    need(pools.findIndex((other) => other.name === pool.name) === index, `${where}.name`, pool.name, 'names that differ', 'rename one of the pools');
    need(pool.instanceTypes.length > 0, `${where}.instanceTypes`, pool.instanceTypes, 'at least one EC2 instance type', 'list the types');
    const architectures = new Set(pool.instanceTypes.map(architectureOf));
    need(architectures.size <= 1, `${where}.instanceTypes`, pool.instanceTypes, 'types of one processor architecture', 'make a pool per architecture: its nodes share one machine image');
    need(Number.isInteger(pool.minNodes) && pool.minNodes >= 0 && Number.isInteger(pool.maxNodes) && pool.maxNodes >= Math.max(1, pool.minNodes),
      where, `${pool.minNodes} to ${pool.maxNodes} nodes`, 'whole numbers, 0 <= minNodes <= maxNodes, maxNodes above 0', 'swap them or raise maxNodes');
    need(pool.diskGiB === undefined || (Number.isInteger(pool.diskGiB) && pool.diskGiB >= 20 && pool.diskGiB <= 16_384),
      `${where}.diskGiB`, pool.diskGiB, 'a whole number from 20 to 16384 GiB', 'set the size, or leave it out for 50');
    need(pool.image === undefined || NODE_IMAGES.includes(pool.image), `${where}.image`, pool.image, NODE_IMAGES.join(', '), 'choose one of these, or leave it out');
    need(pool.maxPods === undefined || (Number.isInteger(pool.maxPods) && pool.maxPods >= 4 && pool.maxPods <= 250), `${where}.maxPods`, pool.maxPods, 'a whole number from 4 to 250', 'set it, or leave it out');
  });
  return faults;
}
