import { DataAwsEksCluster } from '@cdktf/provider-aws/lib/data-aws-eks-cluster';
import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { Release } from '@cdktf/provider-helm/lib/release';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1';
import { AssetType, ITerraformDependable, TerraformAsset } from 'cdktf';
import type { Construct } from 'constructs';
import { catalogue, Environment } from '../../config';
import { ARGOCD_NAMESPACE } from '../../config/facts';
import { PlatformStack } from '../platform-stack';
import { argocdValues } from './argocd-values';
import { clusterAccess } from './cluster-access';
import { ClusterFacts } from './cluster-facts';
import type { RootObject } from './root-objects';

/** Prefix of labels and annotations. */
const FACT = 'tideline.dev';

/** Argo CD, what it is told of the cluster, and the root Application: from here on everything comes from Git. */
export class BootstrapStack extends PlatformStack {
  /** @param root the objects of `dist/<environment>/root.yaml`, in the order they are applied */
  constructor(scope: Construct, environment: Environment, root: readonly RootObject[]) {
    super(scope, environment, 'bootstrap');
    const cluster = new DataAwsEksCluster(this, 'cluster', { name: this.facts.cluster.name });
    const access = clusterAccess(cluster, environment.region);
    new HelmProvider(this, 'helm', { kubernetes: access });
    new KubernetesProvider(this, 'kubernetes', { ...access, exec: [access.exec] });

    const labels = Object.fromEntries(Object.entries(this.ownershipTags).map(([key, value]) => [`${FACT}/${key}`, value]));
    const namespace = new NamespaceV1(this, 'namespace', {
      metadata: {
        name: ARGOCD_NAMESPACE,
        labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' },
      },
    });
    const { repository, chart, chartVersion } = catalogue.argocd.helm;
    const argocd = new Release(this, 'argocd', {
      name: 'argocd', namespace: namespace.metadata.name, repository, chart, version: chartVersion,
      values: [JSON.stringify(argocdValues({ survivesZoneLoss: environment.network.nat === 'per-zone', labels, nodes: alwaysThere(environment) }))],
      wait: true, timeout: 900, atomic: true, maxHistory: 5,
    });
    const published = this.publish(new ClusterFacts(this, 'cluster-facts', environment, this.facts, cluster), namespace.metadata.name, labels);
    this.addRoot(root, [argocd, published]);
  }

  /** The cluster's entry in Argo CD, with what GitOps may know of it. Nothing in it is secret. */
  private publish(facts: ClusterFacts, namespace: string, labels: Readonly<Record<string, string>>): SecretV1 {
    return new SecretV1(this, 'facts', {
      metadata: { name: 'in-cluster', namespace, labels: { ...labels, ...facts.labels(), 'argocd.argoproj.io/secret-type': 'cluster' }, annotations: facts.annotations() },
      data: { name: 'in-cluster', server: 'https://kubernetes.default.svc' },
    });
  }

  /**
   * Applies the root objects one after the other through a chart of our own that holds nothing else. Not as `kubernetes_manifest`: that resource asks the
   * cluster for the object's definition at plan, before Argo CD has brought it. On destroy the root Application goes first and Argo CD, still there, removes
   * what it deployed.
   */
  private addRoot(root: readonly RootObject[], after: readonly ITerraformDependable[]): void {
    const chart = new TerraformAsset(this, 'objects', { path: 'stacks/bootstrap/objects-chart', type: AssetType.DIRECTORY });
    let dependsOn = [...after];
    for (const object of root) {
      const name = `${object.kind}-${object.metadata.name}`.toLowerCase();
      dependsOn = [new Release(this, name, {
        name, namespace: ARGOCD_NAMESPACE, chart: `./${chart.path}`, values: [literal(JSON.stringify({ object }))],
        wait: true, timeout: 1800, maxHistory: 5, dependsOn,
      })];
    }
  }
}

/** Text that Terraform must not look into: an object may hold `${...}` of its own. */
function literal(text: string): string {
  return text.replace(/[$%](?=\{)/g, (sign) => sign + sign);
}

/** Labels of the nodes that Terraform starts and stops: whoever runs there is there before a provisioner's first node, and after its last. */
function alwaysThere(environment: Environment): Record<string, string> {
  const pool = environment.nodePools.find((each) => each.scaledBy === 'node-group' && each.capacity === 'on-demand' && each.minNodes > 0);
  return { [`${FACT}/pool`]: pool!.name }; // an environment without one is refused where it is defined
}
