import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOfLine } from '../../../pricing/contract';
import { priceBook } from '../../../pricing/price-book';
import { priceResources, ResourcePriceOptions, SynthesizedStack, USAGE_FIELDS } from '../../../pricing/terraform';
import { TYPE_TABLES } from '../../../pricing/terraform/table';

const options: ResourcePriceOptions = { region: 'us-east-1', book: priceBook };
const price = (resource: SynthesizedStack['resource'], changes: Partial<ResourcePriceOptions> = {}, provider?: SynthesizedStack['provider']) =>
  priceResources({ resource, ...(provider ? { provider } : {}) }, { ...options, ...changes });
const one = (type: string, body: Record<string, unknown> = {}, changes: Partial<ResourcePriceOptions> = {}) => price({ [type]: { it: body } }, changes);

/** Quantity and cost by row of the price book. */
const charges = (result: ReturnType<typeof price>) => Object.fromEntries(result.lines.map((line) => [line.SkuId, [line.PricingQuantity, line.ListCost]]));

describe('what a resource costs', () => {
  it.each<[string, Record<string, unknown>, Record<string, [number | null, number | null]>]>([
    ['aws_nat_gateway', {}, { 'nat/gateway': [730, 32.85], 'nat/data': [null, null] }],
    ['aws_eip', {}, { 'ipv4/public-address': [730, 3.65] }],
    ['aws_vpc_endpoint', { vpc_endpoint_type: 'Interface', subnet_ids: ['${aws_subnet.a.id}', '${aws_subnet.b.id}', '${aws_subnet.c.id}'] }, { 'vpc-endpoint/interface': [2190, 21.9], 'vpc-endpoint/interface-data': [null, null] }],
    ['aws_lb', { load_balancer_type: 'network', internal: true }, { 'lb/network': [730, 16.425], 'lb/network-lcu': [null, null] }],
    ['aws_lb', { subnets: ['a', 'b'] }, { 'lb/application': [730, 16.425], 'ipv4/public-address': [1460, 7.3], 'lb/application-lcu': [null, null] }],
    ['aws_eks_cluster', { version: '1.35' }, { 'eks/control-plane/standard': [730, 73] }],
    ['aws_kms_key', {}, { 'kms/key': [1, 1], 'kms/requests': [5, 0.15] }],
    ['aws_cloudwatch_log_group', { retention_in_days: 30 }, { 'logs/ingested': [5, 2.5], 'logs/stored': [2, 0.06] }],
    ['aws_cloudwatch_log_group', { log_group_class: 'INFREQUENT_ACCESS' }, { 'logs/ingested-infrequent': [5, 1.25], 'logs/stored': [2, 0.06] }],
    ['aws_cloudwatch_metric_alarm', { period: 60 }, { 'cloudwatch/alarm': [1, 0.1] }],
    ['aws_cloudwatch_metric_alarm', { metric_query: [{ id: 'a', metric: { period: 10 } }, { id: 'b', metric: { period: 10 } }, { id: 'c', expression: 'a+b' }] }, { 'cloudwatch/alarm-high-resolution': [2, 0.6] }],
    ['aws_db_instance', { engine: 'postgres', instance_class: 'db.t4g.micro', allocated_storage: 20, storage_type: 'gp3', backup_retention_period: 7 },
      { 'rds/db.t4g.micro': [730, 11.68], 'rds/gp3': [20, 2.3], 'rds/backup': [null, null] }],
    ['aws_db_instance', { engine: 'postgres', instance_class: 'db.m7g.large', allocated_storage: 200, storage_type: 'gp3', multi_az: true, manage_master_user_password: true },
      { 'rds/db.m7g.large': [1460, 245.28], 'rds/gp3': [400, 46], 'secrets/secret': [1, 0.4] }],
    ['aws_elasticache_replication_group', { node_type: 'cache.m7g.large', num_cache_clusters: 3, engine: 'valkey' }, { 'elasticache/cache.m7g.large/valkey': [2190, 276.816] }],
    ['aws_elasticache_replication_group', { node_type: 'cache.t4g.micro', num_node_groups: 2, replicas_per_node_group: 1 }, { 'elasticache/cache.t4g.micro/redis': [2920, 46.72] }],
    ['aws_secretsmanager_secret', {}, { 'secrets/secret': [1, 0.4], 'secrets/requests': [1, 0.05] }],
    ['aws_sqs_queue', {}, { 'sqs/standard': [0.5, 0.2] }],
    ['aws_grafana_workspace', {}, { 'grafana/editor': [3, 27], 'grafana/viewer': [5, 25] }],
    ['aws_route53_zone', {}, { 'route53/zone': [1, 0.5], 'route53/queries': [0.1, 0.04] }],
    ['aws_instance', { instance_type: 't4g.large', root_block_device: [{ volume_size: 30, volume_type: 'gp3' }] }, { 'ec2/t4g.large/on-demand': [730, 49.056], 'ebs/gp3': [30, 2.4] }],
  ])('%s %j', (type, body, expected) => {
    const result = one(type, body);
    expect(charges(result)).toEqual(expected);
    expect(result.coverage).toMatchObject({ priced: 1, unknown: 0, share: 1 });
    for (const line of result.lines) expect(line).toMatchObject({ ResourceName: `${type}.it`, RegionId: 'us-east-1', PricingCategory: 'Standard' });
  });

  it.each([
    ['aws_iam_role', {}], ['aws_iam_openid_connect_provider', {}], ['aws_vpc', {}], ['aws_eks_access_entry', {}], ['aws_eks_node_group', {}], ['aws_budgets_budget', {}],
    ['aws_ce_anomaly_monitor', {}], ['aws_bcmdataexports_export', {}], ['aws_vpc_endpoint', { vpc_endpoint_type: 'Gateway' }], ['aws_vpc_endpoint', {}], ['aws_flow_log', {}],
    ['aws_sns_topic_subscription', { protocol: 'email' }], ['aws_ssm_parameter', { type: 'String' }], ['aws_elasticache_cluster', { replication_group_id: 'x' }], ['random_id', {}],
    ['helm_release', { values: ['{"object":{"kind":"Application"}}'] }],
  ])('knows that %s %j is free, and why', (type, body) => {
    const result = one(type, body);
    expect(result).toMatchObject({ monthlyUsd: 0, lines: [], unpriced: [], unknown: [], coverage: { free: 1, share: 1 } });
    expect(result.resources[0]?.why).toMatch(/.{10}/);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['aws_mystery_box', {}, /in no table/],
    ['aws_iamx_thing', {}, /in no table/],
    ['helm_release', {}, /once it is rendered/],
    ['helm_release', { values: ['{"object":{"kind":"Deployment"}}'] }, /once it is rendered/],
    ['helm_release', { values: ['object: { kind: Application }'] }, /once it is rendered/],
    ['aws_db_instance', { engine: 'oracle-ee', instance_class: 'db.t4g.micro', allocated_storage: 20 }, /oracle-ee/],
    ['aws_db_instance', { engine: 'postgres', instance_class: 'db.x9z.huge', allocated_storage: 20 }, /no row/],
    ['aws_db_instance', { engine: 'postgres', instance_class: '${var.class}', allocated_storage: 20 }, /not told/],
    ['aws_db_instance', { engine: 'postgres', instance_class: 'db.t4g.micro', allocated_storage: '${var.size}' }, /allocated_storage: an expression/],
    ['aws_db_instance', { engine: 'postgres', instance_class: 'db.t4g.micro', allocated_storage: 20, multi_az: '${var.two}' }, /multi_az/],
    ['aws_db_instance', { engine: 'postgres', instance_class: 'db.t4g.micro', allocated_storage: 20, storage_type: 'io2', iops: 3000 }, /io2/],
    ['aws_db_instance', { engine: 'postgres', instance_class: 'db.t4g.micro', allocated_storage: 20, storage_type: 'gp3', iops: 9000 }, /provisioned IOPS/],
    ['aws_db_instance', { engine: 'postgres', instance_class: 'db.t4g.micro', allocated_storage: 20, database_insights_mode: 'advanced' }, /advanced kind/],
    ['aws_elasticache_replication_group', { node_type: 'cache.t4g.micro', num_cache_clusters: '${var.n}' }, /num_cache_clusters/],
    ['aws_lb', { load_balancer_type: 'gateway' }, /gateway/],
    ['aws_lb', { subnets: '${var.subnets}' }, /subnets/],
    ['aws_vpc_endpoint', { vpc_endpoint_type: 'Interface', subnet_ids: ['${aws_subnet.all[*].id}'] }, /subnet_ids/],
    ['aws_prometheus_workspace', {}, /samples: nothing/],
    ['aws_backup_vault', {}, /rdsGiB/],
    ['aws_sns_topic_subscription', { protocol: 'sms' }, /sms/],
    ['aws_ssm_parameter', { tier: 'Advanced' }, /Advanced/],
    ['aws_nat_gateway', { count: '${var.n}' }, /count/],
    ['aws_nat_gateway', { count: 1e9 }, /count: 730000000000 Hours/],
    ['aws_elasticache_replication_group', { node_type: 'cache.t4g.micro', num_cache_clusters: 1e300 }, /num_cache_clusters/],
    ['aws_ebs_volume', { type: 'gp3', size: -5 }, /size: an expression or nothing/],
    ['aws_nat_gateway', { for_each: '${toset(var.zones)}' }, /for_each/],
    ['aws_nat_gateway', { region: '${var.region}' }, /region/],
  ])('does not know what %s %j costs, and never says 0', (type, body, why) => {
    const result = one(type, body);
    expect(result.unpriced).toEqual([{ address: `${type}.it`, type, why: expect.stringMatching(why) }]);
    expect(result.resources[0]?.monthlyUsd).not.toBe(0);
    expect(result.monthlyUsd).not.toBe(0);
    expect(result.coverage).toMatchObject({ unknown: 1, share: 0 });
  });

  it('names the field that would state a missing quantity', () => {
    expect(one('aws_nat_gateway').unknown).toEqual([{
      where: 'aws_nat_gateway.it.dataGiB', got: 'nothing', allowed: 'a number from 0', do: "measure it and state 'dataGiB' in the usage of aws_nat_gateway",
    }]);
  });

  it('knows no price in a region that is not in the book', () => {
    expect(one('aws_eip', {}, { region: 'mars-1' })).toMatchObject({ monthlyUsd: null, coverage: { unknown: 1 }, unpriced: [{ why: 'region: mars-1' }] });
  });
});

