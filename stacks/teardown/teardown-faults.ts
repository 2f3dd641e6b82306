import { Fault, FaultError, show } from '../../base/faults';
import { appliedBefore, destroyOrder } from './destroy-order';
import { isSought, soughtBy } from './lookups';
import type { TeardownStack } from './read-stacks';
import { GraphNode, ResourceGraph } from './resource-graph';
import { rootFaults } from './root-faults';

/** Stacks with the order between their resources. */
interface Graphed { readonly stack: TeardownStack; readonly graph: ResourceGraph }

/** Resources that hold a network interface in a subnet: until they are gone the subnet cannot go. */
const IN_SUBNETS = ['aws_eks_cluster', 'aws_eks_node_group', 'aws_nat_gateway', 'aws_db_instance', 'aws_rds_cluster', 'aws_elasticache_replication_group', 'aws_lb', 'aws_efs_mount_target', 'aws_instance'];

/** What a type of resource needs for as long as it is there, besides what it names: types of which it has to reach one. */
const KEPT_BY: Readonly<Record<string, readonly { readonly types: readonly string[]; readonly because: string }[]>> = {
  aws_nat_gateway: [{ types: ['aws_internet_gateway'], because: 'a gateway with public addresses in use cannot be detached' }],
  aws_eks_node_group: [{ types: ['aws_eks_cluster'], because: 'a cluster with node groups cannot be deleted' }],
  aws_eks_addon: [{ types: ['aws_eks_cluster'], because: 'an add-on is of a cluster' }],
  aws_eks_access_entry: [{ types: ['aws_eks_cluster'], because: 'access is to a cluster' }],
};

/** Resources through which a controller on the cluster may act in AWS. While it has something to remove they have to be there. */
const OF_CONTROLLERS = ['aws_eks_cluster', 'aws_eks_node_group', 'aws_eks_addon', 'aws_eks_access_entry', 'aws_eks_pod_identity_association', 'aws_sqs_queue', 'aws_route_table', 'aws_nat_gateway', 'aws_vpc_endpoint'];

/**
 * Proves that stacks can be taken down in their declared order without leaving behind what only a program on the cluster can remove, and without being stopped by it:
 * nothing that a Kubernetes controller makes (load balancers, interfaces, volumes, nodes) outlives what it or the controller needs.
 *
 * Of what is seen here only: that the controllers do their part is not proven.
 */
export function teardownFaults(stacks: readonly TeardownStack[]): Fault[] {
  try {
    destroyOrder(stacks);
  } catch (error) {
    if (error instanceof FaultError) return [...error.faults];
    throw error;
  }
  const graphed = stacks.map((stack): Graphed => ({ stack, graph: new ResourceGraph(stack.json) }));
  return [
    ...lookupFaults(graphed),
    ...graphed.flatMap((each) => [...permissionFaults(each), ...subnetFaults(each), ...keptFaults(each), ...networkPluginFaults(each), ...rootFaults(each.stack.name, each.graph)]),
    ...clusterUserFaults(graphed),
  ];
}

/** What a stack looks for in AWS is made by a stack that is destroyed after it. */
function lookupFaults(graphed: readonly Graphed[]): Fault[] {
  const all = graphed.map(({ stack }) => stack);
  return graphed.flatMap(({ stack, graph }) => graph.all().filter((node) => !node.managed && node.address.startsWith('data.')).flatMap((node): Fault[] => {
    const where = `${stack.name} ${node.address}`;
    const sought = soughtBy(node);
    if (sought === 'nobody') return [];
    if (sought === undefined) {
      return [{ where, got: 'a data source of which it is not known what it looks for', allowed: 'those in stacks/teardown/lookups.ts', do: 'add it there: whose resource it finds, and by what' }];
    }
    const makers = graphed.filter((each) => each.graph.managed(sought.resource).some((resource) => isSought(resource, sought))).map((each) => each.stack.name);
    if (makers.length === 0) return [{ where, got: `${sought.resource} ${show(sought.by)}, which no stack makes`, allowed: 'what a stack of the environment makes', do: 'correct the name, or make it' }];
    const before = appliedBefore(all, stack.name);
    return makers.filter((maker) => maker !== stack.name && !before.has(maker)).map((maker): Fault => ({
      where, got: `${sought.resource} ${show(sought.by)} of ${maker}, which may be destroyed first`, allowed: 'what a stack makes that this one is applied after', do: `let ${stack.name} depend on ${maker}`,
    }));
  }));
}

