import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AWS_COLUMNS, BucketStatement, COST_QUERIES, CostExport, CostExportProps, FOCUS_COLUMNS, LAKE_PROVIDERS } from '../../../components/cloud';
import { Block, only, reference, resources, synthIn } from '../../support/synth-stack';

const props: CostExportProps = {
  account: '111111111111', region: 'us-east-1', bucket: 'demo-billing', resultsBucket: 'demo-results', database: 'demo_cost', workgroup: 'demo',
};
const synth = (more: Partial<CostExportProps> = {}) => synthIn((stack) => void new CostExport(stack, 'cost', { ...props, ...more }));
const exportOf = (more?: Partial<CostExportProps>) => only(synth(more), 'aws_bcmdataexports_export').export[0] as Block;
const columnsAsked = (query: string) => /^SELECT (.+) FROM FOCUS_1_2_AWS$/.exec(query)![1]!.split(', ');

describe('the export of bills', () => {
  it('asks for every column of FOCUS 1.2 and of AWS by name, and the table has them in the same order with the same names', () => {
    const json = synth();
    const asked = columnsAsked(exportOf().data_query[0].query_statement as string);
    const table = only(json, 'aws_glue_catalog_table').storage_descriptor.columns as { name: string; type: string; comment: string }[];
    expect(Object.keys(FOCUS_COLUMNS)).toHaveLength(57); // as the specification counts them, and AWS 60 with its own
    expect(asked).toEqual([...Object.keys(FOCUS_COLUMNS), ...Object.keys(AWS_COLUMNS)]);
    expect(table.map(({ comment }) => comment)).toEqual(asked);
    expect(table.map(({ name }) => name)).toEqual(asked.map((name) => name.toLowerCase()));
  });

  it('types what it sums, what it compares and what it looks up in as what they are', () => {
    const typeOf = Object.fromEntries((only(synth(), 'aws_glue_catalog_table').storage_descriptor.columns as { name: string; type: string }[]).map(({ name, type }) => [name, type]));
    for (const [name, type] of Object.entries(typeOf)) {
      if (/cost$|price$|quantity$/.test(name)) expect(type, name).toBe('double');
      else if (/period(start|end)$/.test(name)) expect(type, name).toBe('timestamp');
      else if (/^(tags|skupricedetails|x_discounts)$/.test(name)) expect(type, name).toMatch(/^map</);
      else expect(type, name).toBe('string');
    }
    expect(Object.values(typeOf).filter((type) => type === 'double')).toHaveLength(12);
  });

  it('writes Parquet over what it wrote before, as soon as AWS knows more', () => {
    expect(exportOf()).toMatchObject({
      name: 'aws',
      data_query: [{ table_configurations: { FOCUS_1_2_AWS: { TIME_GRANULARITY: 'DAILY' } } }],
      destination_configurations: [{
        s3_destination: [{
          s3_prefix: 'focus', s3_region: 'us-east-1', s3_output_configurations: [{ format: 'PARQUET', compression: 'PARQUET', output_type: 'CUSTOM', overwrite: 'OVERWRITE_REPORT' }],
        }],
      }],
      refresh_cadence: [{ frequency: 'SYNCHRONOUS' }],
    });
    expect(exportOf({ granularity: 'HOURLY' }).data_query[0].table_configurations).toEqual({ FOCUS_1_2_AWS: { TIME_GRANULARITY: 'HOURLY' } });
  });

  it('waits for the policy of its bucket', () => {
    const json = synth();
    const policy = only(json, 'aws_s3_bucket_policy', { bucket: reference(json, 'aws_s3_bucket', only(json, 'aws_s3_bucket', { bucket: 'demo-billing' }), 'id') });
    const name = reference(json, 'aws_s3_bucket_policy', policy, 'id').slice(2, -4);
    expect(only(json, 'aws_bcmdataexports_export').depends_on).toEqual([name]);
  });

  it('is defined in us-east-1, wherever its bucket is', () => {
    const json = synthIn((stack) => {
      const billingProvider = new AwsProvider(stack, 'billing', { region: 'us-east-1', alias: 'billing' });
      new CostExport(stack, 'cost', { ...props, region: 'eu-west-1', billingProvider });
    });
    expect(only(json, 'aws_bcmdataexports_export')).toMatchObject({ provider: 'aws.billing', export: [{ destination_configurations: [{ s3_destination: [{ s3_region: 'eu-west-1' }] }] }] });
    expect(resources(json, 'aws_s3_bucket').every((bucket) => bucket.provider === undefined)).toBe(true);
    expect(() => synth({ region: 'eu-west-1' })).toThrow(/billingProvider\] got: nothing; allowed: a provider of us-east-1/);
  });

  it('can be changed in what its props do not say', () => {
    expect(only(synth({ transform: (config) => ({ ...config, timeouts: { create: '5m' } }) }), 'aws_bcmdataexports_export').timeouts).toEqual({ create: '5m' });
  });
});

