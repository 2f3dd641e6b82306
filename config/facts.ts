import { refuse, show } from '../base/faults';
import type { Environment, Region } from './schema';

/** Zones an EKS control plane may use, by id: a zone's name means another zone in another account, and `use1-az3` takes no control plane. */
const ZONES: Readonly<Record<Region, readonly string[]>> = {
  'us-east-1': ['use1-az1', 'use1-az2', 'use1-az4', 'use1-az5', 'use1-az6'],
  'eu-west-1': ['euw1-az1', 'euw1-az2', 'euw1-az3'],
};

/** What Terraform has to be: from this version on, the S3 backend locks states without a table beside it. */
export const TERRAFORM_VERSION = '>= 1.11';

/** Where Argo CD runs. */
export const ARGOCD_NAMESPACE = 'argocd';

/** The stacks of an environment, one per blast radius, each applied after those before it. */
export const STACKS = ['network', 'cluster', 'bootstrap'] as const;
export type StackName = (typeof STACKS)[number];

/** Names that are decided before anything exists, so that whoever needs a thing finds it without being told by whoever made it. */
export interface Facts {
  readonly network: { readonly name: string; readonly zones: readonly string[] };
  readonly cluster: { readonly name: string };
  /** The role that applies the stacks and administers the cluster. It exists before them, as the bucket does. */
  readonly deployRoleArn: string;
  readonly state: { readonly bucket: string; readonly region: Region };
}

/**
 * The decided names of an environment.
 *
 * @throws FaultError if its region has fewer zones than it asks for
 */
export function factsOf(environment: Environment): Facts {
  const { name, account, region, network } = environment;
  const zones = ZONES[region].slice(0, network.availabilityZones);
  refuse('the environment does not fit its region', zones.length === network.availabilityZones ? [] : [{
    where: `environments/${name}.network.availabilityZones`, got: show(network.availabilityZones), allowed: `at most ${ZONES[region].length} in ${region}`, do: 'ask for fewer zones',
  }]);
  return {
    network: { name: `tideline-${name}`, zones },
    cluster: { name: `tideline-${name}` },
    deployRoleArn: `arn:aws:iam::${account}:role/tideline-${name}-deploy`,
    state: { bucket: `tideline-state-${account}-${region}`, region }, // bucket names are shared by all of AWS: the account makes it ours
  };
}

/** Id of a stack, unique over all environments: `cdktf diff 'dev-*'` takes those of one. */
export function stackId(environment: string, stack: StackName): string {
  return `${environment}-${stack}`;
}

/** Key of a stack's state in the environment's bucket. */
export function stateKey(environment: string, stack: StackName): string {
  return `${environment}/${stack}.tfstate`;
}
