import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cidr, MAX_ZONES, planSubnets, SUBNET_TIERS, SubnetPlan } from '../../../components/cloud';

const vpcs = fc.tuple(fc.integer({ min: 16, max: 22 }), fc.nat()).map(([prefix, seed]) => Cidr.parse('10.0.0.0/8', 'test').part(prefix, seed % 2 ** (prefix - 8)));
const zones = fc.integer({ min: 1, max: MAX_ZONES });
const all = (plan: SubnetPlan) => SUBNET_TIERS.flatMap((tier) => [...plan[tier]]);

describe('a plan of subnets', () => {
  it('has one block per tier and zone, all inside the VPC and none overlapping another', () => {
    fc.assert(fc.property(vpcs, zones, (vpc, count) => {
      const blocks = all(planSubnets(vpc, count));
      expect(blocks).toHaveLength(3 * count);
      expect(blocks.every((block) => vpc.contains(block))).toBe(true);
      expect(blocks.some((block, index) => blocks.slice(index + 1).some((other) => block.overlaps(other)))).toBe(false);
    }));
  });

  it('moves no subnet when a zone is added', () => {
    fc.assert(fc.property(vpcs, fc.integer({ min: 1, max: MAX_ZONES - 1 }), (vpc, count) => {
      const [before, after] = [planSubnets(vpc, count), planSubnets(vpc, count + 1)];
      for (const tier of SUBNET_TIERS) expect(after[tier].slice(0, count).map(String)).toEqual(before[tier].map(String));
    }));
  });

  it('leaves the control plane at least 11 addresses besides the five AWS keeps', () => {
    fc.assert(fc.property(vpcs, zones, (vpc, count) => {
      expect(Math.min(...all(planSubnets(vpc, count)).map((block) => block.size))).toBeGreaterThanOrEqual(16);
    }));
  });

  it('gives three quarters of a /16 to nodes and pods', () => {
    const plan = planSubnets(Cidr.parse('10.10.0.0/16', 'test'), 3);
    expect(plan.private.map(String)).toEqual(['10.10.0.0/18', '10.10.64.0/18', '10.10.128.0/18']);
    expect(plan.public.map(String)).toEqual(['10.10.192.0/20', '10.10.208.0/20', '10.10.224.0/20']);
    expect(plan.intra.map(String)).toEqual(['10.10.240.0/22', '10.10.244.0/22', '10.10.248.0/22']);
  });
});
