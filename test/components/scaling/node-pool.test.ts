import { describe, expect, it } from 'vitest';
import { AutoModeNodeClass, Ec2NodeClass, NodePool, NodePoolProps } from '../../../components';
import { sampleOwnership } from '../../support/sample-service';
import { objectOf, synthChart } from '../../support/synth';

const SPOT = { name: 'burst', capacity: 'spot', instanceTypes: ['m7g.large', 'm6g.large'], maxNodes: 8 } as const;
const CLASS = { name: 'shore', role: 'shore-node', subnetTags: { cluster: 'shore' }, securityGroupTags: { cluster: 'shore' }, ...sampleOwnership };
type Given = Partial<Omit<NodePoolProps, 'nodeClass'>>;

function pool(given: Given = {}, on: 'karpenter' | 'auto-mode' = 'karpenter') {
  const objects = synthChart((chart) => {
    const nodeClass = on === 'karpenter' ? new Ec2NodeClass(chart, 'class', { ...CLASS, image: { family: 'al2023', release: 'v20260714' } }) : new AutoModeNodeClass(chart, 'class', CLASS);
    new NodePool(chart, 'pool', { ...SPOT, ...sampleOwnership, ...given, nodeClass });
  });
  return objectOf(objects, 'NodePool');
}

describe('a node pool', () => {
  it('asks for nodes of its types, capacity and architecture, and for no more than it may have', () => {
    const { spec } = pool();
    const wanted = Object.fromEntries((spec.template.spec.requirements as { key: string; values: string[] }[]).map(({ key, values }) => [key, values]));
    expect(wanted).toEqual({
      'karpenter.sh/capacity-type': ['spot'], 'kubernetes.io/arch': ['arm64'], 'kubernetes.io/os': ['linux'], 'node.kubernetes.io/instance-type': ['m7g.large', 'm6g.large'],
    });
    expect(spec.limits).toEqual({ nodes: '8' });
    expect(pool({ instanceTypes: ['m7i.large', 'c7i.large'] }).spec.template.spec.requirements[1]).toMatchObject({ values: ['amd64'] });
  });

  it('labels its nodes as node groups label theirs', () => {
    expect(pool({ labels: { team: 'crew' } }).spec.template.metadata.labels).toEqual({ 'tideline.dev/pool': 'burst', 'tideline.dev/capacity': 'spot', team: 'crew' });
  });

  it('is slow to give nodes up, and gives up few at once', () => {
    const { disruption, template } = pool().spec;
    expect(disruption).toEqual({
      consolidationPolicy: 'Balanced', consolidateAfter: '10m', budgets: [{ nodes: '50%', reasons: ['Empty'] }, { nodes: '10%', reasons: ['Underutilized', 'Drifted'] }],
    });
    expect(template.spec).toMatchObject({ expireAfter: '720h', terminationGracePeriod: '24h', nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'shore' } });
  });

  it('does all of it otherwise if asked', () => {
    const { spec } = pool({
      weight: 20, consolidationPolicy: 'WhenEmpty', consolidateAfter: 'Never', expireAfter: 'Never', terminationGracePeriod: '1h30m', budgets: [{ nodes: '0', schedule: '0 8 * * mon-fri', duration: '10h' }],
      taints: [{ key: 'gpu', effect: 'NoSchedule' }], startupTaints: [{ key: 'not-ready', value: 'yes', effect: 'NoExecute' }],
      transform: (given) => ({ ...given, limits: { cpu: '100' } }),
    });
    expect(spec).toMatchObject({ weight: 20, limits: { cpu: '100' }, disruption: { consolidationPolicy: 'WhenEmpty', consolidateAfter: 'Never', budgets: [{ nodes: '0', schedule: '0 8 * * mon-fri', duration: '10h' }] } });
    expect(spec.template.spec).toMatchObject({ expireAfter: 'Never', terminationGracePeriod: '1h30m', taints: [{ key: 'gpu', effect: 'NoSchedule' }], startupTaints: [{ key: 'not-ready', value: 'yes', effect: 'NoExecute' }] });
  });

  it('lives as Auto Mode lets it there', () => {
    const { spec } = pool({}, 'auto-mode');
    expect(spec.template.spec).toMatchObject({ nodeClassRef: { group: 'eks.amazonaws.com', kind: 'NodeClass', name: 'shore' }, expireAfter: '336h' });
    expect(spec.disruption.consolidationPolicy).toBe('WhenEmptyOrUnderutilized');
    expect(() => pool({ expireAfter: '720h' }, 'auto-mode')).toThrow(/expireAfter\] got: "720h and 24h to go"; allowed: together at most 504h on Auto Mode/);
    expect(() => pool({ expireAfter: 'Never' }, 'auto-mode')).toThrow(/504h/);
    expect(() => pool({ expireAfter: '480h' }, 'auto-mode')).not.toThrow();
  });

  it.each<[string, Given, RegExp]>([
    ['a spot pool of one type', { instanceTypes: ['m7g.large'] }, /instanceTypes\] got: \["m7g.large"\]; allowed: at least 2 different/],
    ['a type twice', { instanceTypes: ['m7g.large', 'm6g.large', 'm7g.large'] }, /each once/],
    ['mixed architectures', { instanceTypes: ['m7g.large', 'm7i.large'] }, /one processor architecture; do: make a pool per architecture/],
    ['a capacity nobody sells', { capacity: 'reserved' as 'spot' }, /capacity\] got: "reserved"/],
    ['no end of nodes', { maxNodes: Infinity }, /maxNodes\] got: Infinity; allowed: a whole number from 1 to 500/],
    ['a weight that is too large', { weight: 101 }, /weight\] got: 101/],
    ['a name that is none', { name: 'Burst!' }, /name\] got: "Burst!"/],
    ['a duration that is none', { consolidateAfter: '10 minutes' }, /consolidateAfter\] got: "10 minutes"; allowed: hours, minutes and seconds/],
    ['a node that never goes', { terminationGracePeriod: 'Never' }, /terminationGracePeriod\] got: "Never"; allowed: hours, minutes and seconds such as 24h;/],
    ['a budget that is none', { budgets: [{ nodes: '110%' }] }, /budgets\[0\].nodes\] got: "110%"/],
    ['a budget that begins and does not end', { budgets: [{ nodes: '0', schedule: '@daily' }] }, /budgets\[0\]\].*schedule and duration together/],
    ['a budget by the second', { budgets: [{ nodes: '0', schedule: '@daily', duration: '30s' }] }, /budgets\[0\].duration\] got: "30s"/],
  ])('refuses %s', (_, given, message) => {
    expect(() => pool(given)).toThrow(message);
  });

  it('names every fault at once', () => {
    expect(() => pool({ name: '', maxNodes: 0, weight: -1 })).toThrow(/name\][^]*maxNodes\][^]*weight\]/);
  });
});
