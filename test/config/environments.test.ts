import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FaultError } from '../../base/faults';
import { instanceTypes } from '../../pricing/instance-types';
import { defineEnvironment, environment, Environment, environmentFaults, environments, environmentsFaults, instanceTypeNames, OPTIONAL_SERVICES, REGIONS, SERVICES, servicesOf } from '../../config';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each case says what it breaks
type Loose = any;

/** Production with one node group more, so that a fault in the first is that pool's alone and not the lack of a place for system workloads. */
const valid = (): Loose => {
  const input: Loose = structuredClone(environment('prod'));
  input.nodePools.push({ ...structuredClone(input.nodePools[0]), name: 'second' });
  return input;
};
const broken = (change: (input: Loose) => void): Environment => {
  const input = valid();
  change(input);
  return input as Environment;
};

/** One case per fault that an environment can have: path below the environment, and what breaks it. */
const FAULTS: readonly (readonly [string, (input: Loose) => void])[] = [
  ['name', (e) => { e.name = 'Prod'; }],
  ['name', (e) => { e.name = 'a'.repeat(41); }],
  ['name', (e) => { e.name = 7; }],
  ['account', (e) => { e.account = '12345678901'; }],
  ['account', (e) => { e.account = 123456789012; }],
  ['region', (e) => { e.region = 'mars-north-1'; }],
  ['owner', (e) => { e.owner = ' '; }],
  ['costCentre', (e) => { delete e.costCentre; }],
  ['protect', (e) => { delete e.protect; }],
  ['kubernetes.serviceCidr', (e) => { e.kubernetes.serviceCidr = '172.20.0.1/16'; }],
  ['kubernetes.serviceCidr', (e) => { e.kubernetes.serviceCidr = '172.20.0.0/28'; }],
  ['kubernetes.serviceCidr', (e) => { e.kubernetes.serviceCidr = '10.30.16.0/20'; }],
  ['kubernetes.serviceCidr', (e) => { e.network.cidr = '172.20.0.0/16'; }],
  ['kubernetes.access', (e) => { e.kubernetes.access = 'everybody'; }],
  ['kubernetes.access[0]', (e) => { e.kubernetes.access = [null]; }],
  ['kubernetes.access[0].role', (e) => { e.kubernetes.access = [{ role: 'arn:aws:iam::333333333333:user/ann', as: 'view' }]; }],
  ['kubernetes.access[0].as', (e) => { e.kubernetes.access = [{ role: 'arn:aws:iam::333333333333:role/harbour', as: 'owner' }]; }],
  ['kubernetes.access[0].namespaces', (e) => { e.kubernetes.access = [{ role: 'arn:aws:iam::333333333333:role/harbour', as: 'edit', namespaces: [] }]; }],
  ['kubernetes.access[0].namespaces', (e) => { e.kubernetes.access = [{ role: 'arn:aws:iam::333333333333:role/harbour', as: 'cluster-admin', namespaces: ['harbour'] }]; }],
  ['network', (e) => { delete e.network; }],
  ['network.cidr', (e) => { e.network.cidr = '10.0.0.0/8'; }],
  ['network.cidr', (e) => { e.network.cidr = '10.0.0.0/24'; }],
  ['network.cidr', (e) => { e.network.cidr = '10.30.1.0/16'; }],
  ['network.cidr', (e) => { e.network.cidr = '10.300.0.0/16'; }],
  ['network.cidr', (e) => { e.network.cidr = null; }],
  ['network.availabilityZones', (e) => { e.network.availabilityZones = 1; }],
  ['network.availabilityZones', (e) => { e.network.availabilityZones = 2.5; }],
  ['network.nat', (e) => { e.network.nat = 'none'; }],
  ['network.interfaceEndpoints[1]', (e) => { e.network.interfaceEndpoints = ['sts', 'everything']; }],
  ['kubernetes.upgradedFrom', (e) => { e.kubernetes.version = '1.36'; e.kubernetes.upgradedFrom = '1.34'; }],
  ['kubernetes.upgradedFrom', (e) => { e.kubernetes.version = '1.35'; e.kubernetes.upgradedFrom = '1.36'; }],
  ['nodeProvisioner', (e) => { e.nodeProvisioner = 'cluster-autoscaler'; }],
  ['nodePools[0].scaledBy', (e) => { e.nodePools[0].scaledBy = 'hand'; }],
  ['nodePools[1].minNodes', (e) => { e.nodePools[1].minNodes = 1; }],
  ['nodePools[2].instanceTypes[1]', (e) => { e.nodePools[2].instanceTypes[1] = 'm7g.huge'; }],
  ['data', (e) => { delete e.data; }],
  ['data.billingExport', (e) => { e.data.billingExport = 'yes'; }],
  ['data.billDeliveries.ibm', (e) => { e.data.billDeliveries = { ibm: 'arn:aws:iam::111111111111:role/x' }; }],
  ['data.billDeliveries.gcp', (e) => { e.data.billDeliveries = { gcp: 'arn:aws:iam::111111111111:role/*' }; }],
  ['data.postgres.instanceClass', (e) => { e.data.postgres.instanceClass = 'm7g.large'; }],
  ['data.postgres.storageGiB', (e) => { e.data.postgres.storageGiB = 5; }],
  ['data.postgres.multiAz', (e) => { e.data.postgres.multiAz = 1; }],
  ['data.postgres.backupDays', (e) => { e.data.postgres.backupDays = 0; }],
  ['data.redis.nodeType', (e) => { e.data.redis.nodeType = 'db.t4g.micro'; }],
  ['data.redis.replicas', (e) => { e.data.redis.replicas = 6; }],
  ['budget.notify', (e) => { e.budget.notify = ['arn:aws:sqs:eu-west-1:333333333333:q']; }],
  ['budget.alertPercents', (e) => { e.budget.alertPercents = [80, 50]; }],
  ['budget.anomalyUsd', (e) => { e.budget.anomalyUsd = 0; }],
  ['budget.notify', (e) => { e.budget.notify = Array.from({ length: 11 }, (_, index) => `a${index}@example.com`); }],
  ['budget.notify', (e) => { e.budget.notify = ['arn:aws:sns:eu-west-1:333333333333:a', 'arn:aws:sns:eu-west-1:333333333333:b']; }],
  ['budget.byTag', (e) => { e.budget.byTag = 'yes'; }],
  ['budget.anomalyMonitor', (e) => { e.budget.anomalyMonitor = 'Default-Services-Monitor'; }],
  ['budget.anomalyMonitor', (e) => { e.budget.byTag = true; e.budget.anomalyMonitor = 'arn:aws:ce::333333333333:anomalymonitor/x-1'; }],
  ['observability', (e) => { delete e.observability; }],
  ['observability.managedPrometheus', (e) => { delete e.observability.managedPrometheus; }],
  ['observability.managedGrafana', (e) => { e.observability.managedGrafana = 'on'; }],
  ['github.repository', (e) => { e.github.repository = 'example/*'; }],
  ['github.deploysFrom', (e) => { e.github.deploysFrom = { branch: 'main', tag: 'v*' }; }],
  ['github.ids', (e) => { e.github.ids = { owner: '*', repository: '7' }; }],
  ['github.deploysFrom', (e) => { e.github.deploysFrom = {}; }],
  ['github.deploysFrom.branch', (e) => { e.github.deploysFrom = { branch: '*' }; }],
  ['github.deploysFrom.tag', (e) => { e.github.deploysFrom = { tag: '*' }; }],
  ['kubernetes', (e) => { e.kubernetes = 'yes'; }],
  ['kubernetes.version', (e) => { e.kubernetes.version = '1.2'; }],
  ['kubernetes.version', (e) => { e.kubernetes.version = 1.36; }],
  ['kubernetes.version', (e) => { e.kubernetes.version = 'toString'; }],
  ['kubernetes.publicAccessCidrs', (e) => { e.kubernetes.publicAccessCidrs = '203.0.113.0/24'; }],
  ['kubernetes.publicAccessCidrs[1]', (e) => { e.kubernetes.publicAccessCidrs = ['203.0.113.0/24', '0.0.0.0/0']; }],
  ['kubernetes.publicAccessCidrs[0]', (e) => { e.kubernetes.publicAccessCidrs = ['128.0.0.0/1']; }],
  ['kubernetes.publicAccessCidrs[0]', (e) => { e.kubernetes.publicAccessCidrs = [null]; }],
  ['nodePools', (e) => { e.nodePools = []; }],
  ['nodePools', (e) => { delete e.nodePools; }],
  ['nodePools', (e) => { for (const pool of e.nodePools) pool.capacity = 'spot'; }],
  ['nodePools[4]', (e) => { e.nodePools.push(null); }],
  ['nodePools[0].name', (e) => { e.nodePools[0].name = 'System Pool'; }],
  ['nodePools[1].name', (e) => { e.nodePools[1].name = e.nodePools[0].name; }],
  ['nodePools[0].capacity', (e) => { e.nodePools[0].capacity = 'reserved'; }],
  ['nodePools[0].instanceTypes', (e) => { e.nodePools[0].instanceTypes = []; }],
  ['nodePools[0].instanceTypes[0]', (e) => { e.nodePools[0].instanceTypes = ['large']; }],
  ['nodePools[0].instanceTypes[0]', (e) => { e.nodePools[0].instanceTypes = [['m7g.large']]; }],
  ['nodePools[0].minNodes', (e) => { e.nodePools[0].minNodes = -1; }],
  ['nodePools[0].maxNodes', (e) => { e.nodePools[0].maxNodes = Infinity; }],
  ['nodePools[0]', (e) => { e.nodePools[0].minNodes = 9; e.nodePools[0].maxNodes = 3; }],
  ['services', (e) => { e.services = null; }],
  ['services.catalog', (e) => { delete e.services.catalog; }],
  ['services.catalog', (e) => { e.services.catalog.minReplicas = 61; }],
  ['services.catalog.shards', (e) => { e.services.catalog.shards = 2; }],
  ['services.forecaster.shards', (e) => { e.services.forecaster.shards = 0; }],
  ['services.forecaster', (e) => { Object.assign(e.services.forecaster, { minReplicas: 2, maxReplicas: 2, shards: 3 }); e.scaling.demandSource = 'prometheus'; }],
  ['services.forecaster.shards', (e) => { Object.assign(e.services.forecaster, { minReplicas: 2, maxReplicas: 2, shards: 2 }); e.scaling.demandSource = 'external'; }],
  ['services.catalog.minReplicas', (e) => { e.services.catalog.minReplicas = 0; }],
  ['services.catalog.maxReplicas', (e) => { e.services.catalog.maxReplicas = '60'; }],
  ['services.checkout', (e) => { e.services.checkout = { minReplicas: 1, maxReplicas: 1 }; }],
  ['scaling', (e) => { delete e.scaling; }],
  ['scaling.mode', (e) => { e.scaling.mode = 'psychic'; }],
  ['scaling.cpuTargetPercent', (e) => { e.scaling.cpuTargetPercent = 0.7; }],
  ['scaling.demandTargetPercent', (e) => { e.scaling.demandTargetPercent = 101; }],
  ['scaling.demandQuantile', (e) => { e.scaling.demandQuantile = 90; }],
  ['scaling.leadTimeSeconds', (e) => { e.scaling.leadTimeSeconds = NaN; }],
  ['scaling.scaleDownStabilizationSeconds', (e) => { e.scaling.scaleDownStabilizationSeconds = 3601; }],
  ['budget', (e) => { e.budget = 3000; }],
  ['budget.monthlyUsd', (e) => { e.budget.monthlyUsd = 0; }],
  ['budget.notify', (e) => { e.budget.notify = []; }],
  ['budget.notify', (e) => { e.budget.notify = ['platform']; }],
  ['retention', (e) => { delete e.retention; }],
  ['retention.logsDays', (e) => { e.retention.logsDays = 0; }],
  ['retention.metricsDays', (e) => { e.retention.metricsDays = 1.5; }],
  ['images', (e) => { delete e.images; }],
  ['images.repository', (e) => { e.images.repository = 'registry.example/tideline/'; }],
  ['images.tag', (e) => { e.images.tag = 'latest'; }],
  ['slo', (e) => { delete e.slo; }],
  ['slo.availability', (e) => { e.slo.availability = 99.9; }],
  ['gitops', (e) => { delete e.gitops; }],
  ['gitops.repository', (e) => { e.gitops.repository = 'file:///srv/platform.git'; }],
  ['gitops.repository', (e) => { e.gitops.repository = 'https://bot:hunter2@github.com/example/platform.git'; }],
  ['gitops.revision', (e) => { e.gitops.revision = 'HEAD'; }],
  ['owner', (e) => { e.owner = () => 'platform'; }],
  ['slo.extra', (e) => { e.slo.extra = new Date(0); }],
];

