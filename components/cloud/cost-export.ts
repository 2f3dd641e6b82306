import { AthenaNamedQuery } from '@cdktf/provider-aws/lib/athena-named-query';
import { AthenaWorkgroup } from '@cdktf/provider-aws/lib/athena-workgroup';
import { BcmdataexportsExport, BcmdataexportsExportConfig } from '@cdktf/provider-aws/lib/bcmdataexports-export';
import { GlueCatalogDatabase } from '@cdktf/provider-aws/lib/glue-catalog-database';
import { GlueCatalogTable } from '@cdktf/provider-aws/lib/glue-catalog-table';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { COST_QUERIES, CostQuery } from './cost-queries';
import { LAKE_COLUMNS } from './focus-columns';
import { BucketRetention, BucketStatement, SecureBucket } from './secure-bucket';

/** Whose bills the lake takes. */
export const LAKE_PROVIDERS = ['aws', 'gcp', 'azure'] as const;
export type LakeProvider = (typeof LAKE_PROVIDERS)[number];

/** Name of the lake's only table. */
export const LAKE_TABLE = 'focus';

/** Props of {@link CostExport}. */
export interface CostExportProps {
  /** Account whose bills these are, 12 digits: of an organization, the one that pays. */
  readonly account: string;
  /** Region of the buckets and of the queries. */
  readonly region: string;
  /** Name of the bucket that bills arrive in. */
  readonly bucket: string;
  /** Name of the bucket that results of queries are written to. */
  readonly resultsBucket: string;
  /** Name of the Glue database: lower-case letters, digits and '_'. */
  readonly database: string;
  /** Name of the Athena workgroup. */
  readonly workgroup: string;
  /** Provider of us-east-1, the only region that exports are defined in. @default - the stack's, which then has to be of us-east-1 */
  readonly billingProvider?: TerraformProvider;
  /** How finely AWS divides charges over time. @default DAILY */
  readonly granularity?: 'HOURLY' | 'DAILY' | 'MONTHLY';
  /** Roles of other clouds' deliveries, by provider: each may write under its own prefix and nowhere else. @default - none but AWS */
  readonly deliveries?: Readonly<Partial<Record<Exclude<LakeProvider, 'aws'>, string>>>;
  /** First month that is looked for, `YYYY-MM`. @default 2025-01 */
  readonly since?: string;
  /** How long bills stay. @default - for ever, cheaper after 90 days; what an export replaces for 7 days */
  readonly retention?: BucketRetention;
  /** Days that results of queries stay. @default 7 */
  readonly resultsDays?: number;
  /** Bytes after which a query is stopped, 10 MB at least. Athena asks 5 US dollars for a terabyte in most regions: 10 GB are 5 cents. @default 10 GB */
  readonly maxBytesPerQuery?: number;
  /** Queries kept with the workgroup. @default - by service, by environment, billed against effective */
  readonly queries?: readonly CostQuery[];
  /** Whether Terraform refuses to destroy the bucket of bills. AWS exports no month twice. @default true */
  readonly retain?: boolean;
  /** The way out: gets the finished configuration of the export and returns the one to use. @default - as built here */
  readonly transform?: (config: BcmdataexportsExportConfig) => BcmdataexportsExportConfig;
}

/**
 * A lake of bills: AWS writes the account's as FOCUS 1.2 in Parquet, those of other clouds are delivered beside them, and one table of Glue, asked through Athena, shows all.
 *
 * Nothing crawls: the table's columns are those of the export, both from one list, and its partitions (provider, month) follow from where files lie,
 * `focus/<provider>/data/BILLING_PERIOD=<YYYY-MM>/`. Whoever delivers another cloud's bills writes Parquet of the same columns and types there.
 */
