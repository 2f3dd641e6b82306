import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { ownerLabels, Ownership } from '../labels';

/** What a NodePool refers to. */
export interface NodeClassReference {
  readonly group: 'karpenter.k8s.aws' | 'eks.amazonaws.com';
  readonly kind: 'EC2NodeClass' | 'NodeClass';
  readonly name: string;
}

/** A template of nodes: what of them does not depend on the pool. */
export interface NodeClass {
  readonly ref: NodeClassReference;
}

/** Props that both kinds of node class have. */
export interface NodeClassProps extends Ownership {
  /** DNS label, unique in the cluster. */
  readonly name: string;
  /** Name of the IAM role of the nodes; no ARN. It needs an access entry of the cluster. */
  readonly role: string;
  /** Tags of the subnets the nodes start in, all of which a subnet must have. */
  readonly subnetTags: Readonly<Record<string, string>>;
  /** Tags of the nodes' security groups, all of which a group must have. */
  readonly securityGroupTags: Readonly<Record<string, string>>;
  /** Size of a node's encrypted root volume, GiB, 20 to 16384. @default 50 */
  readonly rootVolumeGiB?: number;
  /** Tags of instances, volumes and interfaces besides owner, environment and cost centre. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Props of {@link Ec2NodeClass}. */
export interface Ec2NodeClassProps extends NodeClassProps {
  /** Machine image: a family of EKS's and one release of it, e.g. `{ family: 'al2023', release: 'v20260714' }`. */
  readonly image: { readonly family: 'al2023' | 'bottlerocket'; readonly release: string };
  /** The way out: gets the finished spec and returns the one to use. @default - as built here */
  readonly transform?: (spec: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/** Props of {@link AutoModeNodeClass}. */
export interface AutoModeNodeClassProps extends NodeClassProps {
  /** The way out: gets the finished spec and returns the one to use. @default - as built here */
  readonly transform?: (spec: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/** Where each image family has its root volume. */
const ROOT_DEVICES = { al2023: '/dev/xvda', bottlerocket: '/dev/xvda' } as const;

/**
 * Nodes that Karpenter starts on EC2: a pinned image, an encrypted root volume, no public address, and credentials of the node out of reach for pods.
 *
 * @see https://karpenter.sh/docs/concepts/nodeclasses/
 */
export class Ec2NodeClass extends Construct implements NodeClass {
  readonly apiObject: ApiObject;
  readonly ref: NodeClassReference;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: Ec2NodeClassProps) {
    super(scope, id);
    const { family, release } = props.image;
    refuse(`the node class ${show(props.name)} cannot be built`, [
      ...faultsOf(props, this.node.path),
      ...(/^v?\d[\w.-]*$/.test(release) ? [] : [{
        where: `${this.node.path} image.release`, got: show(release), allowed: 'one release, e.g. v20260714', do: 'name it: with latest every new image replaces every node, on a day that nobody chose',
      }]),
    ]);
    this.ref = { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: props.name };
    const volume = (deviceName: string, size: number, root: boolean) => ({
      deviceName, ...(root ? { rootVolume: true } : {}), ebs: { volumeType: 'gp3', volumeSize: `${size}Gi`, encrypted: true, deleteOnTermination: true },
    });
    const size = props.rootVolumeGiB ?? 50;
    const spec = {
      role: props.role,
      amiSelectorTerms: [{ alias: `${family}@${release}` }],
      subnetSelectorTerms: [{ tags: { ...props.subnetTags } }],
      securityGroupSelectorTerms: [{ tags: { ...props.securityGroupTags } }],
      associatePublicIPAddress: false,
      // One hop: a pod, which is one hop further away, cannot ask for the node's credentials.
      metadataOptions: { httpEndpoint: 'enabled', httpProtocolIPv6: 'disabled', httpPutResponseHopLimit: 1, httpTokens: 'required' },
      // Bottlerocket keeps its system on the root volume, and everything else on a second one.
      blockDeviceMappings: family === 'bottlerocket' ? [volume(ROOT_DEVICES[family], 4, true), volume('/dev/xvdb', size, false)] : [volume(ROOT_DEVICES[family], size, true)],
      tags: tagsOf(props),
    };
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'karpenter.k8s.aws/v1', kind: 'EC2NodeClass', metadata: { name: props.name, labels: ownerLabels(props) }, spec: props.transform?.(spec) ?? spec,
    });
  }
}

/**
 * Nodes that EKS Auto Mode starts: it chooses the image, encrypts the volumes and keeps the credentials of the node from pods by itself.
 *
 * The role needs an access entry of type `EC2` with the policy `AmazonEKSAutoNodePolicy`, and the cluster's role the permission to tag.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
 */
export class AutoModeNodeClass extends Construct implements NodeClass {
  readonly apiObject: ApiObject;
  readonly ref: NodeClassReference;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: AutoModeNodeClassProps) {
    super(scope, id);
    refuse(`the node class ${show(props.name)} cannot be built`, [
      ...faultsOf(props, this.node.path),
      ...(props.name === 'default' ? [{ where: `${this.node.path} name`, got: 'default', allowed: "another name than that of Auto Mode's own class", do: 'choose another name' }] : []),
    ]);
    this.ref = { group: 'eks.amazonaws.com', kind: 'NodeClass', name: props.name };
    const spec = {
      role: props.role,
      subnetSelectorTerms: [{ tags: { ...props.subnetTags } }],
      securityGroupSelectorTerms: [{ tags: { ...props.securityGroupTags } }],
      ephemeralStorage: { size: `${props.rootVolumeGiB ?? 50}Gi` },
      tags: tagsOf(props),
    };
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: 'eks.amazonaws.com/v1', kind: 'NodeClass', metadata: { name: props.name, labels: ownerLabels(props) }, spec: props.transform?.(spec) ?? spec,
    });
  }
}

/** Terraform never sees the nodes, so no aspect of it can tag them. */
function tagsOf({ owner, environment, costCentre, tags }: NodeClassProps): Record<string, string> {
  return { owner, environment, 'cost-centre': costCentre, ...tags };
}

/** Tags that Karpenter and Auto Mode set themselves, and refuse to take from anybody else. */
const RESERVED_TAGS = /^(aws:|eks:|kubernetes\.io\/cluster\/|karpenter\.sh\/|karpenter\.k8s\.aws\/|eks\.amazonaws\.com\/)/;

function faultsOf(props: NodeClassProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(props.name), 'name', props.name, 'a DNS label', 'name the class');
  need(/^[\w+=,.@-]{1,64}$/.test(props.role), 'role', props.role, 'the name of a role', 'give its name, not its ARN');
  for (const [where, tags] of [['subnetTags', props.subnetTags], ['securityGroupTags', props.securityGroupTags]] as const) {
    const pairs = Object.entries(tags);
    need(pairs.length > 0 && pairs.every(([key, value]) => key !== '' && value !== '' && value !== '*'), where, tags, 'at least one tag with its value',
      'name tags that only this cluster\'s carry: an account may hold more than one');
  }
  const size = props.rootVolumeGiB ?? 50;
  need(Number.isInteger(size) && size >= 20 && size <= 16_384, 'rootVolumeGiB', size, 'a whole number from 20 to 16384 GiB', 'set the size, or leave it out for 50');
  for (const key of Object.keys(props.tags ?? {})) need(!RESERVED_TAGS.test(key) && key !== '', 'tags', key, 'a tag that the provisioner does not set itself', 'leave it out');
  return faults;
}
