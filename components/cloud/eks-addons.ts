import { EksAddon, EksAddonConfig } from '@cdktf/provider-aws/lib/eks-addon';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { AddonName, ADDONS, ADDON_NAMES, AddonFacts, AddonSettings, addonValues } from './addon-settings';
import { ServiceRole } from './service-role';

/** Props of {@link EksAddons}. */
export interface EksAddonsProps {
  readonly clusterName: string;
  readonly clusterArn: string;
  /** Prefix of the add-ons' role names. */
  readonly rolePrefix: string;
  /** The add-ons. */
  readonly names: readonly AddonName[];
  /** @default - EKS's own choice for the cluster's version */
  readonly versions?: Partial<Readonly<Record<AddonName, string>>>;
  /** @default - as {@link AddonSettings} says of each */
  readonly settings?: AddonSettings;
  /** Tags of the volumes that the volume driver makes; Terraform never sees those. @default - none */
  readonly volumeTags?: Readonly<Record<string, string>>;
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
    return ADDON_NAMES.filter((name) => this.props.names.includes(name) && ADDONS[name].when === when).map((name) => this.addAddon(name, dependsOn));
  }

  private addAddon(name: AddonName, dependsOn: readonly ITerraformDependable[]): EksAddon {
    const { identity } = ADDONS[name];
    const version = this.props.versions?.[name];
    const values = addonValues(name, this.props.settings ?? {}, this.props.volumeTags ?? {});
    const role = identity && new ServiceRole(this, `${name}-role`, {
      name: `${this.props.rolePrefix}-${name}`,
      description: `${name} of ${this.props.rolePrefix}`,
      assumedBy: { clusterArn: this.props.clusterArn, namespace: 'kube-system', serviceAccount: identity.serviceAccount },
      managedPolicies: [identity.policy],
    });
    const config: EksAddonConfig = {
      clusterName: this.props.clusterName,
      addonName: name,
      ...(version ? { addonVersion: version } : {}),
      ...(values ? { configurationValues: JSON.stringify(values) } : {}),
      resolveConflictsOnCreate: 'OVERWRITE',
      resolveConflictsOnUpdate: 'OVERWRITE',
      ...(role && identity ? { podIdentityAssociation: [{ serviceAccount: identity.serviceAccount, roleArn: role.arn }] } : {}),
      dependsOn: [...(role?.permissions ?? []), ...dependsOn],
    };
    return new EksAddon(this, name, this.props.transform?.(config, name) ?? config);
  }
}
