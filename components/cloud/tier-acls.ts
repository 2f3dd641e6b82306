import { DefaultNetworkAcl } from '@cdktf/provider-aws/lib/default-network-acl';
import { NetworkAcl } from '@cdktf/provider-aws/lib/network-acl';
import { NetworkAclRule, NetworkAclRuleConfig } from '@cdktf/provider-aws/lib/network-acl-rule';
import { Construct } from 'constructs';
import { exempt } from './exempt';
import { SUBNET_TIERS, SubnetTier } from './subnet-plan';

const ANYWHERE = '0.0.0.0/0';

/** What passes, without direction and tier. */
type Pass = Pick<NetworkAclRuleConfig, 'protocol' | 'cidrBlock' | 'fromPort' | 'toPort' | 'icmpType' | 'icmpCode'>;

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
    const near = (block: string): Pass => ({ protocol: '-1', cidrBlock: block });
    [RULES[tier].inward, RULES[tier].outward].forEach((far, direction) => {
      const passes = far.includes(EVERYTHING) ? far : [near(cidr), ...far];
      // Numbers of their own, so that a block more renumbers nothing.
      const connected = far.includes(EVERYTHING) ? [] : connectedCidrs.map(near);
      passes.forEach((pass, index) => this.addRule(list, tier, direction === 1, 100 + 10 * index, pass));
      connected.forEach((pass, index) => this.addRule(list, tier, direction === 1, 500 + 10 * index, pass));
    });
  }

  private addRule(list: NetworkAcl, tier: SubnetTier, egress: boolean, ruleNumber: number, pass: Pass): void {
    const rule = new NetworkAclRule(this, `${tier}-${egress ? 'out' : 'in'}-${ruleNumber}`, {
      networkAclId: list.id, ruleNumber, egress, ruleAction: 'allow', ...pass, ...(pass.protocol === '-1' ? { fromPort: 0, toPort: 0 } : {}),
    });
    if (!egress && tier === 'public' && pass === REPLIES_TO_NAT) {
      exempt(rule, { CKV_AWS_231: 'a NAT gateway sends from any port above 1023, and 3389 is one of them: closed, it would break one connection in 64512' });
    }
  }
}

const REPLIES_TO_NAT: Pass = { protocol: 'tcp', cidrBlock: ANYWHERE, fromPort: 1024, toPort: 65_535 };
/** Answers to nodes and pods, which send from ports above 32767, and what load balancers hand on with their client's address; not RDP. */
const REPLIES: readonly Pass[] = [{ ...REPLIES_TO_NAT, toPort: 3388 }, { ...REPLIES_TO_NAT, fromPort: 3390 }];
const UDP_REPLIES: Pass = { protocol: 'udp', cidrBlock: ANYWHERE, fromPort: 1024, toPort: 65_535 };
/** "Fragmentation needed": without it large packets vanish. */
const TOO_BIG: Pass = { protocol: 'icmp', cidrBlock: ANYWHERE, icmpType: 3, icmpCode: 4 };
const port = (number: number): Pass => ({ protocol: 'tcp', cidrBlock: ANYWHERE, fromPort: number, toPort: number });
const EVERYTHING: Pass = { protocol: '-1', cidrBlock: ANYWHERE };

/** What each tier lets in and out, besides everything from and to the VPC. Only ever append: a rule's number follows from its position. */
const RULES: Readonly<Record<SubnetTier, { readonly inward: readonly Pass[]; readonly outward: readonly Pass[] }>> = {
  public: { inward: [port(443), port(80), REPLIES_TO_NAT, UDP_REPLIES, TOO_BIG], outward: [EVERYTHING] },
  private: { inward: [...REPLIES, UDP_REPLIES, TOO_BIG], outward: [EVERYTHING] },
  intra: { inward: REPLIES, outward: [port(443)] }, // the gateway endpoints, which answer from public addresses
};
