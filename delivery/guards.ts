import { Fault, show } from '../base/faults';
import { actionOf, Plan, PlanValue, ResourceChange } from './plan';

/** What is lost with a resource of a type, beyond what an apply can make again. */
const PRECIOUS: Readonly<Record<string, string>> = {
  aws_backup_vault: 'the backups in it',
  aws_db_instance: 'the database',
  aws_dynamodb_table: 'the table and its rows',
  aws_ebs_volume: 'the volume',
  aws_ecr_repository: 'the images in it',
  aws_efs_file_system: 'the files on it',
  aws_eks_cluster: 'the cluster and everything that runs on it',
  aws_elasticache_cluster: 'what the cache holds',
  aws_elasticache_replication_group: 'what the cache holds',
  aws_grafana_workspace: 'the dashboards in it',
  aws_iam_openid_connect_provider: 'the identity that pipelines and workloads come in with',
  aws_kms_key: 'everything that was encrypted with it',
  aws_prometheus_workspace: 'the metrics in it',
  aws_rds_cluster: 'the database',
  aws_s3_bucket: 'the objects in it, states among them if it keeps any',
  aws_s3_directory_bucket: 'the objects in it',
  aws_secretsmanager_secret: 'the value of the secret',
  aws_vpc: 'the network and everything in it',
  helm_release: 'what it installed, and with the root Application everything that Argo CD deployed',
  kubernetes_namespace_v1: 'everything in the namespace',
};

/** What is said about a plan besides its counts. */
export interface GuardFindings {
  /** Stops the deploy. */
  readonly refused: readonly Fault[];
  /** Shown before the question, and in the log where nobody is asked. */
  readonly flagged: readonly string[];
}

/** How guards are set. */
export interface GuardOptions {
  /** Addresses that may be replaced or destroyed although they hold what cannot be made again. @default - none */
  readonly allowReplace?: readonly string[];
  /** Types guarded besides those of {@link PRECIOUS}, with what is lost. @default - none */
  readonly precious?: Readonly<Record<string, string>>;
}

/**
 * What stands against a plan: loss of what cannot be made again, a Kubernetes version that a cluster cannot take, a way in from anywhere.
 *
 * @param stack id of the stack, for messages
 */
export function guardPlan(stack: string, plan: Plan, options: GuardOptions = {}): GuardFindings {
  const changes = (plan.resource_changes ?? []).filter((entry) => actionOf(entry) !== undefined);
  const precious = { ...PRECIOUS, ...options.precious };
  const allowed = new Set(options.allowReplace ?? []);
  return {
    refused: [
      ...changes.flatMap((entry) => lossFaults(stack, entry, precious, allowed)),
      ...changes.flatMap((entry) => versionFaults(stack, entry)),
    ],
    flagged: changes.flatMap((entry) => {
      const opened = openings(entry.type, entry.change.after).filter((way) => !openings(entry.type, entry.change.before).includes(way));
      return opened.map((way) => `${entry.address} opens ${way}`);
    }),
  };
}

function lossFaults(stack: string, entry: ResourceChange, precious: Readonly<Record<string, string>>, allowed: ReadonlySet<string>): Fault[] {
  const action = actionOf(entry);
  const lost = precious[entry.type];
  if ((action !== 'replace' && action !== 'destroy') || lost === undefined || allowed.has(entry.address)) return [];
  const paths = (entry.change.replace_paths ?? []).map((path) => path.join('.')).join(', ');
  return [{
    where: `${stack} ${entry.address}`,
    got: `the plan ${action}s it${paths ? ` because of ${paths}` : ''}, and with it goes ${lost}`,
    allowed: 'changes in place',
    do: `undo the change that forces it; if it is meant, take a copy of what it holds and run again with --allow-replace '${entry.address}'`,
  }];
}

/** EKS goes up one minor at a time, and never back; a cluster that is made anew is guarded as a loss. */
function versionFaults(stack: string, { address, type, change }: ResourceChange): Fault[] {
  if (type !== 'aws_eks_cluster' || !change.before || !change.after) return [];
  const [from, to] = [change.before.version, change.after.version];
  const [old, next] = [minorOf(from), minorOf(to)];
  if (old === undefined || next === undefined || next === old || next === old + 1) return [];
  return [{
    where: `${stack} ${address}.version`, got: `from ${show(from)} to ${show(to)}`, allowed: `1.${old} or 1.${old + 1}: a control plane goes up one minor at a time and never back`,
    do: next < old ? `set kubernetes.version of the environment to 1.${old} again` : `deploy 1.${old + 1} first, let the nodes follow, then go on`,
  }];
}

function minorOf(version: unknown): number | undefined {
  const match = typeof version === 'string' ? /^1\.(\d+)(?:\.|$)/.exec(version) : null;
  return match ? Number(match[1]) : undefined;
}

const ANYWHERE: readonly unknown[] = ['0.0.0.0/0', '::/0'];

/** Ways in from anywhere that a value leaves open: rules of security groups, endpoints of clusters, databases and buckets. */
function openings(type: string, value: PlanValue | null): string[] {
  if (!value) return [];
  const lists = (each: PlanValue) => ['cidr_blocks', 'ipv6_cidr_blocks', 'cidr_ipv4', 'cidr_ipv6'].flatMap((key) => [each[key]].flat()).filter((block) => ANYWHERE.includes(block));
  const ports = (each: PlanValue) => (each.from_port === undefined || each.from_port === null || each.from_port === -1 || String(each.ip_protocol ?? each.protocol) === '-1' ? 'every port'
    : each.from_port === each.to_port ? `port ${String(each.from_port)}` : `ports ${String(each.from_port)} to ${String(each.to_port)}`);
  const rules = [...blocks(value.ingress), ...(letsIn(type, value) ? [value] : [])];
  return [
    ...rules.flatMap((rule) => lists(rule).map((block) => `${ports(rule)} to ${String(block)}`)),
    ...blocks(value.vpc_config).filter((config) => config.endpoint_public_access === true)
      .flatMap((config) => [config.public_access_cidrs].flat().filter((block) => ANYWHERE.includes(block)).map((block) => `the Kubernetes API to ${String(block)}`)),
    ...(value.publicly_accessible === true ? ['the database to the internet'] : []),
    ...['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'].filter((key) => value[key] === false).map((key) => `the bucket to the public (${key} is off)`),
  ];
}

function blocks(value: unknown): PlanValue[] {
  return [value].flat().filter((each): each is PlanValue => typeof each === 'object' && each !== null);
}

/** Whether a resource is one rule that lets in. An egress rule looks alike. */
function letsIn(type: string, value: PlanValue): boolean {
  return type === 'aws_vpc_security_group_ingress_rule' || (type === 'aws_security_group_rule' && value.type === 'ingress');
}
