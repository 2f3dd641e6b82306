import type { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { AutoModeNodeClass, Ec2NodeClass, NodeClassProps, NodePool, ownerLabels, Ownership } from '../../components';
import { Environment, nodeImage, NodePool as Pool } from '../../config';
import { factsOf } from '../../config/facts';
import { ApplicationSpec, ownershipOf } from '../context';

/** The class of every pool: pools differ in what they are bought as, not in what they are made of. */
const CLASS = 'tideline';

/** Whether a provisioner, ours or EKS's, starts nodes in an environment. */
export function hasProvisionedPools({ nodePools }: Environment): boolean {
  return nodePools.some(({ scaledBy }) => scaledBy === 'provisioner');
}

/**
 * Auto Mode accepts NetworkPolicies and does nothing about them until this says so. Beside node groups the network plugin's add-on, which has the object under its care, says it.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
 */
function enforceNetworkPolicies(chart: Chart, ownership: Ownership): void {
  new k8s.KubeConfigMap(chart, 'network-policies', {
    metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system', labels: ownerLabels(ownership) }, data: { 'enable-network-policy-controller': 'true' },
  });
}

/** The pools that a provisioner scales, as they are filled: what is cheaper first, which prices assume too; on-demand stands in where spot has run dry. */
function inOrder({ nodePools }: Environment): readonly Pool[] {
  const provisioned = nodePools.filter(({ scaledBy }) => scaledBy === 'provisioner');
  return [...provisioned.filter(({ capacity }) => capacity === 'spot'), ...provisioned.filter(({ capacity }) => capacity === 'on-demand')];
}

/** The pools that a provisioner scales. */
export const nodePools: ApplicationSpec = {
  name: 'node-pools',
  on: hasProvisionedPools,
  build: (chart, environment) => {
    const { cluster, provisioner } = factsOf(environment);
    const ownership = ownershipOf(environment, environment.owner);
    const auto = environment.nodeProvisioner === 'auto-mode';
    const shared: NodeClassProps = {
      ...ownership,
      name: CLASS,
      role: provisioner.nodeRole, // never that of node groups: EKS has let those in as another kind of node
      subnetTags: { 'karpenter.sh/discovery': cluster.name },
      securityGroupTags: { 'aws:eks:cluster-name': cluster.name }, // EKS's own group of the cluster: nobody else can set such a tag
    };
    const nodeClass = auto ? new AutoModeNodeClass(chart, 'class', shared) : new Ec2NodeClass(chart, 'class', { ...shared, image: nodeImage });
    if (auto && !environment.nodePools.some(({ scaledBy }) => scaledBy === 'node-group')) enforceNetworkPolicies(chart, ownership);
    inOrder(environment).forEach(({ name, capacity, instanceTypes, maxNodes }, index) => new NodePool(chart, `pool-${name}`, {
      ...ownership, name, capacity, instanceTypes, maxNodes, nodeClass, weight: Math.max(1, 100 - index * 10),
    }));
  },
};