describe('the environments', () => {
  test('are all usable, do not clash, and differ as real ones do', () => {
    expect(environments().map(({ name }) => name)).toEqual(['dev', 'staging', 'prod']);
    for (const each of environments()) expect([each.name, environmentFaults(each)]).toEqual([each.name, []]);
    expect(environmentsFaults(environments())).toEqual([]);
    const [dev, , prod] = environments() as [Environment, Environment, Environment];
    expect(prod.network.nat).toBe('per-zone');
    expect(prod.kubernetes.publicAccessCidrs).toEqual([]);
    expect(prod.services.catalog.minReplicas).toBeGreaterThan(dev.services.catalog.minReplicas);
    expect(new Set(environments().map(({ account }) => account)).size).toBe(3);
  });

  test('are found by name, or their names are told', () => {
    expect(environment('staging').name).toBe('staging');
    expect(() => environment('qa')).toThrow(/got: "qa"; allowed: dev, staging, prod; do: /);
  });

  test('cannot be changed, at any depth', () => {
    const prod = environment('prod') as Loose;
    expect(() => { prod.region = 'us-east-1'; }).toThrow(TypeError);
    expect(() => { prod.network.cidr = '10.0.0.0/16'; }).toThrow(TypeError);
    expect(() => { prod.nodePools[0].instanceTypes.push('x'); }).toThrow(TypeError);
  });
});

