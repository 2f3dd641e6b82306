import { EksAddon, EksAddonConfig } from '@cdktf/provider-aws/lib/eks-addon';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { ServiceRole } from './service-role';

/** Add-ons that EKS manages for us. */
export type AddonName = 'vpc-cni' | 'kube-proxy' | 'eks-pod-identity-agent' | 'coredns' | 'aws-ebs-csi-driver';

/** What one needs from the cluster. */
interface AddonFacts {
  /** Daemon sets come before nodes, so that a first node becomes ready; Deployments after, because EKS waits until they run. */
  readonly when: 'before-nodes' | 'after-nodes';
  /** What it does in AWS, and as whom. */
  readonly identity?: { readonly serviceAccount: string; readonly policy: string };
}

const ADDONS: Readonly<Record<AddonName, AddonFacts>> = {
  'eks-pod-identity-agent': { when: 'before-nodes' },
  'vpc-cni': { when: 'before-nodes', identity: { serviceAccount: 'aws-node', policy: 'arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy' } },
  'kube-proxy': { when: 'before-nodes' },
  coredns: { when: 'after-nodes' },
  'aws-ebs-csi-driver': {
    when: 'after-nodes', identity: { serviceAccount: 'ebs-csi-controller-sa', policy: 'arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy' },
  },
};

/** The add-ons, in the order they are installed. */
export const ADDON_NAMES = Object.keys(ADDONS) as readonly AddonName[];

/** Props of {@link EksAddons}. */
export interface EksAddonsProps {
  readonly clusterName: string;
  /** Prefix of the add-ons' role names. */
  readonly rolePrefix: string;
  /** @default - EKS's own choice for the cluster's version */
  readonly versions?: Partial<Readonly<Record<AddonName, string>>>;
  /** @default - as built here */
  readonly transform?: (config: EksAddonConfig, name: AddonName) => EksAddonConfig;
}

/** The managed add-ons of a cluster. Those that act in AWS do so with a role of their own, through EKS Pod Identity, never with the node's. */
export class EksAddons extends Construct {
  /** What a node needs to become ready. */
  readonly beforeNodes: readonly EksAddon[];

  constructor(scope: Construct, id: string, private readonly props: EksAddonsProps) {
    super(scope, id);
    this.beforeNodes = this.add('before-nodes', []);
  }

  /** Adds the add-ons whose pods need a node to run on. */
  addAfterNodes(nodes: readonly ITerraformDependable[]): EksAddon[] {
    return this.add('after-nodes', nodes);
  }

  private add(when: AddonFacts['when'], dependsOn: readonly ITerraformDependable[]): EksAddon[] {
    return ADDON_NAMES.filter((name) => ADDONS[name].when === when).map((name) => this.addAddon(name, dependsOn));
  }

  private addAddon(name: AddonName, dependsOn: readonly ITerraformDependable[]): EksAddon {
    const { identity } = ADDONS[name];
    const version = this.props.versions?.[name];
    const role = identity && new ServiceRole(this, `${name}-role`, {
      name: `${this.props.rolePrefix}-${name}`,
      description: `${name} of ${this.props.rolePrefix}`,
      service: 'pods.eks.amazonaws.com',
      tagsSession: true,
      managedPolicies: [identity.policy],
    });
    const config: EksAddonConfig = {
      clusterName: this.props.clusterName,
      addonName: name,
      ...(version ? { addonVersion: version } : {}),
      resolveConflictsOnCreate: 'OVERWRITE',
      resolveConflictsOnUpdate: 'OVERWRITE',
      ...(role && identity ? { podIdentityAssociation: [{ serviceAccount: identity.serviceAccount, roleArn: role.arn }] } : {}),
      dependsOn: [...(role?.permissions ?? []), ...dependsOn],
    };
    return new EksAddon(this, name, this.props.transform?.(config, name) ?? config);
  }
}
