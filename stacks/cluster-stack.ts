import type { Construct } from 'constructs';
import { EksCluster, SpotNodePools } from '../components/cloud';
import { Environment, survivesZones } from '../config';
import { NetworkLookup } from './network-lookup';
import { PlatformStack } from './platform-stack';

/** The EKS cluster of an environment: control plane in the intra subnets, nodes in the private ones. */
export class ClusterStack extends PlatformStack {
  readonly cluster: EksCluster;
  /** What Karpenter needs; Auto Mode brings its own. */
  readonly spotNodePools?: SpotNodePools;

  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'cluster');
    const network = new NetworkLookup(this, 'network', this.facts.network);
    this.cluster = new EksCluster(this, 'cluster', {
      name: this.facts.cluster.name,
      region: environment.region,
      account: environment.account,
      version: environment.kubernetes.version,
      ...(environment.kubernetes.upgradedFrom ? { upgradedFrom: environment.kubernetes.upgradedFrom } : {}),
      serviceCidr: this.facts.cluster.serviceCidr,
      vpcId: network.vpcId,
      controlPlaneSubnetIds: network.subnetIds('intra'),
      nodeSubnetIds: network.subnetIds('private'),
      publicAccessCidrs: environment.kubernetes.publicAccessCidrs,
      privateAccessCidrs: [environment.network.cidr],
      administrators: [this.facts.deployRoleArn],
      access: [{ role: this.facts.planRoleArn, as: 'view' }, ...(environment.kubernetes.access ?? [])], // the plan role sees no Secrets: pull requests use it
      pools: environment.nodePools.filter(({ scaledBy }) => scaledBy === 'node-group'),
      logRetentionDays: environment.retention.logsDays,
      instanceTags: this.ownershipTags,
      zonalShift: survivesZones(environment),
      deletionProtection: environment.protect,
      ...(environment.nodeProvisioner === 'auto-mode' ? { autoMode: { nodeRoleName: this.facts.provisioner.nodeRole } } : {}),
    });
    const provisioned = environment.nodePools.filter(({ scaledBy }) => scaledBy === 'provisioner');
    if (environment.nodeProvisioner === 'karpenter' && provisioned.length > 0) {
      const { namespace, serviceAccount, role, nodeRole } = this.facts.provisioner;
      this.spotNodePools = new SpotNodePools(this, 'node-pools', {
        clusterName: this.facts.cluster.name, region: environment.region, account: environment.account, pools: provisioned, queueName: this.facts.interruptions.queue,
        serviceAccount: { namespace, name: serviceAccount }, roleName: role, nodeRoleName: nodeRole, zonalShift: survivesZones(environment), dependsOn: [this.cluster.cluster],
      });
    }
  }
}
