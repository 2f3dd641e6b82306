import type { PriceRow, Source } from '../price-book';
import { row, toMicro } from './rows';
import type { PricedRegion } from './services';
import { known } from './sources';

/**
 * A database's class against us-east-1, by family: what EC2 costs there against us-east-1. RDS and ElastiCache follow EC2 within a few hundredths; a price that
 * comes from it is an assumption and says so.
 */
const RATIO: Readonly<Record<PricedRegion, { readonly t4g: number; readonly m6g: number; readonly m7g: number; readonly r7g: number }>> = {
  'us-east-1': { t4g: 1, m6g: 1, m7g: 1, r7g: 1 },
  'us-west-2': { t4g: 1, m6g: 1, m7g: 1, r7g: 1 },
  'eu-west-1': { t4g: 1.095, m6g: 1.117, m7g: 1.115, r7g: 1.119 },
  'eu-central-1': { t4g: 1.143, m6g: 1.195, m7g: 1.199, r7g: 1.206 },
  'ap-southeast-1': { t4g: 1.262, m6g: 1.247, m7g: 1.25, r7g: 1.206 },
};

type Classes = Readonly<Record<string, number>>;

/** PostgreSQL and MySQL in one zone, us-east-1, dollars an hour. The engines cost alike within a tenth of a cent. */
const RDS: Classes = {
  't4g.micro': 0.016, 't4g.small': 0.032, 't4g.medium': 0.065, 't4g.large': 0.129, 't4g.xlarge': 0.258,
  'm6g.large': 0.159, 'm6g.xlarge': 0.318, 'm7g.large': 0.168, 'm7g.xlarge': 0.337, 'm7g.2xlarge': 0.674, 'r7g.large': 0.239, 'r7g.xlarge': 0.478,
};

/** PostgreSQL's price where a bill or a copy of the list has shown it. */
const RDS_BILLED: Partial<Record<PricedRegion, Classes>> = {
  'eu-west-1': { 't4g.micro': 0.017, 't4g.small': 0.035 },
  'eu-central-1': { 't4g.micro': 0.019 },
};

/** Redis OSS, us-east-1, dollars an hour of a node. Valkey costs a fifth less. */
const CACHE: Classes = {
  't4g.micro': 0.016, 't4g.small': 0.032, 't4g.medium': 0.065, 'm6g.large': 0.149, 'm7g.large': 0.158, 'm7g.xlarge': 0.315, 'r7g.large': 0.219, 'r7g.xlarge': 0.437,
};
const VALKEY_SHARE = 0.8;

/** Rows of RDS instances and ElastiCache nodes of one region. */
export function databaseRows(region: PricedRegion): readonly PriceRow[] {
  const rows = (prefix: string, suffix: string, classes: Classes, page: string, share = 1) => Object.entries(classes).map(([name, usd]) => {
    const billed = prefix === 'rds/db.' ? RDS_BILLED[region]?.[name] : undefined;
    const ratio = RATIO[region][name.split('.')[0] as keyof (typeof RATIO)['us-east-1']];
    const source: Source = ratio === 1 || billed !== undefined ? known(page) : {
      source: `assumption: us-east-1's price times what EC2's ${name.split('.')[0]} costs here against there; ${known(page).source}`, asOf: '2025-06', certainty: 'assumed',
    };
    return row(`${prefix}${name}${suffix}`, billed ?? toMicro(Math.round(usd * ratio * share * 1e4) / 1e4), 'Hours', source);
  });
  return [
    ...rows('rds/db.', '', RDS, 'rds/postgresql/pricing/'),
    ...rows('elasticache/cache.', '/redis', CACHE, 'elasticache/pricing/'),
    ...rows('elasticache/cache.', '/valkey', CACHE, 'elasticache/pricing/', VALKEY_SHARE),
  ];
}
