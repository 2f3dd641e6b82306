import { DataAwsDbInstance } from '@cdktf/provider-aws/lib/data-aws-db-instance';
import type { DataAwsEksCluster } from '@cdktf/provider-aws/lib/data-aws-eks-cluster';
import { DataAwsElasticacheReplicationGroup } from '@cdktf/provider-aws/lib/data-aws-elasticache-replication-group';
import { DataAwsPrometheusWorkspace } from '@cdktf/provider-aws/lib/data-aws-prometheus-workspace';
import { DataAwsPrometheusWorkspaces } from '@cdktf/provider-aws/lib/data-aws-prometheus-workspaces';
import { Fn } from 'cdktf';
import { Construct } from 'constructs';
import type { Environment } from '../../config';
import type { Facts } from '../../config/facts';
import { NetworkLookup } from '../network-lookup';

/** Prefix of the facts on the cluster. */
const FACT = 'tideline.dev';

/** A fact that GitOps may use, and what it means. */
export interface ClusterFact {
  /** Key without its prefix. */
  readonly key: string;
  /** For whoever writes a chart or a generator. */
  readonly meaning: string;
  /** A constant, or an expression that Terraform resolves. Never a secret. */
  readonly value: string;
}

/**
 * What is published on the cluster's entry in Argo CD, where generators read it: as labels what they choose clusters by, as annotations what they fill in. A label is short and
 * takes few characters, so nothing that only AWS knows is one.
 */
export class ClusterFacts extends Construct {
  readonly selectable: readonly ClusterFact[];
  readonly discovered: readonly ClusterFact[];

  constructor(scope: Construct, id: string, private readonly environment: Environment, private readonly facts: Facts, cluster: DataAwsEksCluster) {
    super(scope, id);
    const onOff = (on: boolean) => (on ? 'enabled' : 'disabled');
    this.selectable = [
      { key: 'region', meaning: 'AWS region', value: environment.region },
      { key: 'kubernetes-version', meaning: 'Kubernetes minor, as decided', value: environment.kubernetes.version },
      { key: 'node-provisioner', meaning: '`karpenter` or `auto-mode`: who starts nodes', value: environment.nodeProvisioner },
      { key: 'pod-identity', meaning: 'workloads get their AWS role through EKS Pod Identity: nothing in a manifest names it', value: onOff(true) },
      { key: 'postgres', meaning: 'whether there is a database', value: onOff(environment.data.postgres !== undefined) },
      { key: 'redis', meaning: 'whether there is a cache', value: onOff(environment.data.redis !== undefined) },
      { key: 'billing-export', meaning: 'whether bills can be asked', value: onOff(environment.data.billingExport) },
      { key: 'managed-prometheus', meaning: 'whether metrics are also sent to Amazon Managed Service for Prometheus', value: onOff(environment.observability.managedPrometheus) },
    ];
    this.discovered = [...this.ofCluster(cluster), ...this.ofNetwork(), ...this.ofNodes(), ...this.ofData(), ...this.ofAlerts()];
  }

  /** Labels of the Secret. */
  labels(): Record<string, string> {
    return Object.fromEntries(this.selectable.map(({ key, value }) => [`${FACT}/${key}`, value]));
  }

  /** Annotations of the Secret. */
  annotations(): Record<string, string> {
    return Object.fromEntries(this.discovered.map(({ key, value }) => [`${FACT}/${key}`, value]));
  }

  private ofCluster(cluster: DataAwsEksCluster): ClusterFact[] {
    const vpc = cluster.vpcConfig.get(0);
    return [
      { key: 'account', meaning: 'number of the AWS account', value: this.environment.account },
      { key: 'cluster-name', meaning: 'name of the EKS cluster', value: cluster.name },
      { key: 'cluster-arn', meaning: 'its ARN', value: cluster.arn },
      { key: 'cluster-endpoint', meaning: 'address of the Kubernetes API', value: cluster.endpoint },
      { key: 'cluster-security-group-id', meaning: 'security group EKS puts on control plane and nodes', value: vpc.clusterSecurityGroupId },
      { key: 'cluster-service-cidr', meaning: 'block of the addresses of Services', value: cluster.kubernetesNetworkConfig.get(0).serviceIpv4Cidr },
      { key: 'oidc-issuer', meaning: 'issuer of service account tokens, for what cannot use Pod Identity', value: cluster.identity.get(0).oidc.get(0).issuer },
      { key: 'vpc-id', meaning: 'the VPC', value: vpc.vpcId },
    ];
  }

