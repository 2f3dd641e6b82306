import { Fn } from 'cdktf';
import type { DataAwsEksCluster } from '@cdktf/provider-aws/lib/data-aws-eks-cluster';

/** How a provider reaches a cluster. */
export interface ClusterAccess {
  readonly host: string;
  readonly clusterCaCertificate: string;
  readonly exec: { readonly apiVersion: string; readonly command: string; readonly args: string[] };
}

/**
 * Access to a cluster that another apply made. The token is fetched by the provider when it needs one, as whoever runs Terraform: none stands in the JSON,
 * the plan or the state, and none expires in the middle of an apply.
 */
export function clusterAccess(cluster: DataAwsEksCluster, region: string): ClusterAccess {
  return {
    host: cluster.endpoint,
    clusterCaCertificate: Fn.base64decode(cluster.certificateAuthority.get(0).data),
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: 'aws',
      args: ['eks', 'get-token', '--cluster-name', cluster.name, '--region', region, '--output', 'json'],
    },
  };
}
