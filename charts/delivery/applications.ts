import { App, Chart } from 'cdk8s';
import { AppOfApps, Application, ARGOCD_NAMESPACE, Manifest, Unit, waves } from '../../components';
import { catalogue, Environment } from '../../config';
import { NAMESPACES, namespacesOf, ownershipOf } from '../context';
import { runsKarpenter } from '../scaling/karpenter';
import { hasProvisionedPools } from '../scaling/node-pools';

/** An Application whose manifests are upstream's own, at the catalogued version. */
interface Upstream extends Unit {
  readonly defines: readonly string[];
  readonly repository: string;
  readonly revision: string;
  readonly path: string;
  readonly namespace: string;
  /** Whether an environment needs them. @default - every environment does */
  readonly on?: (environment: Environment) => boolean;
}

/** CustomResourceDefinitions come from upstream's own repository, never from a copy of ours. */
const UPSTREAM: readonly Upstream[] = [
  {
    name: 'keda-crds', objects: [], defines: ['keda.sh', 'eventing.keda.sh'],
    repository: catalogue.keda.repository, revision: `v${catalogue.keda.version}`, path: 'config/crd/bases', namespace: NAMESPACES.keda,
  },
  {
    name: 'karpenter-crds', objects: [], defines: ['karpenter.sh', 'karpenter.k8s.aws', 'autoscaling.x-k8s.io'],
    repository: catalogue.karpenter.repository, revision: `v${catalogue.karpenter.version}`, path: 'pkg/apis/crds', namespace: 'kube-system', on: runsKarpenter,
  },
];

const upstreamOf = (environment: Environment) => UPSTREAM.filter(({ on }) => on?.(environment) ?? true);

/** The root of an environment: the AppProject and the Application that holds the others. */
export function rootObjects(environment: Environment): Manifest[] {
  const chart = new Chart(new App(), 'root');
  new AppOfApps(chart, 'root', {
    ...ownershipOf(environment, environment.owner),
    name: `${environment.name}-root`,
    project: environment.name,
    repository: environment.gitops.repository,
    revision: environment.gitops.revision,
    path: `dist/${environment.name}/delivery`,
    otherRepositories: [...new Set(upstreamOf(environment).map((each) => each.repository))],
    namespaces: [...namespacesOf(environment).map((key) => NAMESPACES[key]), 'kube-system'],
    clusterKinds: clusterKindsOf(environment),
  });
  return chart.toJson() as Manifest[];
}

/** Kinds of the provisioner, which belong to no namespace. */
function clusterKindsOf(environment: Environment): { group: string; kind: string }[] {
  if (!hasProvisionedPools(environment)) return [];
  const nodeClass = runsKarpenter(environment) ? { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass' } : { group: 'eks.amazonaws.com', kind: 'NodeClass' };
  return [{ group: 'karpenter.sh', kind: 'NodePool' }, nodeClass];
}

/** One Application per chart and per upstream source, in waves that follow from what each holds. */
export function applicationObjects(environment: Environment, units: readonly Unit[]): Manifest[] {
  const chart = new Chart(new App(), 'delivery');
  const all: readonly (Unit | Upstream)[] = [...upstreamOf(environment), ...units];
  const order = waves(all);
  const customGroups = new Set(upstreamOf(environment).flatMap((each) => each.defines));
  for (const unit of all) {
    const upstream = 'repository' in unit ? unit : undefined;
    const scalers = unit.objects.filter((object) => ['ScaledObject', 'HorizontalPodAutoscaler'].includes(object.kind));
    new Application(chart, unit.name, {
      ...ownershipOf(environment, environment.owner),
      name: unit.name,
      project: environment.name,
      repository: upstream?.repository ?? environment.gitops.repository,
      revision: upstream?.revision ?? environment.gitops.revision,
      path: upstream?.path ?? `dist/${environment.name}/${unit.name}`,
      namespace: upstream?.namespace ?? namespaceOf(unit),
      wave: order.get(unit.name)!,
      scaledDeployments: scalers.map((scaler) => ({ namespace: scaler.metadata.namespace ?? 'default', name: String(scaler.spec.scaleTargetRef.name) })),
      customResources: unit.objects.some((object) => customGroups.has(object.apiVersion.split('/')[0]!)),
      defines: upstream?.defines,
      prune: upstream === undefined, // a definition that goes takes every object of its kind with it
    });
  }
  return chart.toJson() as Manifest[];
}

/** Where objects go that name no namespace: ours all do, but a project permits no Application without one. */
function namespaceOf(unit: Unit): string {
  const named = new Set(unit.objects.map((object) => object.metadata.namespace).filter((name) => name !== undefined));
  const own = Object.values(NAMESPACES).find((name) => name === unit.name && named.has(name));
  return own ?? ARGOCD_NAMESPACE;
}
