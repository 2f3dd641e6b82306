import { Token } from 'cdktf';
import { Cidr, cidrFault } from '../../base/cidr';
import { Fault, show } from '../../base/faults';
import { addonFaults, AddonName, ADDONS, DEFAULT_ADDONS } from './addon-settings';
import { AUTO_MODE_POOLS, AutoModePool } from './auto-mode';
import { accessFaults } from './cluster-grants';
import type { EksClusterProps } from './eks-cluster';
import { KUBERNETES_VERSIONS, versionFaults } from './kubernetes-versions';
import { logRetentionFaults } from './log-retention';
import { nodePoolFaults } from './managed-node-pool';

/** Blocks of which EKS takes a block for Services. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((block) => Cidr.parse(block, 'private'));

type Need = (fits: boolean, where: string, got: unknown, allowed: string, todo: string) => void;

/** Auto Mode's own pools that a cluster has: none without Auto Mode. */
export function builtInPools(props: Pick<EksClusterProps, 'autoMode' | 'pools'>): readonly AutoModePool[] {
  if (!props.autoMode) return [];
  return props.autoMode.builtInPools ?? (props.pools.length > 0 ? [] : AUTO_MODE_POOLS);
}

/** The add-ons a cluster has: without node groups, none that nodes of Auto Mode have built in. */
export function addonsOf(props: Pick<EksClusterProps, 'addons' | 'autoMode' | 'pools'>): readonly AddonName[] {
  return props.addons ?? DEFAULT_ADDONS.filter((name) => props.pools.length > 0 || !props.autoMode || !ADDONS[name].builtIntoAutoMode);
}

/** Every fault of a cluster's props; empty if they are usable. */
export function clusterFaults(props: EksClusterProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need: Need = (fits, where, got, allowed, todo) => {
    if (!fits) faults.push({ where: `${path} ${where}`, got: show(got), allowed, do: todo });
  };
  need(/^[a-z][a-z0-9-]{0,39}$/.test(props.name), 'name', props.name, '1 to 40 lower-case letters, digits and hyphens', 'choose such a name');
  need(/^[a-z]{2}(-[a-z]+)+-\d$/.test(props.region), 'region', props.region, 'a region such as us-east-1', 'name the region');
  need(props.account === undefined || /^(\d{12}|\$\{.*\})$/.test(props.account), 'account', props.account, '12 digits', 'give the account number as a text, or leave it out');
  faults.push(...versionFaults(props.version, props.supportedVersions ?? Object.keys(KUBERNETES_VERSIONS), props.upgradedFrom, path));
  if (!Token.isUnresolved(props.controlPlaneSubnetIds)) { // a list that Terraform finds has no length here
    need(new Set(props.controlPlaneSubnetIds).size >= 2, 'controlPlaneSubnetIds', props.controlPlaneSubnetIds, 'at least two subnets, in two zones', 'EKS keeps the control plane in two zones: give it both');
  }
  faults.push(...accessFaults(props.administrators, props.access ?? [], path));
  blockFaults(props, path, faults, need);
  if (props.logRetentionDays !== undefined) faults.push(...logRetentionFaults(props.logRetentionDays, `${path} logRetentionDays`));
  need(props.volumeKeyArn === undefined || /^(arn:aws:kms:|\$\{)/.test(props.volumeKeyArn), 'volumeKeyArn', props.volumeKeyArn, 'the ARN of a key', "give the key's ARN, not its alias");
  autoModeFaults(props, need);
  faults.push(...addonFaults(addonsOf(props), props.addonSettings ?? {}, props.addonVersions ?? {}, path));
  return [...faults, ...nodePoolFaults(props.pools, path, builtInPools(props).length === 0)];
}

function blockFaults(props: EksClusterProps, path: string, faults: Fault[], need: Need): void {
  for (const [where, blocks] of [['publicAccessCidrs', props.publicAccessCidrs], ['privateAccessCidrs', props.privateAccessCidrs]] as const) {
    for (const block of blocks ?? []) {
      const parsed = Cidr.tryParse(block);
      if (!parsed) faults.push(cidrFault(block, `${path} ${where}`));
      else need(parsed.prefix > 0, where, block, 'less than the whole internet', 'name the networks your engineers come from');
    }
  }
  if (props.serviceCidr === undefined) return;
  const services = Cidr.tryParse(props.serviceCidr);
  if (!services) {
    faults.push(cidrFault(props.serviceCidr, `${path} serviceCidr`));
    return;
  }
  need(services.prefix >= 12 && services.prefix <= 24 && PRIVATE.some((block) => block.contains(services)), 'serviceCidr', props.serviceCidr,
    '/12 to /24 within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16', 'choose such a block: EKS takes no other, and it can never be changed');
  for (const text of props.privateAccessCidrs ?? []) {
    const other = Cidr.tryParse(text);
    if (other) need(!services.overlaps(other), 'serviceCidr', `${services}, which overlaps ${other} of privateAccessCidrs`, 'a block nobody else has', 'choose another: a Service would hide what has its address');
  }
}

function autoModeFaults(props: EksClusterProps, need: Need): void {
  const { autoMode } = props;
  if (!autoMode) return;
  const pools = builtInPools(props);
  pools.forEach((pool) => need(AUTO_MODE_POOLS.includes(pool), 'autoMode.builtInPools', pool, AUTO_MODE_POOLS.join(', '), 'choose of these, and apply NodePools for the rest'));
  need(new Set(pools).size === pools.length, 'autoMode.builtInPools', pools, 'each pool once', 'remove what is there twice');
  need(autoMode.nodeRoleName === undefined || /^[\w+=,.@-]{1,64}$/.test(autoMode.nodeRoleName), 'autoMode.nodeRoleName', autoMode.nodeRoleName, 'the name of a role, at most 64 characters', 'name it, or leave it out');
  if (props.pools.length > 0) return;
  (props.addons ?? []).filter((name) => ADDONS[name]?.builtIntoAutoMode).forEach((name) => {
    need(false, 'addons', `${name}, and no node group`, "add-ons that Auto Mode's nodes do not have built in", 'leave it out: it would find no node to run on');
  });
}