describe('where and how many', () => {
  it('counts copies of count and for_each', () => {
    expect(one('aws_eip', { count: 3 }).monthlyUsd).toBe(10.95);
    expect(one('aws_eip', { for_each: { a: 1, b: 2 } }).monthlyUsd).toBe(7.3);
    expect(one('aws_eip', { count: 0 })).toMatchObject({ monthlyUsd: 0, coverage: { resources: 0, share: 1 } });
  });

  it('takes the region of the provider a resource names, or its own', () => {
    const provider = { aws: [{ region: 'eu-central-1' }, { alias: 'global', region: 'us-west-2' }] };
    const regions = price({ aws_nat_gateway: { a: {}, b: { provider: 'aws.global' }, c: { provider: '${aws.global}' }, d: { region: 'ap-southeast-1' } } }, {}, provider);
    expect(regions.resources.map((each) => [each.region, each.monthlyUsd])).toEqual([['eu-central-1', 37.96], ['us-west-2', 32.85], ['us-west-2', 32.85], ['ap-southeast-1', 43.07]]);
  });

  it('follows references to what another resource spells out', () => {
    const result = price({
      aws_db_instance: { a: { engine: 'postgres', instance_class: 'db.t4g.micro', allocated_storage: 20 }, b: { engine: '${aws_db_instance.a.engine}', instance_class: '${aws_db_instance.a.instance_class}', allocated_storage: 20 } },
    });
    expect(result.resources.map((each) => each.monthlyUsd)).toEqual([13.98, 13.98]);
  });

  it('gives up on references that go round in a circle', () => {
    expect(one('aws_instance', { instance_type: '${aws_instance.it.instance_type}' }).coverage.unknown).toBe(1);
  });

  it('reads whatever stands where a resource should', () => {
    for (const body of [null, 'text', 7, [], { subnet_ids: 5, vpc_endpoint_type: ['x'] }]) expect(() => price({ aws_vpc_endpoint: { it: body } })).not.toThrow();
    expect(priceResources({}, options)).toMatchObject({ monthlyUsd: 0, coverage: { resources: 0, share: 1 } });
  });
});