/** A role keeps its permissions as long as something works with it: a node that may no longer talk to EC2 leaves its interfaces behind. */
function permissionFaults({ stack, graph }: Graphed): Fault[] {
  const users = graph.managed('aws_eks_cluster', 'aws_eks_node_group', 'aws_eks_addon', 'aws_flow_log', 'aws_lambda_function', 'aws_grafana_workspace');
  return users.flatMap((user) => {
    const roles = [...user.needs].map((address) => graph.managed('aws_iam_role').find((role) => role.address === address)).filter((role) => role !== undefined);
    return roles.flatMap((role) => graph.managed('aws_iam_role_policy', 'aws_iam_role_policy_attachment').filter((policy) => policy.needs.has(role.address) && !graph.goesBefore(user, policy))
      .map((policy): Fault => ({
        where: `${stack.name} ${user.address}`, got: `${policy.address}, which may be destroyed before it`, allowed: 'permissions that outlive what works with them', do: `let ${user.address} depend on it`,
      })));
  });
}

/** What stands in subnets names them, or finds them: else Terraform, or the order of stacks, may remove a subnet under it. */
function subnetFaults({ stack, graph }: Graphed): Fault[] {
  return graph.managed(...IN_SUBNETS).filter((node) => !graph.needsOf(node).some(({ type }) => type === 'aws_subnet' || type === 'aws_subnets')).map((node): Fault => ({
    where: `${stack.name} ${node.address}`, got: 'subnets that it neither makes nor looks for', allowed: 'subnets by reference or by lookup', do: 'find them with NetworkLookup, so that their stack is destroyed after this one',
  }));
}

function keptFaults({ stack, graph }: Graphed): Fault[] {
  return Object.entries(KEPT_BY).flatMap(([type, needs]) => graph.managed(type).flatMap((node) => needs.filter(({ types }) => {
    return graph.managed(...types).some((kept) => !graph.goesBefore(node, kept)) && !graph.needsOf(node).some((each) => types.includes(each.type));
  }).map(({ types, because }): Fault => ({
    where: `${stack.name} ${node.address}`, got: `${types.join(' or ')} that may be destroyed before it`, allowed: `it first: ${because}`, do: 'let it depend on that',
  }))));
}

/** The network plugin and its permissions outlive the nodes: it removes the interfaces of pods, and nobody else does. */
function networkPluginFaults({ stack, graph }: Graphed): Fault[] {
  const plugins = graph.managed('aws_eks_addon').filter((node) => node.block.addon_name === 'vpc-cni');
  return graph.managed('aws_eks_node_group').flatMap((group) => plugins.filter((plugin) => !graph.goesBefore(group, plugin)).map((plugin): Fault => ({
    where: `${stack.name} ${group.address}`, got: `${plugin.address}, which may be destroyed before it`, allowed: 'nodes that go before the network plugin', do: 'let the node group depend on the add-on',
  })));
}

/** What deploys to the cluster goes before everything that programs on the cluster work with, in whatever stack that is. */
function clusterUserFaults(graphed: readonly Graphed[]): Fault[] {
  const all = graphed.map(({ stack }) => stack);
  const users = graphed.filter(({ graph }) => graph.managed().some(isOnCluster));
  return users.flatMap(({ stack: user }) => {
    const before = appliedBefore(all, user.name);
    const others = graphed.filter(({ stack }) => stack !== user && !before.has(stack.name));
    return others.flatMap(({ stack, graph }) => graph.managed(...OF_CONTROLLERS).slice(0, 1).map((node): Fault => ({
      where: user.name, got: `${node.address} of ${stack.name}, which may be destroyed first`, allowed: 'what programs on the cluster work with, until they have removed what they made', do: `let ${user.name} depend on ${stack.name}`,
    })));
  });
}

function isOnCluster(node: GraphNode): boolean {
  return node.type.startsWith('helm_') || node.type.startsWith('kubernetes_');
}
