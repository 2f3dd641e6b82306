import { Fault, show } from '../../base/faults';

/** One quantity that Terraform does not say, because it is used rather than declared. */
export interface UsageField {
  /** What is counted, with its unit. */
  readonly what: string;
  /** A typical value, used where nobody states one. @default - none: a charge for it is unknown until it is stated */
  readonly assumed?: number;
}

/**
 * Everything that may be stated of a resource's usage, a month, by type. This is the one place where a quantity is assumed: every assumed one that is
 * used is printed with the price, and its line says `assumed`. They are those of a small platform, to be replaced by measured ones. What varies by
 * orders of magnitude, or costs enough to matter, has no assumed value: it is unknown until somebody states it.
 */
export const USAGE_FIELDS = {
  aws_athena_workgroup: { scannedTiB: { what: 'TiB scanned by queries', assumed: 0.01 } },
  aws_backup_vault: {
    ebsGiB: { what: 'GiB of EBS snapshots kept' }, rdsGiB: { what: 'GiB of RDS snapshots kept' }, s3GiB: { what: 'GiB of S3 backups kept' },
  },
  aws_cloudwatch_event_bus: { customEvents: { what: 'events that the account\'s own programs send' } },
  aws_cloudwatch_log_group: {
    ingestedGiB: { what: 'GiB of logs taken in', assumed: 5 },
    storedGiB: { what: 'GiB of compressed logs kept, on average', assumed: 2 },
  },
  aws_db_instance: { backupGiB: { what: 'GiB of backups beyond the size of the database, which are free' } },
  aws_ecr_repository: { storedGiB: { what: 'GiB of images kept', assumed: 5 } },
  aws_elasticache_cluster: { backupGiB: { what: 'GiB of snapshots kept' } },
  aws_elasticache_replication_group: { backupGiB: { what: 'GiB of snapshots kept' } },
  aws_flow_log: { deliveredGiB: { what: 'GiB of flow logs delivered elsewhere than to a log group' } },
  aws_glue_crawler: { dpuHours: { what: 'hours of data processing units', assumed: 5 } },
  aws_grafana_workspace: {
    editors: { what: 'people who edited', assumed: 3 }, viewers: { what: 'people who only looked', assumed: 5 },
  },
  aws_kms_key: { requests: { what: 'requests beside those of other services\' own caches', assumed: 50_000 } },
  aws_kms_replica_key: { requests: { what: 'requests beside those of other services\' own caches', assumed: 50_000 } },
  aws_lb: { capacityUnits: { what: 'capacity units (LCU) used on average' } },
  aws_nat_gateway: { dataGiB: { what: 'GiB through the gateway, both ways' } },
  aws_prometheus_workspace: { samples: { what: 'samples taken in' }, storedGiB: { what: 'GiB of compressed samples kept' } },
  aws_route53_zone: { queries: { what: 'queries', assumed: 100_000 } },
  aws_s3_bucket: {
    storedGiB: { what: 'GiB kept in the standard class', assumed: 10 },
    writes: { what: 'PUT, COPY, POST and LIST requests', assumed: 100_000 }, reads: { what: 'GET and other requests', assumed: 500_000 },
  },
  aws_secretsmanager_secret: { requests: { what: 'API requests', assumed: 10_000 } },
  aws_sns_topic: { requests: { what: 'requests', assumed: 100_000 } },
  aws_sqs_queue: { requests: { what: 'requests', assumed: 500_000 } },
  aws_vpc_endpoint: { dataGiB: { what: 'GiB through the endpoint' } },
} as const satisfies Readonly<Record<string, Readonly<Record<string, UsageField>>>>;

/** Types of which usage may be stated. */
export type UsageType = keyof typeof USAGE_FIELDS;

/** Stated usage of one resource, a month. */
export type UsageOf<T extends UsageType> = { readonly [F in keyof (typeof USAGE_FIELDS)[T]]?: number };

/** Stated usage. What is stated of an address goes before what is stated of its type, and that before what is assumed. */
export interface ResourceUsage {
  /** Of each resource of a type, a month. */
  readonly byType?: { readonly [T in UsageType]?: UsageOf<T> };
  /** Of one resource by Terraform address: `{ 'aws_cloudwatch_log_group.cluster': { ingestedGiB: 20 } }`. */
  readonly byAddress?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A quantity that was stated or assumed. */
export interface UsedQuantity {
  readonly quantity: number;
  readonly certainty: 'stated' | 'assumed';
}

/** Fields of a type; undefined for one of which none may be stated. */
export function usageFieldsOf(type: string): Readonly<Record<string, UsageField>> | undefined {
  return Object.hasOwn(USAGE_FIELDS, type) ? USAGE_FIELDS[type as UsageType] : undefined;
}

/** What is used of a field; undefined where nobody stated it and nothing is assumed. */
export function usedOf(usage: ResourceUsage | undefined, type: string, address: string, field: string): UsedQuantity | undefined {
  const byType: Readonly<Record<string, number | undefined>> | undefined = usage?.byType?.[type as UsageType];
  const stated = usage?.byAddress?.[address]?.[field] ?? byType?.[field];
  if (stated !== undefined) return { quantity: stated, certainty: 'stated' };
  const assumed = usageFieldsOf(type)?.[field]?.assumed;
  return assumed === undefined ? undefined : { quantity: assumed, certainty: 'assumed' };
}

/** What is wrong with stated usage: types and fields there are none of, amounts that are none. */
export function usageFaults(usage: ResourceUsage | undefined): Fault[] {
  const stated = [
    ...Object.entries(usage?.byType ?? {}).map(([type, fields]) => ({ where: `usage.byType.${type}`, type, fields })),
    ...Object.entries(usage?.byAddress ?? {}).map(([address, fields]) => ({ where: `usage.byAddress.${address}`, type: address.split('.')[0] ?? '', fields })),
  ];
  return stated.flatMap(({ where, type, fields }): Fault[] => {
    const known = usageFieldsOf(type);
    if (!known) return [{ where, got: type, allowed: Object.keys(USAGE_FIELDS).join(', '), do: 'name a type that is used, or leave it out' }];
    return Object.entries(fields as Readonly<Record<string, unknown>>).flatMap(([field, amount]): Fault[] => {
      if (!Object.hasOwn(known, field)) return [{ where: `${where}.${field}`, got: field, allowed: Object.keys(known).join(', '), do: 'name a field of the type' }];
      if (amount === undefined || (typeof amount === 'number' && Number.isFinite(amount) && amount >= 0)) return [];
      return [{ where: `${where}.${field}`, got: show(amount), allowed: `a number from 0: ${known[field]?.what}, a month`, do: 'measure it and state it' }];
    });
  });
}