describe('usage', () => {
  it('takes what is stated of an address before its type, and that before what is assumed', () => {
    const usage: ResourcePriceOptions['usage'] = { byType: { aws_s3_bucket: { storedGiB: 100 } }, byAddress: { 'aws_s3_bucket.big': { storedGiB: 1000 } } };
    const result = price({ aws_s3_bucket: { small: {}, big: {} } }, { usage });
    const stored = result.lines.filter((line) => line.SkuId === 's3/standard');
    expect(stored.map((line) => [line.PricingQuantity, line.x_QuantityCertainty])).toEqual([[100, 'stated'], [1000, 'stated']]);
    expect(result.lines.find((line) => line.SkuId === 's3/write')?.x_QuantityCertainty).toBe('assumed');
  });

  it('prints every assumption it used, once, and none it did not', () => {
    const of = (usage?: ResourcePriceOptions['usage']) => price({ aws_cloudwatch_log_group: { a: {}, b: {} } }, { usage }).assumptions.filter((each) => each.startsWith('assumed'));
    expect(of()).toEqual([
      "assumed of each aws_cloudwatch_log_group: 2 GiB of compressed logs kept, on average, a month; state 'storedGiB' to say otherwise",
      "assumed of each aws_cloudwatch_log_group: 5 GiB of logs taken in, a month; state 'ingestedGiB' to say otherwise",
    ]);
    expect(of({ byType: { aws_cloudwatch_log_group: { storedGiB: 1, ingestedGiB: 1 } } })).toEqual([]);
  });

  it('prices what is used only once it is stated', () => {
    const usage = { byType: { aws_prometheus_workspace: { samples: 1_000_000_000, storedGiB: 2 } } };
    expect(one('aws_prometheus_workspace', {}, { usage })).toMatchObject({ monthlyUsd: 90.06, coverage: { priced: 1 } });
    expect(one('aws_nat_gateway', {}, { usage: { byType: { aws_nat_gateway: { dataGiB: 0 } } } })).toMatchObject({ monthlyUsd: 32.85, unknown: [] });
  });

  it.each<[string, ResourcePriceOptions['usage'], string]>([
    ['a type there is no usage of', { byType: { aws_vpc: { x: 1 } } as never }, 'usage.byType.aws_vpc'],
    ['a field there is none of', { byType: { aws_s3_bucket: { gib: 1 } as never } }, 'storedGiB, writes, reads'],
    ['a negative amount', { byAddress: { 'aws_s3_bucket.a': { storedGiB: -1 } } }, 'got: -1'],
    ['no number', { byType: { aws_s3_bucket: { storedGiB: NaN } } }, 'got: NaN'],
    ['text', { byType: { aws_s3_bucket: { storedGiB: '5' as never } } }, 'got: "5"'],
  ])('refuses %s', (_, usage, expected) => {
    expect(() => one('aws_s3_bucket', {}, { usage })).toThrow(expected);
  });
});