export class CostExport extends Construct {
  readonly bucket: SecureBucket;
  readonly results: SecureBucket;
  readonly database: GlueCatalogDatabase;
  readonly table: GlueCatalogTable;
  readonly workgroup: AthenaWorkgroup;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, private readonly props: CostExportProps) {
    super(scope, id);
    refuse(`the cost export ${show(props.bucket)} cannot be built`, exportFaults(props, this.node.path));
    const retain = props.retain ?? true;
    this.bucket = new SecureBucket(this, 'Bucket', {
      name: props.bucket, retain, forceDestroy: !retain, retention: props.retention ?? { infrequentAfterDays: 90, keepReplacedDays: 7 }, statements: this.statements(),
    });
    this.results = new SecureBucket(this, 'Results', {
      name: props.resultsBucket, versioned: false, forceDestroy: true, retention: { expireDays: props.resultsDays ?? 7 },
    });
    this.addExport();
    this.database = new GlueCatalogDatabase(this, 'Database', { name: props.database, description: 'Bills of every cloud, as FOCUS 1.2' });
    this.table = this.addTable();
    this.workgroup = this.addWorkgroup();
    for (const { name, description, sql } of props.queries ?? COST_QUERIES) {
      new AthenaNamedQuery(this, `Query ${name}`, { name, description, database: this.database.name, workgroup: this.workgroup.name, query: sql });
    }
  }

  /** Where the files of a provider lie in the bucket. */
  static prefixOf(provider: LakeProvider): string {
    return `${LAKE_TABLE}/${provider}/data/`;
  }

  /** What Data Exports asks of a bucket before it writes there, word for word, and what other clouds' deliveries need. */
  private statements(): BucketStatement[] {
    const { account, bucket, deliveries = {} } = this.props;
    const arn = `arn:aws:s3:::${bucket}`;
    const exports = {
      Effect: 'Allow', Principal: { Service: 'bcm-data-exports.amazonaws.com' },
      Condition: { StringLike: { 'aws:SourceAccount': account, 'aws:SourceArn': `arn:aws:bcm-data-exports:us-east-1:${account}:export/*` } },
    } as const;
    return [
      { Sid: 'DataExportsWrite', ...exports, Action: 's3:PutObject', Resource: `${arn}/*` },
      { Sid: 'DataExportsCheckThePolicy', ...exports, Action: 's3:GetBucketPolicy', Resource: arn },
      ...Object.entries(deliveries).map(([provider, role]): BucketStatement => ({
        // Replacing a month takes away the files it had.
        Sid: `Deliveries${provider}`, Effect: 'Allow', Principal: { AWS: role }, Action: ['s3:PutObject', 's3:DeleteObject'], Resource: `${arn}/${CostExport.prefixOf(provider as LakeProvider)}*`,
      })),
    ];
  }

  private addExport(): void {
    const { region, billingProvider, granularity = 'DAILY', transform } = this.props;
    const config: BcmdataexportsExportConfig = {
      export: [{
        name: 'aws', // names the folder as well, and so the provider's partition
        description: 'Bills of the account as FOCUS 1.2',
        dataQuery: [{
          queryStatement: `SELECT ${Object.keys(LAKE_COLUMNS).join(', ')} FROM FOCUS_1_2_AWS`, // Data Exports takes no *
          tableConfigurations: { FOCUS_1_2_AWS: { TIME_GRANULARITY: granularity } },
        }],
        destinationConfigurations: [{
          s3Destination: [{
            s3Bucket: this.bucket.bucket.id, s3Prefix: LAKE_TABLE, s3Region: region,
            s3OutputConfigurations: [{ format: 'PARQUET', compression: 'PARQUET', outputType: 'CUSTOM', overwrite: 'OVERWRITE_REPORT' }],
          }],
        }],
        refreshCadence: [{ frequency: 'SYNCHRONOUS' }], // whenever AWS knows more
      }],
      dependsOn: [this.bucket.policy], // without which it is refused
      ...(billingProvider ? { provider: billingProvider } : {}),
    };
    new BcmdataexportsExport(this, 'Export', transform?.(config) ?? config);
  }

  private addTable(): GlueCatalogTable {
    const { bucket, since = '2025-01', deliveries = {} } = this.props;
    const location = `s3://${bucket}/${LAKE_TABLE}/`;
    return new GlueCatalogTable(this, 'Table', {
      name: LAKE_TABLE, databaseName: this.database.name, description: 'One row for each charge, as FOCUS 1.2 has it', tableType: 'EXTERNAL_TABLE',
      partitionKeys: [{ name: 'provider', type: 'string' }, { name: 'billing_period', type: 'string' }],
      parameters: {
        EXTERNAL: 'TRUE',
        classification: 'parquet',
        'projection.enabled': 'true',
        'projection.provider.type': 'enum',
        'projection.provider.values': ['aws', ...Object.keys(deliveries)].join(','),
        'projection.billing_period.type': 'date',
        'projection.billing_period.format': 'yyyy-MM',
        'projection.billing_period.range': `${since},NOW`,
        'projection.billing_period.interval': '1',
        'projection.billing_period.interval.unit': 'MONTHS',
        // Athena fills these in, not Terraform, to which $${ is how to write ${.
        'storage.location.template': `${location}$\${provider}/data/BILLING_PERIOD=$\${billing_period}`,
      },
      storageDescriptor: {
        location, compressed: false,
        inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat', outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
        serDeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe', parameters: { 'serialization.format': '1' } },
        columns: Object.entries(LAKE_COLUMNS).map(([name, type]) => ({ name: name.toLowerCase(), type, comment: name })), // Glue knows lower case only; Athena matches Parquet without case
      },
    });
  }

  private addWorkgroup(): AthenaWorkgroup {
    const { account, workgroup, resultsBucket, maxBytesPerQuery = 10 * 1000 ** 3 } = this.props;
    return new AthenaWorkgroup(this, 'Workgroup', {
      name: workgroup, description: 'Questions to the bills', forceDestroy: true, // what it holds are queries, which are here as well
      configuration: {
        enforceWorkgroupConfiguration: true, // or a client chooses where results go, and whether they are encrypted
        publishCloudwatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: maxBytesPerQuery,
        engineVersion: { selectedEngineVersion: 'AUTO' },
        resultConfiguration: { outputLocation: `s3://${resultsBucket}/`, expectedBucketOwner: account, encryptionConfiguration: { encryptionOption: 'SSE_S3' } },
      },
      dependsOn: [this.results.bucket],
    });
  }
}

