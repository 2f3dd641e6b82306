/**
 * What the policy of a service's endpoint holds back. `own`: callers of other accounts, and resources of other accounts. `callers`: callers of other accounts only, because
 * the service hands out what belongs to AWS (images of add-ons, machine images). `open`: nothing, because the service takes no policy.
 */
export type EndpointScope = 'own' | 'callers' | 'open';

/** Services of AWS that interface endpoints bring into a VPC, as their endpoint names end. @see https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html */
export const INTERFACE_ENDPOINT_SCOPES = {
  autoscaling: 'callers',
  ec2: 'callers',
  'ecr.api': 'callers',
  'ecr.dkr': 'callers',
  eks: 'own',
  'eks-auth': 'open', // EKS names no policy for it; the node's role and the pod's association decide
  elasticloadbalancing: 'callers',
  kms: 'own',
  logs: 'own',
  monitoring: 'own',
  secretsmanager: 'own',
  sns: 'own',
  sqs: 'own',
  ssm: 'callers',
  sts: 'callers',
} as const satisfies Readonly<Record<string, EndpointScope>>;
export type InterfaceEndpointService = keyof typeof INTERFACE_ENDPOINT_SCOPES;

/** Services with gateway endpoints, which cost nothing. */
export type GatewayEndpointService = 's3' | 'dynamodb';

/**
 * Objects of other accounts that nodes read without being asked who they are, or with somebody else's signature: layers of ECR's images, packages of Amazon Linux 2023, and
 * layers of registries that send callers within AWS to a bucket: registry.k8s.io to one of their region, quay.io and Docker Hub to one in us-east-1. Behind an endpoint without
 * them no node starts, or no pod.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
 * @see https://docs.aws.amazon.com/linux/al2023/ug/ec2-s3-access.html
 */
export function publicObjects(region: string): string[] {
  const registries = [`prod-registry-k8s-io-${region}`, ...(region === 'us-east-1' ? ['quayio-production-s3', 'docker-images-prod'] : [])]; // a gateway endpoint serves its own region
  return [`prod-${region}-starport-layer-bucket`, `al2023-repos-${region}-de612dc2`, ...registries].map((bucket) => `arn:aws:s3:::${bucket}/*`);
}

const POLICY = '2012-10-17';

/** Policy of an interface endpoint, or undefined if its service takes none. */
export function interfaceEndpointPolicy(service: InterfaceEndpointService, account: string): string | undefined {
  const scope: EndpointScope = INTERFACE_ENDPOINT_SCOPES[service];
  if (scope === 'open') return undefined;
  return JSON.stringify({
    Version: POLICY,
    Statement: [
      within(scope, account),
      // A token of a web identity is exchanged before there is a caller with an account; the role it asks for has one.
      ...(service === 'sts' ? [{
        Sid: 'WebIdentities', Effect: 'Allow', Principal: '*', Action: ['sts:AssumeRoleWithWebIdentity'], Resource: '*', Condition: { StringEquals: { 'aws:ResourceAccount': account } },
      }] : []),
    ],
  });
}

/** Policy of a gateway endpoint. @param readable ARNs of objects that anybody within the VPC may read, whoever signs */
export function gatewayEndpointPolicy(service: GatewayEndpointService, account: string, readable: readonly string[]): string {
  return JSON.stringify({
    Version: POLICY,
    Statement: [
      within('own', account),
      ...(service === 's3' && readable.length > 0 ? [{ Sid: 'PublicObjects', Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: [...readable] }] : []),
    ],
  });
}

function within(scope: EndpointScope, account: string): object {
  return {
    Sid: 'OwnAccount', Effect: 'Allow', Principal: '*', Action: '*', Resource: '*',
    Condition: { StringEquals: { 'aws:PrincipalAccount': account, ...(scope === 'own' ? { 'aws:ResourceAccount': account } : {}) } },
  };
}