describe('the tables of types', () => {
  const tables = Object.entries(TYPE_TABLES);

  it('know no type twice', () => {
    const types = tables.flatMap(([, table]) => Object.keys(table));
    expect(types.length).toBe(new Set(types).size);
  });

  it('say why a type is free, with a page', () => {
    for (const [, table] of tables) {
      for (const entry of Object.values(table)) {
        if (!('free' in entry)) continue;
        expect(entry.free).toMatch(/.{10}/);
        expect(entry.page).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z].*/);
      }
    }
  });

  it('use every usage field, and have every row they charge by in every region', () => {
    for (const region of priceBook.regions) {
      for (const [type, fields] of Object.entries(USAGE_FIELDS)) {
        const body: Record<string, unknown> = {
          aws_db_instance: { engine: 'postgres', instance_class: 'db.t4g.micro', allocated_storage: 20, backup_retention_period: 7 },
          aws_elasticache_cluster: { node_type: 'cache.t4g.micro', snapshot_retention_limit: 1 }, aws_elasticache_replication_group: { node_type: 'cache.t4g.micro', snapshot_retention_limit: 1 },
          aws_vpc_endpoint: { vpc_endpoint_type: 'Interface', subnet_ids: ['a'] }, aws_flow_log: { log_destination_type: 's3' }, aws_lb: { subnets: ['a', 'b'] },
        }[type] ?? {};
        const stated = Object.fromEntries(Object.keys(fields).map((field) => [field, 10_000]));
        const result = one(type, body, { region, usage: { byAddress: { [`${type}.it`]: stated } } });
        expect(result.lines.filter((line) => line.x_QuantityCertainty === 'stated')).toHaveLength(Object.keys(fields).length);
        expect(result.unknown).toEqual([]);
        expect(result.monthlyUsd).toBeGreaterThan(0);
      }
    }
  });
});

