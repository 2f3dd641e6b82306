import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaultError } from '../../base/faults';
import type { EnvironmentModel } from '../../pricing/contract';
import { EKS_ADD_ONS } from '../../pricing/eks';
import { priceEnvironment } from '../../pricing/environment';
import { definePriceBook, priceBook } from '../../pricing/price-book';
import { smallModel, workload } from './models';

const stated = { dataTransferGiB: { nat: 100, internetOut: 50, crossZone: 200 }, loadBalancerCapacityUnits: 1 } as const;
const line = (price: ReturnType<typeof priceEnvironment>, sku: string) => price.lines.find((each) => each.SkuId === sku);

const models = fc.record({
  region: fc.constantFrom('us-east-1', 'eu-west-1', 'mars-1'),
  controlPlanes: fc.integer({ min: 0, max: 2 }),
  natGateways: fc.integer({ min: 0, max: 3 }),
  loadBalancers: fc.integer({ min: 0, max: 3 }),
  minNodes: fc.integer({ min: 0, max: 3 }),
  spotNodes: fc.integer({ min: 0, max: 40 }),
  workloads: fc.array(fc.record({
    cpuMillicores: fc.integer({ min: 0, max: 2500 }), memoryMiB: fc.integer({ min: 0, max: 9000 }),
    minReplicas: fc.integer({ min: 0, max: 5 }), more: fc.integer({ min: 0, max: 40 }), perNode: fc.boolean(),
  }), { maxLength: 5 }),
  volumes: fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 3 }),
  dataTransferGiB: fc.record({ nat: fc.nat(5000), internetOut: fc.nat(200_000), crossZone: fc.nat(5000) }, { requiredKeys: [] }),
}).map(({ minNodes, spotNodes, workloads, volumes, ...rest }): EnvironmentModel => smallModel({
  ...rest,
  nodePools: [
    { name: 'system', capacity: 'on-demand', instanceTypes: ['t4g.large'], minNodes, maxNodes: minNodes + 5 },
    { name: 'workload', capacity: 'spot', instanceTypes: ['m7g.large', 'm6g.large', 'c7g.large'], minNodes: 0, maxNodes: spotNodes },
  ],
  workloads: workloads.map(({ more, ...each }, index) => workload({ ...each, name: `w${index}`, maxReplicas: each.minReplicas + more })),
  volumes: volumes.map((sizeGiB, index) => ({ name: `v${index}`, type: 'gp3', sizeGiB })),
}));

