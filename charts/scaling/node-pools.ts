import { AutoModeNodeClass, Ec2NodeClass, NodeClassProps, NodePool } from '../../components';
import { Environment, nodeImage } from '../../config';
import { factsOf } from '../../config/facts';
import { ApplicationSpec, ownershipOf } from '../context';

/** The class of every pool: pools differ in what they are bought as, not in what they are made of. */
const CLASS = 'tideline';

/** Whether a provisioner, ours or EKS's, starts nodes in an environment. */
export function hasProvisionedPools({ nodePools }: Environment): boolean {
  return nodePools.some(({ scaledBy }) => scaledBy === 'provisioner');
}

/** The pools that a provisioner scales, the first the one that is filled first. */
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
    const pools = environment.nodePools.filter(({ scaledBy }) => scaledBy === 'provisioner');
    pools.forEach(({ name, capacity, instanceTypes, maxNodes }, index) => new NodePool(chart, `pool-${name}`, {
      ...ownership, name, capacity, instanceTypes, maxNodes, nodeClass, weight: Math.max(1, 100 - index * 10),
    }));
  },
};