function exportFaults(props: CostExportProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  const { account, region, bucket, resultsBucket, database, workgroup, billingProvider, since = '2025-01', resultsDays = 7, maxBytesPerQuery = 10 * 1000 ** 3, deliveries = {}, queries = [] } = props;
  need(/^\d{12}$/.test(account), 'account', account, '12 digits', 'write the account number as text');
  need(bucket !== resultsBucket, 'resultsBucket', resultsBucket, 'another bucket than that of bills', 'name another: results are deleted after days');
  need(/^[a-z][a-z0-9_]*$/.test(database), 'database', database, "lower-case letters, digits and '_'", 'choose such a name: in SQL, others need quotes');
  need(/^[\w.-]{1,128}$/.test(workgroup), 'workgroup', workgroup, "letters, digits, '_', '.' and '-'", 'choose such a name');
  need(region === 'us-east-1' || billingProvider !== undefined, 'billingProvider', billingProvider, 'a provider of us-east-1', 'give one: exports are defined there, whatever region their bucket is in');
  need(/^20\d{2}-(0[1-9]|1[0-2])$/.test(since), 'since', since, 'a month such as 2025-01', 'name the first month');
  need(Number.isInteger(resultsDays) && resultsDays >= 1, 'resultsDays', resultsDays, 'a whole number of days, 1 or more', 'set it, or leave it out for 7');
  need(Number.isInteger(maxBytesPerQuery) && maxBytesPerQuery >= 10_000_000, 'maxBytesPerQuery', maxBytesPerQuery, '10000000 bytes or more', 'set it: Athena asks for 10 MB in any case');
  for (const [provider, role] of Object.entries(deliveries)) {
    need(provider !== 'aws' && (LAKE_PROVIDERS as readonly string[]).includes(provider), 'deliveries', provider, LAKE_PROVIDERS.slice(1).join(', '), 'name a provider of those');
    need(/^(arn:aws:iam::\d{12}:role\/|\$\{)/.test(role) && !role.includes('*'), `deliveries.${provider}`, role, 'the ARN of one role', 'name the role that delivers');
  }
  const names = queries.map(({ name }) => name);
  need(new Set(names).size === names.length, 'queries', names, 'names that differ', 'name each query');
  return faults;
}
