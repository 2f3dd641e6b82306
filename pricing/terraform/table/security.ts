import { allFree, free, Priced, TypeTable } from '../entry';
import type { ResourceView } from '../resource-view';

const KMS = { category: 'Security', service: 'AWS Key Management Service' } as const;
const SECRETS = { category: 'Security', service: 'AWS Secrets Manager' } as const;
const SSM = { category: 'Management and Governance', service: 'AWS Systems Manager' } as const;

/** Identities, keys, secrets. */
export const security: TypeTable = {
  'aws_iam_*': free('identity and access management costs nothing', 'iam/'),
  aws_kms_key: { price: key },
  aws_kms_replica_key: { price: key },
  ...allFree('aliases, policies and grants come with the key', 'kms/pricing/', ['aws_kms_alias', 'aws_kms_key_policy', 'aws_kms_grant']),
  aws_secretsmanager_secret: {
    price: () => [
      { ...SECRETS, description: 'secret', sku: 'secrets/secret', unit: 'Months', declared: 1 },
      { ...SECRETS, description: 'requests', sku: 'secrets/requests', unit: '10K Requests', used: { field: 'requests', per: 10_000 } },
    ],
  },
  ...allFree('versions, policies and rotation come with the secret', 'secrets-manager/pricing/', ['aws_secretsmanager_secret_version', 'aws_secretsmanager_secret_policy', 'aws_secretsmanager_secret_rotation']),
  aws_ssm_parameter: {
    price: (resource) => {
      const tier = resource.text('tier', 'Standard');
      return tier === 'Standard'
        ? { free: 'standard parameters cost nothing, https://aws.amazon.com/systems-manager/pricing/' }
        : [{ ...SSM, missing: `a parameter of tier ${tier ?? 'that an expression hides'}`, attribute: 'tier' }];
    },
  },
};

function key(resource: ResourceView): Priced {
  const spec = resource.text('customer_master_key_spec', 'SYMMETRIC_DEFAULT');
  return [
    { ...KMS, description: 'key, of one version', sku: 'kms/key', unit: 'Months', declared: 1 },
    spec === 'SYMMETRIC_DEFAULT'
      ? { ...KMS, description: 'requests', sku: 'kms/requests', unit: '10K Requests', used: { field: 'requests', per: 10_000 } }
      : { ...KMS, missing: `requests of a key of kind ${spec ?? 'that an expression hides'}`, attribute: 'customer_master_key_spec', withUse: true },
  ];
}
