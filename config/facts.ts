import { refuse, show } from '../base/faults';
import { Environment, OPTIONAL_SERVICES, Region, ServiceName, SERVICES } from './schema';

/** Zones an EKS control plane may use, by id: a zone's name means another zone in another account, and `use1-az3` takes no control plane. */
const ZONES: Readonly<Record<Region, readonly string[]>> = {
  'us-east-1': ['use1-az1', 'use1-az2', 'use1-az4', 'use1-az5', 'use1-az6'],
  'us-west-2': ['usw2-az1', 'usw2-az2', 'usw2-az3', 'usw2-az4'],
  'eu-west-1': ['euw1-az1', 'euw1-az2', 'euw1-az3'],
  'eu-central-1': ['euc1-az1', 'euc1-az2', 'euc1-az3'],
  'ap-southeast-1': ['apse1-az1', 'apse1-az2', 'apse1-az3'],
};

/** What Terraform has to be: from this version on, the S3 backend locks states without a table beside it. */
export const TERRAFORM_VERSION = '>= 1.11';

/** Where Services get their addresses, unless the environment says otherwise. */
export const SERVICE_CIDR = '172.20.0.0/16';

/** Where Argo CD runs. */
export const ARGOCD_NAMESPACE = 'argocd';

/**
 * The stacks of an environment, one per blast radius, each applied after those before it and destroyed before them. `foundation` holds what a pipeline needs
 * before it can apply anything, the bucket of all states among it: a person applies it once.
 */
export const STACKS = ['foundation', 'network', 'cluster', 'data', 'identity', 'observability', 'bootstrap'] as const;
export type StackName = (typeof STACKS)[number];

/** Names that are decided before anything exists, so that whoever needs a thing finds it without being told by whoever made it. */
export interface Facts {
  readonly network: { readonly name: string; readonly zones: readonly string[] };
  readonly cluster: { readonly name: string; readonly arn: string; /** Role of the nodes of node groups. */ readonly nodeRole: string; readonly serviceCidr: string };
  /** The role that applies the stacks and administers the cluster. It exists before them, as the bucket does. */
  readonly deployRoleArn: string;
  /** The role that pull requests plan with: it reads, and changes nothing. */
  readonly planRoleArn: string;
  /** The role that publishes images. */
  readonly publishRoleArn: string;
  /** GitHub's identity provider in the account, of which there can be one only. */
  readonly githubProviderArn: string;
  readonly state: { readonly bucket: string; readonly region: Region };
  /** Where bills arrive and are asked: a bucket for exports, one for what queries write, and a Glue database. */
  readonly billing: { readonly bucket: string; readonly results: string; readonly database: string; readonly workgroup: string };
  /** ECR repositories, one for each service. */
  readonly registry: { readonly prefix: string };
  readonly database: { readonly identifier: string; readonly name: string };
  readonly cache: { readonly id: string; /** Whom services log in as, with a token of IAM. */ readonly user: string };
  /** What AWS knows of each service of ours: the role its pods have (named for namespace and ServiceAccount), the secret it reads, the repository of its images. */
  readonly services: Readonly<Record<ServiceName, { readonly role: string; readonly secret: string; readonly repository: string }>>;
  readonly alerts: { readonly topic: string; readonly topicArn: string; /** Topic whose silence is the alarm. */ readonly heartbeat: string };
  /** Where what runs on the cluster writes its logs. */
  readonly logs: { readonly workloads: string };
  /** Workspaces of Amazon's Prometheus and Grafana. */
  readonly metrics: { readonly workspace: string };
  /** Queue that tells the provisioner of spot interruptions. */
  readonly interruptions: { readonly queue: string };
  /** Karpenter: the account it runs as, its role, and the role of the nodes that it or Auto Mode starts, which must not be that of node groups: EKS makes the access entry of those itself. */
  readonly provisioner: { readonly namespace: string; readonly serviceAccount: string; readonly role: string; readonly nodeRole: string };
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
  const prefix = `tideline-${name}`;
  const role = (of: string) => `arn:aws:iam::${account}:role/${prefix}-${of}`;
  return {
    network: { name: prefix, zones },
    cluster: { name: prefix, arn: `arn:aws:eks:${region}:${account}:cluster/${prefix}`, nodeRole: `${prefix}-node`, serviceCidr: environment.kubernetes.serviceCidr ?? SERVICE_CIDR },
    deployRoleArn: role('deploy'),
    planRoleArn: role('plan'),
    publishRoleArn: role('publish'),
    githubProviderArn: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
    state: { bucket: `${prefix}-state-${account}`, region }, // bucket names are shared by all of AWS: the account makes it ours
    billing: { bucket: `${prefix}-billing-${account}`, results: `${prefix}-query-results-${account}`, database: `${prefix}_cost`.replaceAll('-', '_'), workgroup: `${prefix}-cost` },
    registry: { prefix: 'tideline' },
    database: { identifier: prefix, name: 'tideline' },
    cache: { id: prefix, user: `${prefix}-services` },
    services: Object.fromEntries([...SERVICES, ...OPTIONAL_SERVICES].map((service) => [service, {
      role: `${prefix}-${service}-${service}`, secret: `tideline/${name}/${service}`, repository: `tideline/${service}`,
    }])) as Record<ServiceName, Facts['services'][ServiceName]>,
    alerts: { topic: `${prefix}-alerts`, topicArn: `arn:aws:sns:${region}:${account}:${prefix}-alerts`, heartbeat: `${prefix}-heartbeat` },
    logs: { workloads: `/tideline/${name}/workloads` },
    metrics: { workspace: prefix },
    interruptions: { queue: `${prefix}-interruptions` },
    provisioner: { namespace: 'kube-system', serviceAccount: 'karpenter', role: `${prefix}-karpenter`, nodeRole: `${prefix}-provisioned-node` },
  };
}

/** Name of the policy that bounds every role of an environment. */
export function boundaryName(environment: string): string {
  return `tideline-${environment}-boundary`;
}

/** Id of a stack, unique over all environments: `cdktf diff 'dev-*'` takes those of one. */
export function stackId(environment: string, stack: StackName): string {
  return `${environment}-${stack}`;
}

/** Key of a stack's state in the environment's bucket. */
export function stateKey(environment: string, stack: StackName): string {
  return `${environment}/${stack}.tfstate`;
}
