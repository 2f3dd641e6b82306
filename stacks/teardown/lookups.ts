import type { GraphNode } from './resource-graph';

/** How a data source says what it looks for, and how the resource it finds says that it is that: the type of the resource, and the same fact on both sides. */
interface Lookup {
  readonly resource: string;
  readonly sought: (block: Block) => unknown;
  readonly made: (block: Block) => unknown;
}

type Block = Readonly<Record<string, unknown>>;

const tag = (key: string) => (block: Block) => (block.tags as Record<string, unknown> | undefined)?.[key];
const attribute = (key: string) => (block: Block) => block[key];

/** Every data source that looks for what another stack makes. */
const LOOKUPS: Readonly<Record<string, Lookup>> = {
  aws_vpc: { resource: 'aws_vpc', sought: tag('Name'), made: tag('Name') },
  aws_subnets: { resource: 'aws_subnet', sought: tag('tideline.dev/tier'), made: tag('tideline.dev/tier') },
  aws_nat_gateway: { resource: 'aws_nat_gateway', sought: tag('Name'), made: tag('Name') },
  aws_security_group: { resource: 'aws_security_group', sought: (block) => tag('Name')(block) ?? block.name, made: (block) => tag('Name')(block) ?? block.name },
  aws_eks_cluster: { resource: 'aws_eks_cluster', sought: attribute('name'), made: attribute('name') },
  aws_iam_role: { resource: 'aws_iam_role', sought: attribute('name'), made: attribute('name') },
  aws_iam_openid_connect_provider: { resource: 'aws_iam_openid_connect_provider', sought: attribute('url'), made: attribute('url') },
  aws_kms_alias: { resource: 'aws_kms_alias', sought: attribute('name'), made: attribute('name') },
  aws_kms_key: { resource: 'aws_kms_alias', sought: attribute('key_id'), made: attribute('name') },
  aws_s3_bucket: { resource: 'aws_s3_bucket', sought: attribute('bucket'), made: attribute('bucket') },
  aws_sns_topic: { resource: 'aws_sns_topic', sought: attribute('name'), made: attribute('name') },
  aws_sqs_queue: { resource: 'aws_sqs_queue', sought: attribute('name'), made: attribute('name') },
  aws_ecr_repository: { resource: 'aws_ecr_repository', sought: attribute('name'), made: attribute('name') },
  aws_db_instance: { resource: 'aws_db_instance', sought: attribute('db_instance_identifier'), made: attribute('identifier') },
  aws_elasticache_replication_group: { resource: 'aws_elasticache_replication_group', sought: attribute('replication_group_id'), made: attribute('replication_group_id') },
  aws_prometheus_workspaces: { resource: 'aws_prometheus_workspace', sought: attribute('alias_prefix'), made: attribute('alias') },
  aws_secretsmanager_secret: { resource: 'aws_secretsmanager_secret', sought: attribute('name'), made: attribute('name') },
};

/** Data sources that ask AWS about itself, or about what another data source found. */
const OF_NOBODY = new Set([
  'aws_caller_identity', 'aws_partition', 'aws_region', 'aws_availability_zones', 'aws_iam_policy_document', 'aws_ec2_managed_prefix_list', 'aws_ssm_parameter', 'aws_eks_addon_version',
  'aws_prometheus_workspace', 'aws_ami', 'tls_certificate',
]);

/** What a data source looks for: the type of the resource, and the fact by which it is known. */
export interface Sought { readonly resource: string; readonly by: string }

/** What a data source looks for; `nobody` if no stack makes it, undefined if that is not known of its type. */
export function soughtBy(node: GraphNode): Sought | 'nobody' | undefined {
  if (OF_NOBODY.has(node.type)) return 'nobody';
  const lookup = LOOKUPS[node.type];
  const by = lookup?.sought(node.block);
  return lookup && typeof by === 'string' ? { resource: lookup.resource, by } : undefined;
}

/** Whether a resource is what is sought. */
export function isSought(node: GraphNode, { resource, by }: Sought): boolean {
  return node.managed && node.type === resource && Object.values(LOOKUPS).some((lookup) => lookup.resource === resource && lookup.made(node.block) === by);
}
