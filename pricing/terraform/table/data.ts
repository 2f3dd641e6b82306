import { HOURS_PER_MONTH } from '../../node-price';
import { allFree, MissingCharge, Priced, ResourceCharge, TypeTable } from '../entry';
import type { ResourceView } from '../resource-view';

const RDS = { category: 'Databases', service: 'Amazon Relational Database Service' } as const;
const CACHE = { category: 'Databases', service: 'Amazon ElastiCache' } as const;
const S3 = { category: 'Storage', service: 'Amazon Simple Storage Service' } as const;
const BACKUP = { category: 'Storage', service: 'AWS Backup' } as const;
const GLUE = { category: 'Analytics', service: 'AWS Glue' } as const;

/** Databases, buckets, backups, the lake of billing data. */
export const data: TypeTable = {
  aws_db_instance: { price: database },
  aws_elasticache_replication_group: { price: replicationGroup },
  aws_elasticache_cluster: {
    price: (resource) => (resource.body.replication_group_id !== undefined
      ? { free: 'a member of a replication group, which is charged for it' }
      : cacheNodes(resource, resource.number('num_cache_nodes', 1), 'num_cache_nodes')),
  },
  ...allFree('a set of parameters', 'rds/pricing/', ['aws_db_parameter_group', 'aws_db_option_group', 'aws_rds_cluster_parameter_group', 'aws_db_event_subscription']),
  ...allFree('parameters, users and groups come with the cache', 'elasticache/pricing/', ['aws_elasticache_parameter_group', 'aws_elasticache_user', 'aws_elasticache_user_group', 'aws_elasticache_user_group_association']),

  aws_s3_bucket: {
    price: () => [
      { ...S3, description: 'objects kept, standard class', sku: 's3/standard', unit: 'GiB-Months', used: { field: 'storedGiB' } },
      { ...S3, description: 'PUT, COPY, POST and LIST requests', sku: 's3/write', unit: '1K Requests', used: { field: 'writes', per: 1000 } },
      { ...S3, description: 'GET and other requests', sku: 's3/read', unit: '1K Requests', used: { field: 'reads', per: 1000 } },
    ],
  },
  ...allFree('a setting of the bucket, or an object that is counted with it', 's3/pricing/', [
    'aws_s3_bucket_policy', 'aws_s3_bucket_versioning', 'aws_s3_bucket_public_access_block', 'aws_s3_bucket_ownership_controls', 'aws_s3_bucket_lifecycle_configuration',
    'aws_s3_bucket_server_side_encryption_configuration', 'aws_s3_bucket_logging', 'aws_s3_bucket_acl', 'aws_s3_bucket_notification', 'aws_s3_bucket_cors_configuration',
    'aws_s3_bucket_object_lock_configuration', 'aws_s3_bucket_website_configuration', 'aws_s3_bucket_request_payment_configuration', 'aws_s3_account_public_access_block', 'aws_s3_object',
  ]),

  aws_backup_vault: {
    price: () => [
      { ...BACKUP, description: 'EBS snapshots kept', sku: 'backup/ebs', unit: 'GiB-Months', used: { field: 'ebsGiB' } },
      { ...BACKUP, description: 'RDS snapshots kept', sku: 'backup/rds', unit: 'GiB-Months', used: { field: 'rdsGiB' } },
      { ...BACKUP, description: 'S3 backups kept', sku: 'backup/s3', unit: 'GiB-Months', used: { field: 's3GiB' } },
    ],
  },
  ...allFree('when and what to back up; what is kept is charged to the vault', 'backup/pricing/', [
    'aws_backup_plan', 'aws_backup_selection', 'aws_backup_vault_policy', 'aws_backup_vault_lock_configuration', 'aws_backup_vault_notifications', 'aws_backup_region_settings', 'aws_backup_global_settings',
  ]),

  ...allFree('the first million objects of a catalog cost nothing', 'glue/pricing/', ['aws_glue_catalog_database', 'aws_glue_catalog_table', 'aws_glue_partition', 'aws_glue_partition_index', 'aws_glue_classifier']),
  ...allFree('a setting of the catalog', 'glue/pricing/', ['aws_glue_security_configuration', 'aws_glue_data_catalog_encryption_settings', 'aws_glue_resource_policy']),
  aws_glue_crawler: { price: () => [{ ...GLUE, description: 'crawls', sku: 'glue/crawler', unit: 'DPU-Hours', used: { field: 'dpuHours' } }] },
  aws_athena_workgroup: {
    price: () => [{ category: 'Analytics', service: 'Amazon Athena', description: 'data scanned by queries', sku: 'athena/scanned', unit: 'TiB', used: { field: 'scannedTiB' } }],
  },
  ...allFree('a name for a query or a catalog; what is scanned is charged to the workgroup', 'athena/pricing/', ['aws_athena_named_query', 'aws_athena_data_catalog', 'aws_athena_database', 'aws_athena_prepared_statement']),
  ...allFree('exports of billing data cost nothing; the bucket keeps them', 'aws-cost-management/aws-data-exports/', ['aws_bcmdataexports_export', 'aws_cur_report_definition']),
};

