/** How long AWS looks after a major version of a database. */
export interface DatabaseSupport {
  /** Day standard support ends, UTC: afterwards AWS asks a price by the hour and processor for extended support. */
  readonly standardUntil: string;
}

/**
 * Major versions of PostgreSQL that RDS had in standard support on 2026-11-21. Minor versions RDS chooses by itself, in the maintenance window.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html
 */
export const POSTGRES_VERSIONS: Readonly<Record<string, DatabaseSupport>> = {
  '15': { standardUntil: '2028-02-29' },
  '16': { standardUntil: '2029-02-28' },
  '17': { standardUntil: '2030-02-28' },
};

/** The newest of them. */
export const POSTGRES_VERSION = '17';

/**
 * Valkey, which took Redis' place under a free licence and costs a fifth less on ElastiCache. Clients of Redis 7 talk to it unchanged.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html
 */
export const CACHE_ENGINE = { engine: 'valkey', version: '8.0', family: 'valkey8' } as const;
