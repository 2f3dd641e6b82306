import { DefaultNetworkAcl } from '@cdktf/provider-aws/lib/default-network-acl';
import { NetworkAcl } from '@cdktf/provider-aws/lib/network-acl';
import { NetworkAclRule, NetworkAclRuleConfig } from '@cdktf/provider-aws/lib/network-acl-rule';
import { Construct } from 'constructs';
import { exempt } from './exempt';
import { SUBNET_TIERS, SubnetTier } from './subnet-plan';

const ANYWHERE = '0.0.0.0/0';

/** What passes, without direction and tier. */
interface Pass extends Pick<NetworkAclRuleConfig, 'protocol' | 'cidrBlock' | 'fromPort' | 'toPort' | 'icmpType' | 'icmpCode'> {
  /** Rules of a scanner that it breaks on the way in, and why. @default - none */
  readonly inwardExempt?: Readonly<Record<string, string>>;
}

/** Props of {@link TierAcls}. */
export interface TierAclsProps {
  /** Prefix of the lists' names. */
  readonly name: string;
  readonly vpcId: string;
  readonly defaultNetworkAclId: string;
  /** Block of the VPC. */
  readonly cidr: string;
  /** Blocks outside the VPC that are routed to it. */
  readonly connectedCidrs: readonly string[];
  readonly subnetIds: Readonly<Record<SubnetTier, readonly string[]>>;
}

/**
 * A network access list for each tier, and a default list that lets nothing pass.
 *
 * Lists know no connections, so answers must be let in by their ports. They are the coarse sieve in front of security groups: no SSH and no RDP from the internet to nodes
 * whatever a group says, and nothing but S3 and DynamoDB beyond the VPC for the intra tier.
 */
export class TierAcls extends Construct {
  constructor(scope: Construct, id: string, private readonly props: TierAclsProps) {
    super(scope, id);
    // Without rules, and so closed: a subnet that somebody adds by hand gets no traffic until it is given a list.
    new DefaultNetworkAcl(this, 'Default', {
      defaultNetworkAclId: props.defaultNetworkAclId, tags: { Name: `${props.name}-default-closed` }, lifecycle: { ignoreChanges: ['subnet_ids'] },
    });
    SUBNET_TIERS.forEach((tier) => this.add(tier));
  }

  private add(tier: SubnetTier): void {
    const { name, vpcId, cidr, connectedCidrs, subnetIds } = this.props;
    const list = new NetworkAcl(this, tier, { vpcId, subnetIds: [...subnetIds[tier]], tags: { Name: `${name}-${tier}` } });
    const near = (block: string): Pass => ({ protocol: '-1', cidrBlock: block, inwardExempt: { CKV_AWS_352: 'within the network it is security groups that say who reaches what' } });
    [RULES[tier].inward, RULES[tier].outward].forEach((far, direction) => {
      const passes = far.includes(EVERYTHING) ? far : [near(cidr), ...far];
      // Numbers of their own, so that a block more renumbers nothing.
      const connected = far.includes(EVERYTHING) ? [] : connectedCidrs.map(near);
      passes.forEach((pass, index) => this.addRule(list, tier, direction === 1, 100 + 10 * index, pass));
      connected.forEach((pass, index) => this.addRule(list, tier, direction === 1, 500 + 10 * index, pass));
    });
  }

  private addRule(list: NetworkAcl, tier: SubnetTier, egress: boolean, ruleNumber: number, { inwardExempt, ...pass }: Pass): void {
    const rule = new NetworkAclRule(this, `${tier}-${egress ? 'out' : 'in'}-${ruleNumber}`, {
      networkAclId: list.id, ruleNumber, egress, ruleAction: 'allow', ...pass, ...(pass.protocol === '-1' ? { fromPort: 0, toPort: 0 } : {}),
    });
    if (!egress && inwardExempt) exempt(rule, inwardExempt);
  }
}

/** Answers, which come back to the port that was sent from. A NAT gateway sends from any port above 1023. */
const answers = (protocol: 'tcp' | 'udp'): Pass => ({
  protocol, cidrBlock: ANYWHERE, fromPort: 1024, toPort: 65_535,
  inwardExempt: { CKV_AWS_231: 'a NAT gateway sends from any port above 1023, 3389 among them: closed, it would break one connection in 64512' },
});
/** The same without RDP: nodes and pods send from ports above 32767. Load balancers hand on with their client's address to what is above 1023, too. */
const answersButRdp = (protocol: 'tcp' | 'udp'): Pass[] => [{ protocol, cidrBlock: ANYWHERE, fromPort: 1024, toPort: 3388 }, { protocol, cidrBlock: ANYWHERE, fromPort: 3390, toPort: 65_535 }];
/** "Fragmentation needed": without it large packets vanish. */
const TOO_BIG: Pass = { protocol: 'icmp', cidrBlock: ANYWHERE, icmpType: 3, icmpCode: 4, inwardExempt: { CKV_AWS_352: 'ICMP has no ports, and this is one message of it' } };
const port = (number: number): Pass => ({ protocol: 'tcp', cidrBlock: ANYWHERE, fromPort: number, toPort: number });
const EVERYTHING: Pass = { protocol: '-1', cidrBlock: ANYWHERE };

/** What each tier lets in and out, besides everything from and to the VPC. Only ever append: a rule's number follows from its position. */
const RULES: Readonly<Record<SubnetTier, { readonly inward: readonly Pass[]; readonly outward: readonly Pass[] }>> = {
  public: { inward: [port(443), port(80), answers('tcp'), answers('udp'), TOO_BIG], outward: [EVERYTHING] },
  private: { inward: [...answersButRdp('tcp'), ...answersButRdp('udp'), TOO_BIG], outward: [EVERYTHING] },
  intra: { inward: answersButRdp('tcp'), outward: [port(443)] }, // the gateway endpoints, which answer from public addresses
};