describe('the bucket of bills', () => {
  const allowed = (more?: Partial<CostExportProps>) => {
    const json = synth(more);
    const bucket = reference(json, 'aws_s3_bucket', only(json, 'aws_s3_bucket', { bucket: 'demo-billing' }), 'id');
    return (JSON.parse(only(json, 'aws_s3_bucket_policy', { bucket }).policy) as { Statement: BucketStatement[] }).Statement.filter(({ Effect }) => Effect === 'Allow');
  };

  it('lets in AWS\'s exports of this account, and nobody else', () => {
    const Condition = { StringLike: { 'aws:SourceAccount': '111111111111', 'aws:SourceArn': 'arn:aws:bcm-data-exports:us-east-1:111111111111:export/*' } };
    const Principal = { Service: 'bcm-data-exports.amazonaws.com' };
    expect(allowed()).toEqual([
      { Sid: 'DataExportsWrite', Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: 'arn:aws:s3:::demo-billing/*', Condition },
      { Sid: 'DataExportsCheckThePolicy', Effect: 'Allow', Principal, Action: 's3:GetBucketPolicy', Resource: 'arn:aws:s3:::demo-billing', Condition },
    ]);
  });

  it('lets another cloud\'s delivery write under its own prefix only, and the table looks there', () => {
    const deliveries = { gcp: 'arn:aws:iam::111111111111:role/from-gcp', azure: 'arn:aws:iam::111111111111:role/from-azure' };
    expect(allowed({ deliveries }).slice(2)).toEqual(Object.entries(deliveries).map(([provider, AWS]) => ({
      Sid: `Deliveries${provider}`, Effect: 'Allow', Principal: { AWS }, Action: ['s3:PutObject', 's3:DeleteObject'], Resource: `arn:aws:s3:::demo-billing/focus/${provider}/data/*`,
    })));
    expect(only(synth({ deliveries }), 'aws_glue_catalog_table').parameters['projection.provider.values']).toBe('aws,gcp,azure');
    expect(only(synth(), 'aws_glue_catalog_table').parameters['projection.provider.values']).toBe('aws');
  });

  it('survives, unless told otherwise; results of queries never do', () => {
    const bucket = (name: string, more?: Partial<CostExportProps>) => only(synth(more), 'aws_s3_bucket', { bucket: name });
    expect(bucket('demo-billing')).toMatchObject({ force_destroy: false, lifecycle: { prevent_destroy: true } });
    expect(bucket('demo-billing', { retain: false })).toMatchObject({ force_destroy: true });
    expect(bucket('demo-billing', { retain: false })).not.toHaveProperty('lifecycle');
    expect(bucket('demo-results')).toMatchObject({ force_destroy: true });
  });
});

