import { describe, expect, it } from 'vitest';
import { environment, environments } from '../../config';
import { allocatableOf, instanceTypes } from '../../pricing/instance-types';
import { nodesOf } from '../../rehearsal/nodes';

describe('nodesOf', () => {
  it.each(environments().map((each) => each.name))('gives %s every pool at its most, and room for the second copy where a provisioner would make it', (name) => {
    const { nodePools } = environment(name);
    const nodes = nodesOf(environment(name));
    expect(new Set(nodes.map((node) => node.name)).size).toBe(nodes.length);
    nodePools.forEach((pool) => {
      const provisioned = pool.scaledBy === 'provisioner';
      const members = nodes.filter((node) => node.pool === pool.name);
      expect(members).toHaveLength(provisioned ? pool.maxNodes * 2 : pool.maxNodes);
      const room = allocatableOf(instanceTypes.get(pool.instanceTypes[0]!)!);
      for (const node of members) {
        expect(node).toMatchObject({ ...room, labels: { 'node.kubernetes.io/instance-type': pool.instanceTypes[0], 'tideline.dev/pool': pool.name, 'tideline.dev/capacity': pool.capacity } });
        expect(node.labels!['karpenter.sh/nodepool']).toBe(provisioned ? pool.name : undefined); // by which Karpenter keeps off its own nodes
      }
    });
  });

  it('spreads each pool over the environment’s zones and no others', () => {
    const { region, network, nodePools } = environment('prod');
    for (const pool of nodePools) {
      const zones = nodesOf(environment('prod')).filter((node) => node.pool === pool.name).map((node) => node.zone!);
      const wanted = ['a', 'b', 'c'].slice(0, network.availabilityZones).map((letter) => `${region}${letter}`);
      expect([...new Set(zones)]).toEqual(wanted.slice(0, zones.length));
    }
  });

  it.each([['m7g.large', 'arm64'], ['m7i.large', 'amd64'], ['c6gn.large', 'arm64'], ['g5.xlarge', 'amd64']])('tells what a %s is made of', (type, architecture) => {
    const dev = environment('dev');
    const nodes = nodesOf({ ...dev, nodePools: dev.nodePools.slice(0, 1).map((pool) => ({ ...pool, instanceTypes: [type] })) });
    // Types without a price cannot be used by an environment: then there is nothing to tell.
    if (instanceTypes.has(type)) for (const node of nodes) expect(node.labels?.['kubernetes.io/arch']).toBe(architecture);
    else expect(nodes).toEqual([]);
  });
});