const ENGINES = ['postgres', 'mysql', 'mariadb'];

function database(resource: ResourceView): Priced {
  const engine = resource.body.replicate_source_db !== undefined ? resource.text('engine', 'postgres') : resource.text('engine');
  const size = resource.text('instance_class');
  const multiAz = resource.flag('multi_az');
  const copies = multiAz === undefined ? undefined : multiAz ? 2 : 1;
  const where = multiAz ? 'in two zones' : 'in one zone';
  const storage = resource.number('allocated_storage');
  const type = resource.text('storage_type', resource.body.iops === undefined ? 'gp2' : 'io1');
  const lines: (ResourceCharge | MissingCharge)[] = [
    engine === undefined || size === undefined || !ENGINES.includes(engine)
      ? { ...RDS, missing: `an instance of engine ${engine ?? 'that is not told'}, class ${size ?? 'that is not told'}`, attribute: engine === undefined || !ENGINES.includes(engine) ? 'engine' : 'instance_class' }
      : { ...RDS, description: `${engine} on ${size}, ${where}`, sku: `rds/${size}`, unit: 'Hours', declared: times(copies, HOURS_PER_MONTH), attribute: 'multi_az' },
    type === 'gp2' || type === 'gp3'
      ? { ...RDS, description: `${type} storage, ${where}`, sku: `rds/${type}`, unit: 'GiB-Months', declared: times(copies, storage), attribute: 'allocated_storage' }
      : { ...RDS, missing: `storage of type ${type ?? 'that an expression hides'}`, attribute: 'storage_type' },
  ];
  if (type === 'gp3' && resource.body.iops !== undefined && (resource.number('iops') ?? Infinity) > baselineIops(storage)) lines.push({ ...RDS, missing: 'provisioned IOPS above those that come with the storage', attribute: 'iops' });
  if (resource.flag('manage_master_user_password') === true) {
    lines.push({ category: 'Security', service: 'AWS Secrets Manager', description: 'secret that holds the password', sku: 'secrets/secret', unit: 'Months', declared: 1 });
  }
  if ((resource.number('performance_insights_retention_period', 7) ?? Infinity) > 7) lines.push({ ...RDS, missing: 'more than seven days of performance insights', attribute: 'performance_insights_retention_period' });
  if (resource.text('database_insights_mode', 'standard') !== 'standard') lines.push({ ...RDS, missing: 'database insights of the advanced kind', attribute: 'database_insights_mode' });
  if (resource.number('backup_retention_period', 0) !== 0) {
    lines.push({ ...RDS, description: 'backups beyond the size of the database', sku: 'rds/backup', unit: 'GiB-Months', used: { field: 'backupGiB' } });
  }
  return lines;
}

/** IOPS that gp3 storage of RDS has without asking for more. */
function baselineIops(storageGiB: number | undefined): number {
  return storageGiB !== undefined && storageGiB >= 400 ? 12_000 : 3000;
}

function replicationGroup(resource: ResourceView): Priced {
  const shards = resource.number('num_node_groups', 1);
  const replicas = resource.number('replicas_per_node_group', 0);
  const clustered = resource.body.num_node_groups !== undefined || resource.body.replicas_per_node_group !== undefined;
  const nodes = clustered ? times(shards, replicas === undefined ? undefined : replicas + 1) : resource.number('num_cache_clusters', 1);
  return cacheNodes(resource, nodes, clustered ? 'num_node_groups' : 'num_cache_clusters');
}

function cacheNodes(resource: ResourceView, nodes: number | undefined, attribute: string): Priced {
  const type = resource.text('node_type');
  const engine = resource.text('engine', 'redis');
  const known = engine === 'redis' || engine === 'valkey';
  return [
    type === undefined || !known
      ? { ...CACHE, missing: `nodes of engine ${engine ?? 'that an expression hides'}, type ${type ?? 'that is not told'}`, attribute: known ? 'node_type' : 'engine' }
      : { ...CACHE, description: `${engine} on ${nodes ?? 'an unknown number of'} × ${type}`, sku: `elasticache/${type}/${engine}`, unit: 'Hours', declared: times(nodes, HOURS_PER_MONTH), attribute },
    ...(resource.number('snapshot_retention_limit', 0) === 0 ? [] : [{ ...CACHE, description: 'snapshots kept', sku: 'elasticache/backup', unit: 'GiB-Months', used: { field: 'backupGiB' } }]),
  ];
}

function times(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left * right;
}