describe('the lake', () => {
  it('finds the files of a month where they are delivered, for every provider and month', () => {
    const parameters = only(synth({ since: '2024-07' }), 'aws_glue_catalog_table').parameters as Record<string, string>;
    expect(parameters).toMatchObject({
      'projection.enabled': 'true', 'projection.billing_period.range': '2024-07,NOW', 'projection.billing_period.format': 'yyyy-MM', 'projection.billing_period.interval.unit': 'MONTHS',
    });
    const template = parameters['storage.location.template']!.replaceAll('$${', '${'); // as Terraform hands it on
    fc.assert(fc.property(fc.constantFrom(...LAKE_PROVIDERS), fc.integer({ min: 2020, max: 2040 }), fc.integer({ min: 1, max: 12 }), (provider, year, month) => {
      const period = `${year}-${String(month).padStart(2, '0')}`;
      const location = template.replace('${provider}', provider).replace('${billing_period}', period);
      expect(location).toBe(`s3://demo-billing/${CostExport.prefixOf(provider)}BILLING_PERIOD=${period}`);
    }));
    // and what AWS itself makes of prefix and name of the export
    expect(CostExport.prefixOf('aws')).toBe(`${exportOf().destination_configurations[0].s3_destination[0].s3_prefix}/${exportOf().name}/data/`);
  });

  it('is asked by way of a workgroup that encrypts, cannot be talked out of it, and stops what would cost', () => {
    expect(only(synth(), 'aws_athena_workgroup')).toMatchObject({
      name: 'demo',
      configuration: {
        enforce_workgroup_configuration: true, bytes_scanned_cutoff_per_query: 10_000_000_000,
        result_configuration: { output_location: 's3://demo-results/', expected_bucket_owner: '111111111111', encryption_configuration: { encryption_option: 'SSE_S3' } },
      },
    });
    const json = synth({ resultsDays: 2 });
    const bucket = reference(json, 'aws_s3_bucket', only(json, 'aws_s3_bucket', { bucket: 'demo-results' }), 'id');
    expect(only(json, 'aws_s3_bucket_lifecycle_configuration', { bucket }).rule[0].expiration).toEqual([{ days: 2 }]);
  });

  it('keeps the first questions, each of one table, its own columns and named months', () => {
    const names = new Set([...Object.keys(FOCUS_COLUMNS), 'provider', 'billing_period'].map((name) => name.toLowerCase()));
    expect(resources(synth(), 'aws_athena_named_query').map(({ name }) => name as string).sort()).toEqual(COST_QUERIES.map(({ name }) => name).sort());
    for (const { sql } of COST_QUERIES) {
      expect(sql).toMatch(/FROM focus\nWHERE billing_period /); // no month named is every month paid for
      const words = sql.replace(/'[^']*'/g, '').match(/[a-z_]+/g)!;
      const known = /^(round|sum|coalesce|element_at|date_format|date_add|current_date|focus|effective|billed|list|environment|cost_centre)$/;
      expect(words.filter((word) => !names.has(word) && !known.test(word))).toEqual([]);
      expect(sql).toContain('billingcurrency'); // two currencies have no sum
    }
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => synth({
      account: '1', resultsBucket: 'demo-billing', database: 'Demo-cost', workgroup: 'a b', since: '2025-13', resultsDays: 0, maxBytesPerQuery: 5,
      deliveries: { gcp: 'arn:aws:iam::111111111111:role/*', ibm: 'arn:aws:iam::111111111111:role/x' } as CostExportProps['deliveries'], queries: [COST_QUERIES[0]!, COST_QUERIES[0]!],
    })).toThrow(/account\] got: "1"[^]*resultsBucket\] got: "demo-billing"[^]*database\] got: "Demo-cost"[^]*workgroup\] got: "a b"[^]*since\] got: "2025-13"[^]*resultsDays\] got: 0[^]*maxBytesPerQuery\] got: 5[^]*deliveries.gcp\] got[^]*deliveries\] got: "ibm"; allowed: gcp, azure[^]*queries\] got/);
  });
});