describe('priceEnvironment', () => {
  it('prices a small environment to the cent', () => {
    const price = priceEnvironment(smallModel(stated), priceBook, { replicas: 'minimum' });
    expect(price.nodes).toEqual([{ pool: 'system', instanceType: 't4g.large', capacity: 'on-demand', count: 2 }]);
    // EKS 73 + nodes 98.112 + root volumes 8 + volume 4 + NAT 32.85 + NAT data 4.5 + addresses 10.95 + balancer 16.425 + LCU 5.84 + out 4.5 + zones 4
    expect(price.monthlyUsd).toBe(262.177);
    expect(price.coverage).toBe(1);
    expect(price.unknown).toEqual([]);
  });

  it('buys spot nodes as replicas grow', () => {
    const nodes = (replicas: 'minimum' | 'typical' | 'maximum') => priceEnvironment(smallModel(), priceBook, { replicas }).nodes.find((node) => node.pool === 'workload')?.count ?? 0;
    expect([nodes('minimum'), nodes('typical'), nodes('maximum')]).toEqual([0, 1, 5]);
  });

  it('has lines in FOCUS columns, each with the source and date of its price', () => {
    const spot = priceEnvironment(smallModel(), priceBook).lines.find((each) => each.PricingCategory === 'Dynamic');
    expect(spot).toEqual({
      ProviderName: 'AWS', ServiceCategory: 'Compute', ServiceName: 'Amazon Elastic Compute Cloud', ChargeCategory: 'Usage', ChargeDescription: '1 × m7g.large, spot',
      ResourceName: 'node pool workload', RegionId: 'us-east-1', PricingCategory: 'Dynamic', SkuId: 'ec2/m7g.large/spot', PricingQuantity: 730, PricingUnit: 'Hours',
      ListUnitPrice: 0.03672, ListCost: 26.8056, BillingCurrency: 'USD',
      x_PriceSource: expect.stringContaining('assumption'), x_PriceDate: '2026-07-20', x_PriceCertainty: 'assumed',
    });
  });

  it('keeps unstated traffic unknown, and says which figure is missing', () => {
    const price = priceEnvironment(smallModel(), priceBook);
    expect(line(price, 'nat/data')).toMatchObject({ PricingQuantity: null, ListUnitPrice: 0.045, ListCost: null });
    expect(price.unknown.map((fault) => fault.where)).toEqual([
      'dev.dataTransferGiB.nat', 'dev.loadBalancerCapacityUnits', 'dev.dataTransferGiB.internetOut', 'dev.dataTransferGiB.crossZone',
    ]);
    expect(price.coverage).toBeCloseTo(8 / 12, 10);
  });

  it('prices traffic that is stated as 0 at 0, which is known', () => {
    const price = priceEnvironment(smallModel({ ...stated, dataTransferGiB: { nat: 0, internetOut: 0, crossZone: 0 } }), priceBook);
    expect(line(price, 'nat/data')?.ListCost).toBe(0);
    expect(price.coverage).toBe(1);
  });

  it('charges traffic to the internet tier by tier', () => {
    const price = priceEnvironment(smallModel({ ...stated, dataTransferGiB: { nat: 0, internetOut: 60_000, crossZone: 0 } }), priceBook);
    const tiers = price.lines.filter((each) => each.SkuId.startsWith('transfer/internet-out/'));
    expect(tiers.map((each) => [each.PricingQuantity, each.ListCost])).toEqual([[10_240, 921.6], [40_960, 3481.6], [8_800, 616]]);
  });

  it('charges traffic between zones on both sides', () => {
    expect(line(priceEnvironment(smallModel(stated), priceBook), 'transfer/cross-zone/each-way')?.ListCost).toBe(4);
  });

  it('charges six times as much for a control plane in extended support', () => {
    const extended = priceEnvironment(smallModel({ kubernetesSupport: 'extended' }), priceBook);
    expect(line(extended, 'eks/control-plane/extended')?.ListCost).toBe(438);
    expect(line(extended, 'eks/control-plane/standard')).toBeUndefined();
  });

  it('knows no cost in a region that is not in the book: null, never 0', () => {
    const price = priceEnvironment(smallModel({ ...stated, region: 'mars-1' }), priceBook);
    expect(price.monthlyUsd).toBeNull();
    expect(price.coverage).toBe(0);
    expect(price.lines.map((each) => each.ListCost)).toEqual(price.lines.map(() => null));
    expect(price.unknown).toEqual([expect.objectContaining({ where: 'dev.region', got: 'mars-1', allowed: priceBook.regions.join(', ') })]);
  });

  it('knows no cost of nodes of an unknown type', () => {
    const price = priceEnvironment(smallModel({ ...stated, nodePools: [{ name: 'gpu', capacity: 'on-demand', instanceTypes: ['x9z.huge'], minNodes: 1, maxNodes: 1 }] }), priceBook);
    expect(price.lines.find((each) => each.ResourceName === 'node pool gpu')).toMatchObject({ PricingQuantity: 730, ListCost: null });
    expect(price.unknown.map((fault) => fault.got)).toContain('x9z.huge');
    expect(price.coverage).toBeLessThan(1);
  });

  it('knows no cost of a price that is missing from the book', () => {
    const rows = priceBook.rows('us-east-1').filter((row) => row.sku !== 'nat/gateway').map(({ price: _, ...row }) => row);
    const price = priceEnvironment(smallModel(stated), definePriceBook({ 'us-east-1': rows }));
    expect(line(price, 'nat/gateway')).toMatchObject({ PricingQuantity: 730, ListUnitPrice: null, ListCost: null });
    expect(price.unknown.map((fault) => fault.where)).toEqual(['price book us-east-1/nat/gateway']);
  });

  it.each([
    ['too large', { cpuMillicores: 2500 }, 'more than an empty node'],
    ['too many', { cpuMillicores: 1700, minReplicas: 30, maxReplicas: 30 }, 'at maxNodes'],
  ])('reports pods that are %s as unpriced, not as free', (_, changes, reason) => {
    const price = priceEnvironment(smallModel({ ...stated, workloads: [workload({ name: 'giant', ...changes })] }), priceBook);
    expect(price.lines.find((each) => each.ResourceName === 'workload shop/giant')).toMatchObject({ ListCost: null });
    expect(price.unknown).toContainEqual(expect.objectContaining({ where: 'dev.workloads.shop/giant', got: expect.stringContaining(reason) }));
    expect(price.coverage).toBeLessThan(1);
  });

  it('says once how many pods of a workload found no place', () => {
    const full = smallModel({ ...stated, workloads: [workload({ cpuMillicores: 1700, minReplicas: 20, maxReplicas: 60 })] });
    const lines = priceEnvironment(full, priceBook, { replicas: 'maximum' }).lines.filter((each) => each.ResourceName === 'workload shop/web');
    expect(lines.map((each) => each.ChargeDescription)).toEqual(['49 pods that fit on no node']);
  });

  it('counts the pods EKS brings, unless the model has its own', () => {
    const tight = smallModel({
      nodePools: [{ name: 'system', capacity: 'on-demand', instanceTypes: ['m7g.large'], minNodes: 0, maxNodes: 9 }],
      workloads: [workload({ cpuMillicores: 437, minReplicas: 4, maxReplicas: 4 })],
    });
    const free = (name: string) => workload({ namespace: 'kube-system', name, cpuMillicores: 0, memoryMiB: 0, perNode: !['coredns', 'ebs-csi-controller'].includes(name) });
    expect(priceEnvironment(tight, priceBook).nodes[0]?.count).toBe(2); // 4 × 437 fill the 1750 that are left, and CoreDNS wants a place too
    expect(priceEnvironment({ ...tight, workloads: [...tight.workloads, ...EKS_ADD_ONS.map((addOn) => free(addOn.name))] }, priceBook).nodes[0]?.count).toBe(1);
  });

  it('takes replica counts by workload', () => {
    const with20 = priceEnvironment(smallModel(), priceBook, { replicas: new Map([['catalog/catalog', 20]]) });
    expect(with20.monthlyUsd).toBe(priceEnvironment(smallModel(), priceBook, { replicas: 'maximum' }).monthlyUsd);
  });

  it('refuses counts of unknown workloads and counts that are none, all at once', () => {
    const counts = new Map([['catalog/catalogue', 3], ['catalog/catalog', -1], ['cost/cost', 1.5]]);
    expect(() => priceEnvironment(smallModel(), priceBook, { replicas: counts })).toThrow(expect.objectContaining({
      faults: [expect.objectContaining({ got: 'catalog/catalogue' }), expect.objectContaining({ got: '-1' }), expect.objectContaining({ got: '1.5' })],
    }) as FaultError);
  });

  it('refuses a model with contradictions, all at once', () => {
    const broken = smallModel({
      controlPlanes: -1, budgetMonthlyUsd: 0, dataTransferGiB: { nat: NaN },
      nodePools: [{ name: 'a', capacity: 'spot', instanceTypes: [], minNodes: 3, maxNodes: 2 }, { name: 'a', capacity: 'spot', instanceTypes: ['m7g.large'], minNodes: 0, maxNodes: 2 }],
      workloads: [workload({ minReplicas: 3, maxReplicas: 2, pools: ['b'] }), workload({ cpuMillicores: -0.5, typicalReplicas: 7 })],
    });
    expect(() => priceEnvironment(broken, priceBook)).toThrow(expect.objectContaining({
      faults: expect.arrayContaining([
        'controlPlanes', 'dataTransferGiB.nat', 'budgetMonthlyUsd', 'nodePools', 'nodePools.a', 'nodePools.a.instanceTypes',
        'workloads', 'workloads.shop/web', 'workloads.shop/web.pools', 'workloads.shop/web.cpuMillicores', 'workloads.shop/web.typicalReplicas',
      ].map((path) => expect.objectContaining({ where: `dev.${path}` }))),
    }) as FaultError);
  });

  it('is never negative, adds up to its lines, and says how much of it is known', () => {
    fc.assert(fc.property(models, fc.constantFrom('minimum', 'typical', 'maximum'), (model, replicas) => {
      const price = priceEnvironment(model, priceBook, { replicas: replicas as 'minimum' });
      const known = price.lines.flatMap((each) => each.ListCost ?? []);
      expect(known.every((cost) => cost >= 0)).toBe(true);
      expect(price.monthlyUsd).toBe(known.length > 0 ? known.reduce((sum, cost) => sum + Math.round(cost * 1e6), 0) / 1e6 : null);
      expect(price.coverage).toBe(known.length / price.lines.length);
      expect(price.unknown.length > 0).toBe(price.coverage < 1);
      for (const each of price.lines) {
        if (each.ListCost === null) continue;
        expect(each.ListCost).toBe(Math.round(Math.round((each.ListUnitPrice ?? NaN) * 1e6) * (each.PricingQuantity ?? NaN)) / 1e6);
        expect(each.x_PriceSource).not.toBeNull();
      }
    }));
  });

  it('never falls from minimum to typical to maximum replicas', () => {
    fc.assert(fc.property(models, (model) => {
      const [minimum, typical, maximum] = (['minimum', 'typical', 'maximum'] as const).map((replicas) => priceEnvironment(model, priceBook, { replicas }).monthlyUsd ?? 0);
      expect(typical).toBeGreaterThanOrEqual(minimum as number);
      expect(maximum).toBeGreaterThanOrEqual(typical as number);
    }));
  });

  it('never falls as one workload gets more replicas', () => {
    const scaled = models.filter((model) => model.workloads.some((each) => !each.perNode));
    fc.assert(fc.property(scaled, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 10 }), (model, few, more) => {
      const first = model.workloads.find((each) => !each.perNode);
      const cost = (count: number) => {
        const others = model.workloads.filter((each) => !each.perNode).map((each) => [`${each.namespace}/${each.name}`, each.minReplicas] as const);
        return priceEnvironment(model, priceBook, { replicas: new Map([...others, [`${first?.namespace}/${first?.name}`, count]]) }).monthlyUsd ?? 0;
      };
      const from = Math.max(few, first?.minReplicas ?? 0);
      expect(cost(from + more)).toBeGreaterThanOrEqual(cost(from));
    }));
  });
});
