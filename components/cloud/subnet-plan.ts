import { Cidr } from '../../base/cidr';

/**
 * What may reach a subnet, and what it may reach: `public` has an internet gateway (load balancers), `private` leaves through NAT (nodes and pods),
 * `intra` reaches nothing outside the VPC (the control plane's interfaces).
 */
export type SubnetTier = 'public' | 'private' | 'intra';
export const SUBNET_TIERS: readonly SubnetTier[] = ['public', 'private', 'intra'];

/** Zones a plan has room for. */
export const MAX_ZONES = 3;

/** The blocks of each tier, one per zone, in the order of the zones. */
export type SubnetPlan = Readonly<Record<SubnetTier, readonly Cidr[]>>;

/**
 * Divides a VPC's block into subnets.
 *
 * Three quarters are private, one per zone, because the VPC CNI gives every pod an address of its own. The last quarter holds public blocks of a sixteenth
 * each, and its last sixteenth the intra blocks. A zone's blocks depend on its position only, so that adding a zone moves no subnet.
 *
 * @param vpc the VPC's block, /16 to /22: the smallest intra block must keep 11 usable addresses (AWS reserves five, EKS wants at least six)
 * @param zones 1 to 3
 * @see https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 */
export function planSubnets(vpc: Cidr, zones: number): SubnetPlan {
  const positions = Array.from({ length: zones }, (_, index) => index);
  const rest = vpc.part(vpc.prefix + 2, 3);
  const last = rest.part(vpc.prefix + 4, 3);
  return {
    private: positions.map((index) => vpc.part(vpc.prefix + 2, index)),
    public: positions.map((index) => rest.part(vpc.prefix + 4, index)),
    intra: positions.map((index) => last.part(vpc.prefix + 6, index)),
  };
}
