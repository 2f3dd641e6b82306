import type { PolicyStatement } from './policy';

/** The pods of one ServiceAccount. */
export interface PodPrincipal {
  /** ARN of the cluster: an account of the same name on another cluster is somebody else. */
  readonly clusterArn: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Account of AWS the cluster is in, 12 digits. @default - any: the ARN of the cluster names it */
  readonly account?: string;
}

/**
 * Lets the pods of one ServiceAccount assume a role through EKS Pod Identity, known by the tags that Pod Identity itself puts on sessions. Without these conditions whoever may make an association
 * gives the role to any pod.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export function podTrust({ clusterArn, namespace, serviceAccount, account }: PodPrincipal): PolicyStatement {
  return {
    Sid: 'PodsOfOneServiceAccount', Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: {
      StringEquals: {
        ...(account === undefined ? {} : { 'aws:SourceAccount': account }),
        'aws:RequestTag/eks-cluster-arn': clusterArn, 'aws:RequestTag/kubernetes-namespace': namespace, 'aws:RequestTag/kubernetes-service-account': serviceAccount,
      },
    },
  };
}
