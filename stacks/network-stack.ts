import type { Construct } from 'constructs';
import { PlatformNetwork } from '../components/cloud';
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
      cidr: environment.network.cidr,
      zones: this.facts.network.zones,
      nat: environment.network.nat,
      flowLogs: { retentionDays: environment.retention.logsDays },
    });
  }
}