  private ofNetwork(): ClusterFact[] {
    const network = new NetworkLookup(this, 'network', this.facts.network);
    return [
      { key: 'zones', meaning: 'ids of the availability zones, separated by commas', value: this.facts.network.zones.join(',') },
      { key: 'private-subnet-ids', meaning: 'subnets of nodes and internal load balancers, separated by commas', value: Fn.join(',', network.subnetIds('private')) },
      { key: 'public-subnet-ids', meaning: 'subnets of load balancers that the internet reaches, separated by commas', value: Fn.join(',', network.subnetIds('public')) },
    ];
  }

  private ofNodes(): ClusterFact[] {
    const { provisioner, interruptions } = this.facts;
    const karpenter = this.environment.nodeProvisioner === 'karpenter';
    return [
      { key: 'node-role', meaning: 'role of the nodes that the provisioner starts', value: provisioner.nodeRole },
      ...(karpenter ? [
        { key: 'provisioner-role', meaning: 'role of Karpenter, by Pod Identity', value: provisioner.role },
        { key: 'interruption-queue', meaning: 'queue that tells Karpenter of spot interruptions', value: interruptions.queue },
      ] : []),
      { key: 'registry', meaning: 'where our own images are pulled from', value: this.environment.images.repository },
    ];
  }

  private ofData(): ClusterFact[] {
    const { data } = this.environment;
    const database = data.postgres && new DataAwsDbInstance(this, 'database', { dbInstanceIdentifier: this.facts.database.identifier });
    const cache = data.redis && new DataAwsElasticacheReplicationGroup(this, 'cache', { replicationGroupId: this.facts.cache.id });
    const { billing } = this.facts;
    return [
      ...(database ? [
        { key: 'database-host', meaning: 'host of the PostgreSQL database', value: database.address },
        { key: 'database-name', meaning: 'name of the database on it', value: this.facts.database.name },
        { key: 'database-secret-arn', meaning: 'where Secrets Manager keeps its user and password; the password itself is nowhere here', value: database.masterUserSecret.get(0).secretArn },
      ] : []),
      ...(cache ? [{ key: 'cache-host', meaning: 'host of the cache that takes writes', value: cache.primaryEndpointAddress }] : []),
      ...(data.billingExport ? [
        { key: 'billing-bucket', meaning: 'bucket AWS writes bills to, as FOCUS', value: billing.bucket },
        { key: 'billing-database', meaning: 'Glue database in which they can be asked', value: billing.database },
        { key: 'billing-workgroup', meaning: 'Athena workgroup that asks', value: billing.workgroup },
      ] : []),
    ];
  }

  private ofAlerts(): ClusterFact[] {
    const { alerts, logs, metrics } = this.facts;
    return [
      { key: 'alert-topic-arn', meaning: 'SNS topic of everything people have to hear of', value: alerts.topicArn },
      { key: 'workload-log-group', meaning: 'CloudWatch log group that workloads write to', value: logs.workloads },
      ...(this.environment.observability.managedPrometheus ? [
        { key: 'prometheus-endpoint', meaning: 'address of the managed Prometheus, with a slash at its end; `api/v1/remote_write` follows', value: this.prometheus(metrics.workspace) },
      ] : []),
    ];
  }

  /** A workspace has an id that AWS makes up; it is found by its alias, which has to be the only one that begins so. */
  private prometheus(aliasPrefix: string): string {
    const found = new DataAwsPrometheusWorkspaces(this, 'prometheus-ids', {
      aliasPrefix,
      lifecycle: { postcondition: [{ condition: '${length(self.workspace_ids) == 1}', errorMessage: `There should be one Prometheus workspace ${aliasPrefix}; apply the observability stack first.` }] },
    });
    return new DataAwsPrometheusWorkspace(this, 'prometheus', { workspaceId: Fn.element(found.workspaceIds, 0) as string }).prometheusEndpoint;
  }
}
