import { LAKE_TABLE, WorkloadIdentity } from '../../components/cloud';
import type { Environment } from '../../config';
import type { Facts } from '../../config/facts';

/** What the pods of a ServiceAccount of `dist/` may do in AWS. */
export interface WorkloadGrant {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Whether an environment has what it is about. */
  readonly applies: (environment: Environment) => boolean;
  readonly grant: (identity: WorkloadIdentity, environment: Environment, facts: Facts) => void;
}

/**
 * Every workload that does something in AWS, and all that it may do there. Who is not listed may do nothing: pods have no other way to credentials, since those of their node are out of
 * reach. Add-ons of EKS and Karpenter have roles of their own beside the cluster, which does not start without them.
 */
export const WORKLOAD_GRANTS: readonly WorkloadGrant[] = [
  {
    namespace: 'cost', serviceAccount: 'cost',
    applies: ({ data }) => data.billingExport,
    grant: (identity, { account, region }, { billing }) => {
      const glue = (resource: string) => `arn:aws:glue:${region}:${account}:${resource}`;
      identity
        .grantQuery(`arn:aws:athena:${region}:${account}:workgroup/${billing.workgroup}`, `arn:aws:s3:::${billing.results}`)
        .grantReadTable({ catalogArn: glue('catalog'), databaseArn: glue(`database/${billing.database}`), tableArn: glue(`table/${billing.database}/${LAKE_TABLE}`) },
          `arn:aws:s3:::${billing.bucket}`, `${LAKE_TABLE}/`);
    },
  },
];
