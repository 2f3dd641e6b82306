import { DataAwsSubnets } from '@cdktf/provider-aws/lib/data-aws-subnets';
import { DataAwsVpc } from '@cdktf/provider-aws/lib/data-aws-vpc';
import { Construct } from 'constructs';
import { SubnetTier, TIER_TAG } from '../components/cloud';
import type { Facts } from '../config/facts';

/** The network another stack made, found in AWS by its decided name and tags. Fails the plan, with a sentence, if it is not as decided. */
export class NetworkLookup extends Construct {
  readonly vpcId: string;
  private readonly found = new Map<SubnetTier, DataAwsSubnets>();

  constructor(scope: Construct, id: string, private readonly network: Facts['network']) {
    super(scope, id);
    this.vpcId = new DataAwsVpc(this, 'Vpc', { tags: { Name: network.name } }).id; // refuses none, and more than one
  }

  /** Ids of a tier's subnets. */
  subnetIds(tier: SubnetTier): string[] {
    const known = this.found.get(tier) ?? new DataAwsSubnets(this, tier, {
      filter: [{ name: 'vpc-id', values: [this.vpcId] }],
      tags: { [TIER_TAG]: tier },
      lifecycle: {
        postcondition: [{ // a list that is too short is no error to AWS
          condition: `\${length(self.ids) == ${this.network.zones.length}}`,
          errorMessage: `${this.network.name} should have ${this.network.zones.length} ${tier} subnets; apply the network stack first.`,
        }],
      },
    });
    this.found.set(tier, known);
    return known.ids;
  }
}
