import type { Construct } from 'constructs';
import { EksCluster } from '../components/cloud';
import type { Environment } from '../config';
import { NetworkLookup } from './network-lookup';
import { PlatformStack } from './platform-stack';

/** The EKS cluster of an environment: control plane in the intra subnets, nodes in the private ones. */
export class ClusterStack extends PlatformStack {
  readonly cluster: EksCluster;

  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'cluster');
    const network = new NetworkLookup(this, 'network', this.facts.network);
    this.cluster = new EksCluster(this, 'cluster', {
      name: this.facts.cluster.name,
      version: environment.kubernetes.version,
      vpcId: network.vpcId,
      controlPlaneSubnetIds: network.subnetIds('intra'),
      nodeSubnetIds: network.subnetIds('private'),
      publicAccessCidrs: environment.kubernetes.publicAccessCidrs,
      privateAccessCidrs: [environment.network.cidr],
      administrators: [this.facts.deployRoleArn],
      pools: environment.nodePools,
      logRetentionDays: environment.retention.logsDays,
      instanceTags: this.ownershipTags,
    });
  }
}