describe('defineEnvironment', () => {
  test.each(FAULTS)('finds a fault in %s, and only that', (path, change) => {
    const input = broken(change);
    const faults = environmentFaults(input);
    const root = `environments/${typeof input.name === 'string' ? input.name : '?'}`;
    expect([...new Set(faults.map(({ where }) => where))]).toEqual([`${root}.${path}`]);
    for (const part of Object.values(faults[0]!)) expect(part.trim()).not.toBe('');
    expect(() => defineEnvironment(input)).toThrow(FaultError);
  });

  test('asks for no node group where Auto Mode has pools of its own', () => {
    const provisioned = (e: Loose) => { e.nodePools = e.nodePools.filter((pool: Loose) => pool.scaledBy === 'provisioner'); };
    expect(environmentFaults(broken(provisioned)).map(({ where }) => where)).toEqual(['environments/prod.nodePools']);
    expect(environmentFaults(broken((e) => { provisioned(e); e.nodeProvisioner = 'auto-mode'; }))).toEqual([]);
  });

  test('a path is covered for every setting there is', () => {
    const seeded = new Set(FAULTS.map(([path]) => path.replace(/\[\d+\]/g, '')));
    const settings = (value: unknown, path: string): string[] => (Array.isArray(value) ? [path, ...settings(value[0], path)]
      : typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, inner]) => settings(inner, path === '' ? key : `${path}.${key}`)) : path === '' ? [] : [path]);
    const all = new Set(settings(valid(), '').filter((path) => !/^services\.(cost|forecaster)\./.test(path)));
    expect([...all].filter((path) => !seeded.has(path))).toEqual([]);
    expect(all.size).toBeGreaterThan(25);
  });

  test('reports every fault at once', () => {
    const act = () => defineEnvironment(broken((e) => { e.account = 'x'; e.network.cidr = 'x'; e.scaling.mode = 'x'; e.budget.notify = []; }));
    expect(act).toThrow(FaultError);
    expect(act).toThrow(/prod\.account\].*\n.*network\.cidr\].*\n.*scaling\.mode\].*\n.*budget\.notify\]/);
  });

  test('never shows a password', () => {
    expect(JSON.stringify(environmentFaults(broken((e) => { e.gitops.repository = 'https://bot:hunter2@github.com/x.git'; })))).not.toContain('hunter2');
  });

  test('copies what it is given, and freezes the copy alone', () => {
    const input = valid() as Loose;
    const defined = defineEnvironment(input as Environment);
    input.network.cidr = '10.99.0.0/16';
    expect(defined.network.cidr).toBe('10.30.0.0/16');
    expect(Object.isFrozen(defined.services.catalog)).toBe(true);
    expect(Object.isFrozen(input)).toBe(false);
  });

  test.each([undefined, null, 5, 'prod', NaN, true])('refuses %s', (input) => {
    expect(() => defineEnvironment(input as never)).toThrow(FaultError);
  });

  test('a value that holds itself is a fault', () => {
    expect(environmentFaults(broken((e) => { e.network.self = e.network; })).map(({ got }) => got)).toEqual(['a value that holds itself']);
  });

  const everything = fc.anything({
    withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true,
    withObjectString: true, withSet: true, withSparseArray: true, withTypedArray: true,
  });

  test('no value at all makes the check fail itself', () => {
    fc.assert(fc.property(everything, (input) => {
      expect(environmentFaults(input as never).length).toBeGreaterThan(0);
    }));
  });

  test('no value in any place makes the check fail itself, and what passes can be frozen', () => {
    const paths = (value: unknown): string[][] => (typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => [[key], ...paths(inner).map((path) => [key, ...path])]) : []);
    const odd = fc.oneof(everything, fc.constantFrom(undefined, null, NaN, Infinity, -0, '', () => 1, Symbol('x'), 10n, { toJSON: () => { throw new Error('no'); } }, { toString: 1 }));
    fc.assert(fc.property(fc.constantFrom(...paths(valid())), odd, (path, value) => {
      const input = broken((e) => {
        const parent = path.slice(0, -1).reduce((at: Loose, key) => at[key], e);
        parent[path.at(-1)!] = value;
      });
      const faults = environmentFaults(input);
      for (const fault of faults) expect(Object.values(fault).every((part) => typeof part === 'string' && part !== '')).toBe(true);
      if (faults.length === 0) expect(Object.isFrozen(defineEnvironment(input))).toBe(true);
      else expect(() => defineEnvironment(input)).toThrow(FaultError);
    }), { numRuns: 1000 });
  });
});

