import { describe, expect, it } from 'vitest';
import { formatFault } from '../../../base/faults';
import { environments } from '../../../config';
import { destroyOrder, ResourceGraph, teardownFaults, TeardownStack } from '../../../stacks/teardown';
import type { Block } from '../../support/synth-stack';
import { synthesizedStacks } from './support';

const all = synthesizedStacks();
const prod = all.prod!;

type Blocks = Record<string, Record<string, Block>>;
interface Editable { readonly name: string; dependsOn: string[]; readonly json: { resource: Blocks; data: Blocks } }

/** Production with one thing broken. */
function broken(change: (stacks: Record<string, Editable>) => void): string {
  const stacks = structuredClone(prod) as unknown as Editable[];
  change(Object.fromEntries(stacks.map((stack) => [stack.name.slice('prod-'.length), stack])));
  return teardownFaults(stacks as unknown as TeardownStack[]).map(formatFault).join('\n');
}

const each = (blocks: Record<string, Block> | undefined, change: (block: Block) => void) => Object.values(blocks ?? {}).forEach(change);
const root = (stacks: { json: { resource: Record<string, Record<string, Block>> } }) => stacks.json.resource.helm_release!['application-prod-root']!;

describe.each(environments().map(({ name }) => name))('%s', (name) => {
  const stacks = all[name]!;

  it('can be taken down with nothing left that only a program on the cluster could remove', () => {
    expect(teardownFaults(stacks).map(formatFault)).toEqual([]);
  });

  it('loses its cluster\'s users first, then the cluster, then the network, and what holds the states last', () => {
    const order = destroyOrder(stacks).map((stack) => stack.slice(name.length + 1));
    expect(order[0]).toBe('bootstrap');
    expect(order.slice(-3)).toEqual(['cluster', 'network', 'foundation']);
  });

  it('loses in bootstrap the root Application first, then its project, then Argo CD, then its namespace', () => {
    const order = new ResourceGraph(stacks.find((stack) => stack.name === `${name}-bootstrap`)!.json).destroyOrder();
    const at = (address: string) => order.indexOf(address);
    expect(at(`helm_release.application-${name}-root`)).toBe(0);
    expect(at(`helm_release.appproject-${name}`)).toBe(1);
    expect(at('helm_release.argocd')).toBeGreaterThan(1);
    expect(at('kubernetes_namespace_v1.namespace')).toBe(order.length - 1);
  });

  it('loses in every stack each resource before what it needs', () => {
    for (const stack of stacks) {
      const graph = new ResourceGraph(stack.json);
      const order = graph.destroyOrder();
      expect(order).toHaveLength(graph.managed().length);
      for (const node of graph.managed()) {
        for (const need of graph.needsOf(node).filter(({ managed }) => managed)) expect(order.indexOf(node.address)).toBeLessThan(order.indexOf(need.address));
      }
    }
  });

  it('loses nodes before the permissions and the network plugin they work with', () => {
    const graph = new ResourceGraph(stacks.find((stack) => stack.name === `${name}-cluster`)!.json);
    const groups = graph.managed('aws_eks_node_group');
    expect(groups.length).toBeGreaterThan(0);
    for (const group of groups) {
      const later = graph.needsOf(group).map((node) => (node.type === 'aws_eks_addon' ? node.block.addon_name : node.block.policy_arn));
      expect(later).toEqual(expect.arrayContaining(['vpc-cni', 'arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy', 'arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy']));
    }
  });
});

describe('an environment of another kind', () => {
  it.each([
    ['of Auto Mode', { nodeProvisioner: 'auto-mode' as const }],
    ['without database, cache and bills', { data: { billingExport: false } }],
    ['with everything AWS has to show metrics', { observability: { managedPrometheus: true, managedGrafana: true } }],
  ])('%s can be taken down too', (_, change) => {
    for (const stacks of Object.values(synthesizedStacks((environment) => ({ ...environment, ...change })))) expect(teardownFaults(stacks).map(formatFault)).toEqual([]);
  });
});

