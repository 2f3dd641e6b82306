import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcEndpoint, VpcEndpointConfig } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Construct } from 'constructs';
import { interfaceEndpointPolicy, InterfaceEndpointService } from './endpoint-policies';

/** Props of {@link InterfaceEndpoints}. */
export interface InterfaceEndpointsProps {
  /** Prefix of what is made. */
  readonly name: string;
  readonly region: string;
  /** Account whose callers may pass, 12 digits. */
  readonly account: string;
  readonly vpcId: string;
  /** Block of the VPC, from which the endpoints are reached. */
  readonly cidr: string;
  /** One subnet for each zone. Every endpoint is paid for in each. */
  readonly subnetIds: string[];
  readonly services: readonly InterfaceEndpointService[];
  /** @default - as built here */
  readonly transform?: (config: VpcEndpointConfig, service: InterfaceEndpointService) => VpcEndpointConfig;
}

/**
 * Services of AWS inside a VPC, under the names they have outside: whoever calls them from within needs neither NAT nor another address. Their security group admits HTTPS
 * from the VPC and nothing else; their policies admit the account's callers only, where the service takes a policy.
 */
export class InterfaceEndpoints extends Construct {
  readonly securityGroup: SecurityGroup;
  /** In the order asked for. */
  readonly endpoints: readonly VpcEndpoint[];

  constructor(scope: Construct, id: string, props: InterfaceEndpointsProps) {
    super(scope, id);
    const { name, cidr, vpcId } = props;
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      name: `${name}-endpoints`, description: `Who may reach the interface endpoints of ${name}`, vpcId, tags: { Name: `${name}-endpoints` },
    });
    new VpcSecurityGroupIngressRule(this, 'Https', {
      securityGroupId: this.securityGroup.id, description: `HTTPS from ${name}`, cidrIpv4: cidr, ipProtocol: 'tcp', fromPort: 443, toPort: 443,
    });
    this.endpoints = props.services.map((service) => {
      const policy = interfaceEndpointPolicy(service, props.account);
      const config: VpcEndpointConfig = {
        vpcId,
        vpcEndpointType: 'Interface',
        serviceName: `com.amazonaws.${props.region}.${service}`,
        privateDnsEnabled: true,
        subnetIds: props.subnetIds,
        securityGroupIds: [this.securityGroup.id],
        ...(policy === undefined ? {} : { policy }),
        tags: { Name: `${name}-${service}` },
      };
      return new VpcEndpoint(this, service, props.transform?.(config, service) ?? config);
    });
  }
}