describe('environments together', () => {
  const like = (name: string, cidr: string) => ({ ...environment('dev'), name, network: { ...environment('dev').network, cidr } });

  test('must not overlap: a block within another, the same block', () => {
    expect(environmentsFaults([like('a', '10.0.0.0/16'), like('b', '10.0.240.0/20'), like('c', '10.1.0.0/16')])).toEqual([
      expect.objectContaining({ where: 'environments/b.network.cidr', got: '10.0.240.0/20, which overlaps 10.0.0.0/16 of a' }),
    ]);
    expect(environmentsFaults([like('a', '10.0.0.0/16'), like('b', '10.0.0.0/16')])).toHaveLength(1);
  });

  test('must not share a name', () => {
    expect(environmentsFaults([like('a', '10.0.0.0/16'), like('a', '10.1.0.0/16')])).toEqual([expect.objectContaining({ where: 'environments/a' })]);
  });

  test('know the instance types that pricing knows, and no other', () => {
    expect([...instanceTypeNames].sort()).toEqual([...instanceTypes.keys()].sort());
  });

  test('regions and services are named once', () => {
    expect(new Set(REGIONS).size).toBe(REGIONS.length);
    expect(new Set([...SERVICES, ...OPTIONAL_SERVICES]).size).toBe(SERVICES.length + OPTIONAL_SERVICES.length);
    for (const each of environments()) expect(Object.keys(each.services).sort()).toEqual([...servicesOf(each)].sort());
  });

  test('name the load generator where load is tried out, and nowhere else', () => {
    expect(environments().filter((each) => servicesOf(each).includes('loadgen')).map(({ name }) => name)).toEqual(['dev']);
    expect(environmentFaults(broken((e) => { e.services.loadgen = { minReplicas: 2, maxReplicas: 1 }; }))).toEqual([expect.objectContaining({ where: expect.stringContaining('services.loadgen') })]);
    expect(environmentFaults(broken((e) => { delete e.services.loadgen; }))).toEqual([]);
  });
});
