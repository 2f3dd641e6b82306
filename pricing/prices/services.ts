import type { PriceRow, Source } from '../price-book';
import { row } from './rows';
import { COPY, infracost, known } from './sources';

/** Regions of the book, in the order of the columns below. */
export const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-1'] as const;
export type PricedRegion = (typeof REGIONS)[number];

type PerRegion = readonly [number, number, number, number, number];
type Checked = Partial<Record<PricedRegion, Source>>;

/** The same everywhere. */
const same = (usd: number): PerRegion => [usd, usd, usd, usd, usd];

/** us-east-1 as Infracost's tests had it that month. */
const golden = (asOf: string): Checked => ({ 'us-east-1': infracost(asOf) });
const GOLDEN = golden('2024-07');
/** Every region, likewise. */
const EVERYWHERE: Checked = Object.fromEntries(REGIONS.map((region) => [region, infracost('2024-09')]));
const NAT: Checked = {
  ...GOLDEN,
  'eu-west-1': { source: 'AWS price list AmazonEC2/20260925174521/eu-west-1, as excerpted in a public repository\'s tests', asOf: '2026-09-25', certainty: 'checked' },
};

/** sku, unit, page, dollars in each region, and where that was compared with a copy of the list. */
const TABLE: readonly (readonly [sku: string, unit: string, page: string, usd: PerRegion, checked?: Checked])[] = [
  ['eks/control-plane/standard', 'Hours', 'eks/pricing/', same(0.1), golden('2025-07')],
  ['eks/control-plane/extended', 'Hours', 'eks/pricing/', same(0.6), golden('2025-07')],

  ['nat/gateway', 'Hours', 'vpc/pricing/', [0.045, 0.045, 0.048, 0.052, 0.059], NAT],
  ['nat/data', 'GiB', 'vpc/pricing/', [0.045, 0.045, 0.048, 0.052, 0.059], NAT],
  ['ipv4/public-address', 'Hours', 'vpc/pricing/', same(0.005), GOLDEN],
  ['vpc-endpoint/interface', 'Hours', 'privatelink/pricing/', [0.01, 0.01, 0.011, 0.012, 0.013], golden('2024-10')],
  ['vpc-endpoint/interface-data', 'GiB', 'privatelink/pricing/', same(0.01), golden('2024-10')],
  ['vpc-endpoint/gateway-load-balancer', 'Hours', 'privatelink/pricing/', [0.01, 0.01, 0.011, 0.012, 0.013], golden('2024-10')],
  ['vpc-endpoint/gateway-load-balancer-data', 'GiB', 'privatelink/pricing/', same(0.0035), golden('2024-10')],
  ['lb/application', 'Hours', 'elasticloadbalancing/pricing/', [0.0225, 0.0225, 0.0252, 0.027, 0.0252], GOLDEN],
  ['lb/application-lcu', 'LCU-Hours', 'elasticloadbalancing/pricing/', same(0.008), GOLDEN],
  ['lb/network', 'Hours', 'elasticloadbalancing/pricing/', [0.0225, 0.0225, 0.0252, 0.027, 0.0252], GOLDEN],
  ['lb/network-lcu', 'LCU-Hours', 'elasticloadbalancing/pricing/', same(0.006), GOLDEN],
  ['transfer/internet-out/first-10-tib', 'GiB', 'ec2/pricing/on-demand/#Data_Transfer', [0.09, 0.09, 0.09, 0.09, 0.12], EVERYWHERE],
  ['transfer/internet-out/next-40-tib', 'GiB', 'ec2/pricing/on-demand/#Data_Transfer', same(0.085), EVERYWHERE],
  ['transfer/internet-out/next-100-tib', 'GiB', 'ec2/pricing/on-demand/#Data_Transfer', [0.07, 0.07, 0.07, 0.07, 0.082], EVERYWHERE],
  ['transfer/internet-out/beyond-150-tib', 'GiB', 'ec2/pricing/on-demand/#Data_Transfer', [0.05, 0.05, 0.05, 0.05, 0.08], { ...EVERYWHERE, 'us-east-1': known('ec2/pricing/on-demand/#Data_Transfer') }],
  ['transfer/cross-zone/each-way', 'GiB', 'ec2/pricing/on-demand/#Data_Transfer', same(0.01), EVERYWHERE],
  ['route53/zone', 'Months', 'route53/pricing/', same(0.5), GOLDEN],
  ['route53/queries', '1M Requests', 'route53/pricing/', same(0.4), GOLDEN],

  ['ebs/gp3', 'GiB-Months', 'ebs/pricing/', [0.08, 0.08, 0.088, 0.0952, 0.096], { ...GOLDEN, 'eu-west-1': { ...COPY, source: COPY.source.replace('ec2/pricing/on-demand', 'ebs/pricing') } }],
  ['ebs/gp2', 'GiB-Months', 'ebs/pricing/', [0.1, 0.1, 0.11, 0.119, 0.12], GOLDEN],
  ['ebs/snapshot', 'GiB-Months', 'ebs/pricing/', [0.05, 0.05, 0.05, 0.054, 0.05], GOLDEN],
  ['s3/standard', 'GiB-Months', 's3/pricing/', [0.023, 0.023, 0.023, 0.0245, 0.025], golden('2025-07')],
  ['s3/write', '1K Requests', 's3/pricing/', [0.005, 0.005, 0.005, 0.0054, 0.005]],
  ['s3/read', '1K Requests', 's3/pricing/', [0.0004, 0.0004, 0.0004, 0.00043, 0.0004]],
  ['ecr/storage', 'GiB-Months', 'ecr/pricing/', same(0.1), GOLDEN],
  ['backup/ebs', 'GiB-Months', 'backup/pricing/', [0.05, 0.05, 0.05, 0.054, 0.05]],
  ['backup/rds', 'GiB-Months', 'backup/pricing/', [0.095, 0.095, 0.095, 0.103, 0.095]],
  ['backup/s3', 'GiB-Months', 'backup/pricing/', [0.05, 0.05, 0.05, 0.054, 0.055]],

  ['rds/gp3', 'GiB-Months', 'rds/postgresql/pricing/', [0.115, 0.115, 0.127, 0.137, 0.138], golden('2026-05')],
  ['rds/gp2', 'GiB-Months', 'rds/postgresql/pricing/', [0.115, 0.115, 0.127, 0.137, 0.138], golden('2026-05')],
  ['rds/backup', 'GiB-Months', 'rds/postgresql/pricing/', [0.095, 0.095, 0.095, 0.103, 0.095], golden('2026-05')],
  ['elasticache/backup', 'GiB-Months', 'elasticache/pricing/', same(0.085), GOLDEN],

  ['logs/ingested', 'GiB', 'cloudwatch/pricing/', [0.5, 0.5, 0.57, 0.63, 0.7], GOLDEN],
  ['logs/ingested-infrequent', 'GiB', 'cloudwatch/pricing/', [0.25, 0.25, 0.285, 0.315, 0.35]],
  ['logs/vended-to-s3', 'GiB', 'cloudwatch/pricing/', [0.25, 0.25, 0.285, 0.315, 0.35]],
  ['logs/stored', 'GiB-Months', 'cloudwatch/pricing/', [0.03, 0.03, 0.03, 0.0324, 0.03], GOLDEN],
  ['cloudwatch/alarm', 'Months', 'cloudwatch/pricing/', same(0.1), GOLDEN],
  ['cloudwatch/alarm-high-resolution', 'Months', 'cloudwatch/pricing/', same(0.3), GOLDEN],
  ['cloudwatch/alarm-composite', 'Months', 'cloudwatch/pricing/', same(0.5)],
  ['cloudwatch/dashboard', 'Months', 'cloudwatch/pricing/', same(3), GOLDEN],
  ['prometheus/samples', '10M Samples', 'prometheus/pricing/', same(0.9)],
  ['prometheus/storage', 'GiB-Months', 'prometheus/pricing/', same(0.03)],
  ['grafana/editor', 'Users', 'grafana/pricing/', same(9), golden('2025-07')],
  ['grafana/viewer', 'Users', 'grafana/pricing/', same(5), golden('2025-07')],
  ['budgets/action', 'Days', 'aws-cost-management/aws-budgets/pricing/', same(0.1)],

  ['kms/key', 'Months', 'kms/pricing/', same(1), GOLDEN],
  ['kms/requests', '10K Requests', 'kms/pricing/', same(0.03), GOLDEN],
  ['secrets/secret', 'Months', 'secrets-manager/pricing/', same(0.4), GOLDEN],
  ['secrets/requests', '10K Requests', 'secrets-manager/pricing/', same(0.05), GOLDEN],
  ['sqs/standard', '1M Requests', 'sqs/pricing/', same(0.4), GOLDEN],
  ['sqs/fifo', '1M Requests', 'sqs/pricing/', same(0.5), GOLDEN],
  ['sns/requests', '1M Requests', 'sns/pricing/', same(0.5), golden('2024-12')],
  ['events/custom', '1M Requests', 'eventbridge/pricing/', same(1), GOLDEN],
  ['glue/crawler', 'DPU-Hours', 'glue/pricing/', same(0.44), GOLDEN],
  ['athena/scanned', 'TiB', 'athena/pricing/', same(5)],
];

/** Rows of every service but instances, of one region. */
export function serviceRows(region: PricedRegion): readonly PriceRow[] {
  const column = REGIONS.indexOf(region);
  return TABLE.map(([sku, unit, page, usd, checked]) => row(sku, usd[column] as number, unit, checked?.[region] ?? known(page)));
}