describe('the price as a whole', () => {
  const types = [...Object.values(TYPE_TABLES).flatMap((table) => Object.keys(table)).filter((type) => !type.endsWith('*')), 'aws_mystery_box', 'aws_iam_role'];
  const value = fc.oneof(fc.constantFrom<unknown>(
    undefined, null, true, false, 0, 1, 3, 'Interface', 'gp3', 'postgres', 'db.t4g.micro', 'cache.t4g.micro', 'network', '${var.x}', '${aws_subnet.a.id}', ['a', '${aws_subnet.a.id}'], [{}], {},
  ), fc.anything());
  const attributes = ['count', 'for_each', 'region', 'subnet_ids', 'vpc_endpoint_type', 'engine', 'instance_class', 'allocated_storage', 'storage_type', 'multi_az', 'node_type', 'num_cache_clusters', 'instance_type', 'period', 'metric_query', 'load_balancer_type', 'internal', 'subnets', 'size', 'type', 'protocol', 'iops',
    'control_plane_scaling_config', 'compute_config', 'root_block_device', 'customer_master_key_spec', 'tier', 'fifo_queue', 'log_group_class', 'backup_retention_period', 'replication_group_id'];
  const body = fc.dictionary(fc.constantFrom(...attributes), fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.double() }), { maxKeys: 6 });
  const resources = fc.array(fc.tuple(fc.constantFrom(...types), body), { maxLength: 12 });
  const stackOf = (list: readonly (readonly [string, unknown])[]) => {
    const resource: Record<string, Record<string, unknown>> = {};
    list.forEach(([type, each], index) => { (resource[type] ??= {})[`r${index}`] = each; });
    return resource;
  };

  it('is the sum of its lines, and counts every resource once', () => {
    fc.assert(fc.property(resources, (list) => {
      const result = price(stackOf(list));
      const known = result.lines.flatMap((line) => costOfLine(line) ?? []);
      expect(result.monthlyUsd ?? 0).toBeCloseTo(known.reduce((sum, cost) => sum + cost, 0), 5);
      const { resources: count, priced, free, unknown } = result.coverage;
      expect([priced + free + unknown, result.unpriced.length]).toEqual([count, unknown]);
      expect(new Set(result.resources.map((each) => each.address)).size).toBe(count);
    }));
  });

  it('never makes a 0 of what is not known', () => {
    fc.assert(fc.property(resources, (list) => {
      const result = price(stackOf(list));
      for (const each of result.resources) {
        if (each.state === 'unknown') expect([each.why === '', each.monthlyUsd === 0]).toEqual([false, false]);
      }
      for (const line of result.lines) {
        if (line.PricingQuantity === null || line.ListUnitPrice === null) expect(line.ListCost).toBeNull();
      }
      if (result.coverage.unknown > 0) expect(result.monthlyUsd).not.toBe(0);
    }));
  });

  it('never falls when a resource is added', () => {
    fc.assert(fc.property(resources, fc.constantFrom(...types), body, (list, type, more) => {
      const before = price(stackOf(list)).monthlyUsd ?? 0;
      expect(price(stackOf([...list, [type, more]])).monthlyUsd ?? 0).toBeGreaterThanOrEqual(before);
    }));
  });
});
