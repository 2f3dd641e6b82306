import { instanceTypes } from '../instance-types';
import { columnName, FoundPrice, OfferRecord, usageOf } from './record';

/** One of AWS's offers: a file for each region, and what of it is in the book. */
export interface Offer {
  readonly name: string;
  /** Path of the index that says where each region's file is. */
  readonly index: string;
  /** Columns that must be there, or the format has changed. */
  readonly columns: readonly string[];
  /** What a line holds for the book; undefined for the many that hold nothing. */
  readonly read: (record: OfferRecord) => FoundPrice | undefined;
}

/** Prices that follow from the usage type alone: `[usage type, row of the book, units of the list in one of ours]`. */
type Plain = readonly (readonly [usage: string, sku: string, per?: number, where?: (record: OfferRecord) => boolean])[];

const price = (record: OfferRecord, sku: string, per = 1): FoundPrice => ({ sku, usd: Number(record.priceperunit) * per, from: Number(record.startingrange || 0) });

function plain(rules: Plain): Offer['read'] {
  return (record) => {
    if (record.termtype !== 'OnDemand' || record.currency !== 'USD') return undefined;
    const usage = usageOf(record);
    const rule = rules.find(([of, , , where]) => of === usage && (where?.(record) ?? true));
    return rule && price(record, rule[1], rule[2]);
  };
}

function offer(name: string, read: Offer['read']): Offer {
  return {
    name, index: `/offers/v1.0/aws/${name}/current/region_index.json`, read,
    columns: ['SKU', 'TermType', 'StartingRange', 'EndingRange', 'Unit', 'PricePerUnit', 'Currency', 'usageType', 'operation'].map(columnName),
  };
}

const COMPUTE: Plain = [
  ['NatGateway-Hours', 'nat/gateway'], ['NatGateway-Bytes', 'nat/data'],
  ['EBS:VolumeUsage.gp3', 'ebs/gp3'], ['EBS:VolumeUsage.gp2', 'ebs/gp2'], ['EBS:SnapshotUsage', 'ebs/snapshot'],
];

/** EC2: instances on demand and reserved, NAT gateways, volumes. */
function ec2(): Offer['read'] {
  const others = plain(COMPUTE);
  return (record) => {
    if (record.productfamily !== 'Compute Instance') return others(record);
    const type = record.instancetype ?? '';
    const linux = record.operatingsystem === 'Linux' && record.tenancy === 'Shared' && record.preinstalledsw === 'NA' && record.capacitystatus === 'Used' && record.operation === 'RunInstances';
    if (!linux || record.currency !== 'USD' || !instanceTypes.has(type)) return undefined;
    if (record.termtype === 'OnDemand') return price(record, `ec2/${type}/on-demand`);
    return record.termtype === 'Reserved' && record.offeringclass === 'standard' ? reserved(record, type) : undefined;
  };
}

const PAYMENTS: Readonly<Record<string, string>> = { 'No Upfront': 'no-upfront', 'All Upfront': 'all-upfront' };
const HOURS_PER_YEAR = 8760;

/** A reservation has a line for what is paid in advance and one for each hour. The first is spread over the hours of the term. */
function reserved(record: OfferRecord, type: string): FoundPrice | undefined {
  const years = { '1yr': 1, '3yr': 3 }[(record.leasecontractlength ?? '').replace(' ', '')];
  const payment = PAYMENTS[record.purchaseoption ?? ''];
  if (!years || !payment) return undefined;
  const upfront = record.unit === 'Quantity';
  return { sku: `ec2/${type}/reserved-${years}y-${payment}`, usd: Number(record.priceperunit) / (upfront ? years * HOURS_PER_YEAR : 1), part: upfront ? 'upfront' : 'hourly' };
}

/** Tiers of data out, by the GiB at which each ends. */
const TIERS: Readonly<Record<string, string>> = { '10240': 'first-10-tib', '51200': 'next-40-tib', '153600': 'next-100-tib', Inf: 'beyond-150-tib' };

function database(record: OfferRecord): FoundPrice | undefined {
  const single = record.databaseengine === 'PostgreSQL' && record.deploymentoption === 'Single-AZ';
  if (!single || record.termtype !== 'OnDemand' || record.currency !== 'USD') return undefined;
  const usage = usageOf(record);
  if (usage.startsWith('InstanceUsage:db.')) return price(record, `rds/${record.instancetype ?? ''}`);
  const sku = { 'RDS:GP3-Storage': 'rds/gp3', 'RDS:GP2-Storage': 'rds/gp2', 'RDS:ChargedBackupUsage': 'rds/backup' }[usage];
  return sku ? price(record, sku) : undefined;
}

