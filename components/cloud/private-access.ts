import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Construct } from 'constructs';
import { Cidr } from '../../base/cidr';
import { Fault, show } from '../../base/faults';

/** Who may open connections to something inside a VPC. At least one of all. */
export interface PrivateClients {
  /** Ids of security groups by a name that tells them apart: what is in one of them may. @default - none */
  readonly securityGroups?: Readonly<Record<string, string>>;
  /** Private IPv4 blocks, none larger than a VPC (/16). @default - none */
  readonly cidrs?: readonly string[];
}

/** Props of {@link PrivateAccess}. */
export interface PrivateAccessProps {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  /** TCP port that is opened. */
  readonly port: number;
  readonly clients: PrivateClients;
}

/** A security group that lets named clients in on one port, and nothing out: a database answers, it does not call. */
export class PrivateAccess extends Construct {
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: PrivateAccessProps) {
    super(scope, id);
    this.securityGroup = new SecurityGroup(this, 'Resource', { name: props.name, description: props.description, vpcId: props.vpcId, tags: { Name: props.name } });
    const rule = { securityGroupId: this.securityGroup.id, ipProtocol: 'tcp', fromPort: props.port, toPort: props.port };
    Object.entries(props.clients.securityGroups ?? {}).forEach(([client, referencedSecurityGroupId]) => {
      new VpcSecurityGroupIngressRule(this, `From ${client}`, { ...rule, referencedSecurityGroupId, description: `From ${client}` });
    });
    (props.clients.cidrs ?? []).forEach((cidrIpv4) => new VpcSecurityGroupIngressRule(this, `From ${cidrIpv4}`, { ...rule, cidrIpv4, description: `From ${cidrIpv4}` }));
  }
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((block) => Cidr.parse(block, 'private addresses'));

/** What is wrong with clients, if anything. */
export function clientFaults({ securityGroups = {}, cidrs = [] }: PrivateClients, path: string): Fault[] {
  const where = `${path} clients`;
  return [
    ...(Object.keys(securityGroups).length + cidrs.length > 0 ? [] : [{ where, got: 'nobody', allowed: 'a security group or a block, at least', do: 'name who connects' }]),
    ...cidrs.flatMap((block): Fault[] => {
      const parsed = Cidr.tryParse(block);
      const fits = parsed !== undefined && parsed.size <= 2 ** 16 && PRIVATE.some((range) => range.contains(parsed));
      return fits ? [] : [{ where: `${where}.cidrs`, got: show(block), allowed: 'a private IPv4 block of /16 or smaller', do: 'name the blocks of the VPC, or a security group' }];
    }),
  ];
}
