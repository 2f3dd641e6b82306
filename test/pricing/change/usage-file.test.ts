import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { checkUsage, factsWith, parseUsage, resourceUsageOf, withTypicalReplicas } from '../../../pricing/change/usage-file';
import { smallModel } from '../models';

const USAGE = parseUsage('usage.yaml', `
resources:
  byType: { aws_nat_gateway: { dataGiB: 100 }, aws_cloudwatch_log_group: { ingestedGiB: 3 } }
  byAddress:
    aws_nat_gateway.a: { dataGiB: 5 }
    dev-network/aws_nat_gateway.a: { dataGiB: 7 }
environments:
  prod:
    resources: { byType: { aws_nat_gateway: { dataGiB: 900 } } }
    dataTransferGiB: { internetOut: 50 }
    loadBalancerCapacityUnits: 2
    typicalReplicas: { catalog/catalog: 9 }
`);

describe('a usage file', () => {
  it('says less of all environments than of one, and less of an address than of it in a stack', () => {
    expect(resourceUsageOf(USAGE, 'dev', 'dev-network')).toEqual({
      byType: { aws_nat_gateway: { dataGiB: 100 }, aws_cloudwatch_log_group: { ingestedGiB: 3 } }, byAddress: { 'aws_nat_gateway.a': { dataGiB: 7 } },
    });
    expect(resourceUsageOf(USAGE, 'prod', 'prod-network')).toEqual({
      byType: { aws_nat_gateway: { dataGiB: 900 }, aws_cloudwatch_log_group: { ingestedGiB: 3 } }, byAddress: { 'aws_nat_gateway.a': { dataGiB: 5 } },
    });
  });

  it('adds to the facts of its environment only', () => {
    const facts = { ...smallModel(), name: 'prod' };
    expect(factsWith(USAGE, 'prod', facts)).toMatchObject({ dataTransferGiB: { internetOut: 50 }, loadBalancerCapacityUnits: 2 });
    expect(factsWith(USAGE, 'dev', facts)).toBe(facts);
    expect(factsWith(USAGE, 'nowhere', undefined)).toBeUndefined();
  });

  it('can state the facts of an environment whose manifests state none', () => {
    const usage = parseUsage('u.json', JSON.stringify({ environments: { shop: { facts: { region: 'eu-west-1', budgetMonthlyUsd: 100, nodePools: [{ name: 'a', capacity: 'spot', instanceTypes: ['m7g.large'], minNodes: 0, maxNodes: 5 }] } } } }));
    expect(factsWith(usage, 'shop', undefined)).toMatchObject({ name: 'shop', region: 'eu-west-1', controlPlanes: 0, natGateways: 0, dataTransferGiB: {} });
  });

  it('keeps typical replicas between the limits, which may be what a change changes', () => {
    const typical = (minReplicas: number, maxReplicas: number) => withTypicalReplicas({ ...smallModel(), name: 'prod', workloads: [{ ...smallModel().workloads[0]!, minReplicas, maxReplicas }] }, USAGE).workloads[0]?.typicalReplicas;
    expect([typical(2, 20), typical(2, 6), typical(12, 20)]).toEqual([9, 6, 12]);
  });

  it.each([
    ['resource: {}', 'usage.yaml.resource'], ['resources: { byType: { aws_nat_gateway: { dataGiB: -1 } } }', 'usage.yaml.resources.byType.aws_nat_gateway.dataGiB'],
    ['environments: { dev: { dataTransferGiB: { nat: 5 } } }', 'usage.yaml.environments.dev.dataTransferGiB.nat'], ['a: [', 'usage.yaml'], ['- 1', 'usage.yaml'],
  ])('refuses "%s", naming where', (text, where) => {
    expect(() => parseUsage('usage.yaml', text)).toThrow(FaultError);
    expect(() => parseUsage('usage.yaml', text)).toThrow(`[${where}]`);
  });

  it('refuses what it states of things there are none of', () => {
    const known = { environments: ['dev', 'prod'], workloads: new Map([['prod', new Set(['catalog/catalog'])]]), addresses: new Set(['aws_nat_gateway.a', 'dev-network/aws_nat_gateway.a']) };
    expect(() => checkUsage('usage.yaml', USAGE, known)).not.toThrow();
    const faults = (more: Partial<typeof known>) => {
      try {
        checkUsage('usage.yaml', USAGE, { ...known, ...more });
        return [];
      } catch (error) {
        return (error as FaultError).faults.map(({ where, got }) => [where, got]);
      }
    };
    expect(faults({ environments: ['dev'] })).toEqual([['usage.yaml.environments.prod', 'prod']]);
    expect(faults({ workloads: new Map([['prod', new Set(['shop/cart'])]]), addresses: new Set() })).toEqual([
      ['usage.yaml.environments.prod.typicalReplicas', 'catalog/catalog'], ['usage.yaml: byAddress', 'aws_nat_gateway.a'], ['usage.yaml: byAddress', 'dev-network/aws_nat_gateway.a'],
    ]);
  });
});