function cache(record: OfferRecord): FoundPrice | undefined {
  if (record.termtype !== 'OnDemand' || record.currency !== 'USD') return undefined;
  const usage = usageOf(record);
  const engine = (record.cacheengine ?? '').toLowerCase();
  if (usage.startsWith('NodeUsage:cache.')) return engine === 'redis' || engine === 'valkey' ? price(record, `elasticache/${usage.slice('NodeUsage:'.length)}/${engine}`) : undefined;
  return usage === 'BackupUsage' && engine === 'redis' ? price(record, 'elasticache/backup') : undefined;
}

/** Compute and EC2 Instance Savings Plans, which AWS lists in one file. */
const SAVINGS_PLANS: Offer = {
  name: 'AWSComputeSavingsPlan',
  index: '/savingsPlan/v1.0/aws/AWSComputeSavingsPlan/current/region_index.json',
  columns: ['SKU', 'DiscountedRate', 'Currency', 'DiscountedServiceCode', 'DiscountedUsageType', 'DiscountedOperation', 'PurchaseOption', 'LeaseContractLength', 'Product Family'].map(columnName),
  read: (record) => {
    if (record.discountedservicecode !== 'AmazonEC2' || record.discountedoperation !== 'RunInstances' || record.currency !== 'USD') return undefined;
    const type = usageOf(record, 'discountedusagetype').replace(/^BoxUsage:/, '');
    const kind = { ComputeSavingsPlans: 'compute-savings-plan', EC2InstanceSavingsPlans: 'ec2-savings-plan' }[record.productfamily ?? ''];
    const payment = PAYMENTS[record.purchaseoption ?? ''];
    if (!instanceTypes.has(type) || !kind || !payment) return undefined;
    return { sku: `ec2/${type}/${kind}-${record.leasecontractlength ?? ''}y-${payment}`, usd: Number(record.discountedrate) };
  },
};

/** Every offer that the book has rows of. What is in none of them stays as it is written by hand. */
export const OFFERS: readonly Offer[] = [
  offer('AmazonEC2', ec2()),
  SAVINGS_PLANS,
  offer('AmazonVPC', plain([['PublicIPv4:InUseAddress', 'ipv4/public-address'], ['VpcEndpoint-Hours', 'vpc-endpoint/interface', 1, (record) => record.operation === 'VpcEndpoint'], ['VpcEndpoint-Bytes', 'vpc-endpoint/interface-data', 1, (record) => record.operation === 'VpcEndpoint']])),
  offer('AWSELB', plain([
    ['LoadBalancerUsage', 'lb/application', 1, (record) => record.productfamily === 'Load Balancer-Application'], ['LoadBalancerUsage', 'lb/network', 1, (record) => record.productfamily === 'Load Balancer-Network'],
    ['LCUUsage', 'lb/application-lcu', 1, (record) => record.productfamily === 'Load Balancer-Application'], ['LCUUsage', 'lb/network-lcu', 1, (record) => record.productfamily === 'Load Balancer-Network'],
  ])),
  offer('AmazonEKS', plain([['AmazonEKS-Hours:perCluster', 'eks/control-plane/standard'], ['AmazonEKS-Hours:extendedSupport', 'eks/control-plane/extended']])),
  offer('AmazonRDS', database),
  offer('AmazonElastiCache', cache),
  offer('AmazonS3', plain([['TimedStorage-ByteHrs', 's3/standard'], ['Requests-Tier1', 's3/write', 1000], ['Requests-Tier2', 's3/read', 1000]])),
  offer('AmazonECR', plain([['TimedStorage-ByteHrs', 'ecr/storage']])),
  offer('AmazonCloudWatch', plain([
    ['DataProcessing-Bytes', 'logs/ingested', 1, (record) => record.operation === 'PutLogEvents'], ['DataProcessingIA-Bytes', 'logs/ingested-infrequent', 1, (record) => record.operation === 'PutLogEvents'],
    ['TimedStorage-ByteHrs', 'logs/stored'], ['CW:AlarmMonitorUsage', 'cloudwatch/alarm'], ['CW:HighResAlarmMonitorUsage', 'cloudwatch/alarm-high-resolution'],
  ])),
  offer('awskms', plain([['KMS-Keys', 'kms/key'], ['KMS-Requests', 'kms/requests', 10_000]])),
  offer('AWSSecretsManager', plain([['AWSSecretsManager-Secrets', 'secrets/secret'], ['AWSSecretsManagerAPIRequest', 'secrets/requests', 10_000]])),
  offer('AWSDataTransfer', (record) => {
    if (record.termtype !== 'OnDemand' || record.currency !== 'USD' || record.transfertype !== 'AWS Outbound' || usageOf(record) !== 'DataTransfer-Out-Bytes') return undefined;
    const tier = TIERS[record.endingrange ?? ''];
    return tier ? { sku: `transfer/internet-out/${tier}`, usd: Number(record.priceperunit) } : undefined;
  }),
];
