import type { Construct } from 'constructs';
import { DISCOVERY_TAG, PlatformNetwork } from '../components/cloud';
import type { Environment } from '../config';
import { PlatformStack } from './platform-stack';

/** The VPC of an environment. */
export class NetworkStack extends PlatformStack {
  readonly network: PlatformNetwork;

  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'network');
    this.network = new PlatformNetwork(this, 'network', {
      name: this.facts.network.name,
      region: environment.region,
      account: environment.account,
      cidr: environment.network.cidr,
      zones: this.facts.network.zones,
      minZones: environment.network.availabilityZones,
      elsewhere: { 'Services of Kubernetes': this.facts.cluster.serviceCidr },
      nat: environment.network.nat,
      ...(environment.network.interfaceEndpoints ? { interfaceEndpoints: environment.network.interfaceEndpoints } : {}),
      subnetTags: { private: { [DISCOVERY_TAG]: this.facts.cluster.name } },
      flowLogs: { retentionDays: environment.retention.logsDays },
    });
  }
}