describe('what cannot be taken down is found', () => {
  it('a stack that finds what a later stack would remove first', () => {
    const said = broken(({ cluster }) => { cluster!.dependsOn = []; });
    expect(said).toMatch(/\[prod-cluster data\.aws_vpc\..*\] got: aws_vpc "tideline-prod" of prod-network, which may be destroyed first; allowed: .*do: let prod-cluster depend on prod-network/);
    expect(said).toContain('data.aws_subnets');
  });

  it('stacks that wait for each other', () => {
    expect(broken(({ network }) => { network!.dependsOn = ['prod-bootstrap']; })).toMatch(/got: they wait for each other; .*do: remove the dependency that points from an earlier stack to a later one/);
  });

  it('deployments that outlive what controllers work with', () => {
    const said = broken(({ bootstrap }) => { bootstrap!.dependsOn = ['prod-network']; });
    expect(said).toMatch(/\[prod-bootstrap\] got: aws_eks_\w+\..* of prod-cluster, which may be destroyed first; allowed: what programs on the cluster work with/);
  });

  it('workloads\' roles that go before the workloads', () => {
    const said = broken(({ bootstrap, identity }) => {
      bootstrap!.dependsOn = ['prod-data', 'prod-cluster', 'prod-network'];
      identity!.json.resource = { aws_eks_pod_identity_association: { controller: { cluster_name: 'tideline-prod', namespace: 'kube-system', service_account: 'controller', role_arn: 'x' } } };
    });
    expect(said).toContain('[prod-bootstrap] got: aws_eks_pod_identity_association.controller of prod-identity, which may be destroyed first');
  });

  it('nodes that outlive their permissions, and the network plugin', () => {
    const said = broken(({ cluster }) => each(cluster!.json.resource.aws_eks_node_group, (group) => { group.depends_on = []; }));
    expect(said).toMatch(/aws_eks_node_group\..*\] got: aws_iam_role_policy_attachment\..*AmazonEKSWorkerNodePolicy.*, which may be destroyed before it; .*do: let aws_eks_node_group/);
    expect(said).toMatch(/aws_eks_node_group\..*\] got: aws_eks_addon\..*vpc-cni.*allowed: nodes that go before the network plugin/);
  });

  it('a cluster that outlives the permissions of its control plane', () => {
    expect(broken(({ cluster }) => each(cluster!.json.resource.aws_eks_cluster, (block) => { block.depends_on = []; }))).toMatch(/aws_eks_cluster\..*got: aws_iam_role_policy_attachment\..*AmazonEKSClusterPolicy/);
  });

  it('an interface in a subnet that nothing holds', () => {
    const said = broken(({ data }) => {
      data!.json.resource = { ...data!.json.resource, aws_db_instance: { lone: { identifier: 'lone', db_subnet_group_name: 'made-by-hand' } } };
    });
    expect(said).toMatch(/\[prod-data aws_db_instance\.lone\] got: subnets that it neither makes nor looks for; allowed: .*do: find them with NetworkLookup/);
  });

  it('a NAT gateway that outlives the internet gateway', () => {
    const said = broken(({ network }) => each(network!.json.resource.aws_nat_gateway, (gateway) => { delete gateway.depends_on; }));
    expect(said).toMatch(/aws_nat_gateway\..*got: aws_internet_gateway that may be destroyed before it; allowed: it first: a gateway with public addresses in use cannot be detached/);
  });

  it.each([
    ['without its finalizer', (block: Block) => { block.values = [(block.values[0] as string).replace('resources-finalizer.argocd.argoproj.io', 'example.com/other')]; }, /got: finalizers \["example.com\/other"\]; allowed: resources-finalizer/],
    ['that nobody waits for', (block: Block) => { block.wait = false; }, /got: wait: false; allowed: true/],
    ['that is given a minute', (block: Block) => { block.timeout = 60; }, /got: timeout: 60 s; allowed: at least 900 s/],
    ['that may outlive Argo CD', (block: Block) => { block.depends_on = ['kubernetes_secret_v1.facts']; }, /application-prod-root\] got: helm_release\.argocd, which may be destroyed before it; allowed: the root Application first/],
  ])('a root Application %s', (_, change, message) => {
    expect(broken(({ bootstrap }) => change(root(bootstrap!)))).toMatch(message);
  });

  it('a root Application away from its Argo CD', () => {
    expect(broken(({ bootstrap }) => { bootstrap!.json.resource.helm_release!.argocd!.chart = 'other'; })).toMatch(/got: no Argo CD in its stack/);
  });

  it('a lookup of what no stack makes, and one of which nothing is known', () => {
    const said = broken(({ bootstrap }) => { bootstrap!.json.data = { ...bootstrap!.json.data, aws_sqs_queue: { lost: { name: 'lost' } }, aws_unheard_of: { x: {} } }; });
    expect(said).toMatch(/data\.aws_sqs_queue\.lost\] got: aws_sqs_queue "lost", which no stack makes/);
    expect(said).toMatch(/data\.aws_unheard_of\.x\] got: a data source of which it is not known what it looks for; .*do: add it there/);
  });
});
