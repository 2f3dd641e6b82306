import { App, Chart, Yaml } from 'cdk8s';
import { FaultError } from '../base/faults';
import type { Manifest, Unit } from '../components';
import type { Environment } from '../config';
import { ApplicationSpec, BootstrapSpec } from './context';
import { applicationObjects, rootObjects } from './delivery/applications';
import { argocd } from './delivery/argocd';
import { namespaces } from './namespaces';
import { kubeStateMetrics } from './observability/kube-state-metrics';
import { prometheus } from './observability/prometheus';
import { observability } from './observability/recording-rules';
import { karpenter } from './scaling/karpenter';
import { keda } from './scaling/keda';
import { metricsServer } from './scaling/metrics-server';
import { nodePools } from './scaling/node-pools';
import { catalog } from './services/catalog';
import { buildCost } from './services/cost';
import { forecaster } from './services/forecaster';
import { loadgen } from './services/loadgen';

/** The Applications of the environments. The order here means nothing: waves follow from what each holds. */
const APPLICATIONS: readonly ApplicationSpec[] = [catalog, forecaster, karpenter, keda, kubeStateMetrics, loadgen, namespaces, nodePools, observability, prometheus];

/** What has to be there before Argo CD can sync. No Application syncs it, and it has no wave. */
const BOOTSTRAP: readonly BootstrapSpec[] = [argocd, metricsServer];

/**
 * Every manifest of these environments: path below dist/ to content, in the order of paths. Pure: no clock, no network, no file.
 *
 * @throws FaultError or cdk8s's validation error, naming the object
 */
export function synthesize(environments: readonly Environment[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const environment of environments) {
    const specs = APPLICATIONS.filter(({ on }) => on?.(environment) ?? true);
    const units: Unit[] = specs.map((spec) => ({ name: spec.name, objects: chartObjects(spec.name, (chart) => spec.build(chart, environment)) }));
    const others = units.flatMap((unit) => unit.objects);
    units.push({ name: 'cost', objects: chartObjects('cost', (chart) => buildCost(chart, environment, others)) });
    for (const unit of units) addFiles(files, `${environment.name}/${unit.name}`, unit.objects);
    // Not among the units: on EKS a stack and an add-on bring these, and the price of an environment is that of EKS.
    for (const { name, build } of BOOTSTRAP) addFiles(files, `${environment.name}/bootstrap/${name}`, chartObjects(name, (chart) => build(chart, environment)));
    addFiles(files, `${environment.name}/delivery`, applicationObjects(environment, units));
    files.set(`${environment.name}/root.yaml`, rootObjects(environment).map((object) => Yaml.stringify(object)).join('---\n'));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One App per Application: a dependency across charts of one App would rename every file. */
function chartObjects(name: string, build: (chart: Chart) => void): Manifest[] {
  const chart = new Chart(new App(), name);
  build(chart);
  return chart.toJson() as Manifest[]; // validates
}

function addFiles(files: Map<string, string>, folder: string, objects: readonly Manifest[]): void {
  // No colons, which names of roles may have: not every file system takes them.
  const nameOf = ({ kind, metadata: { name, namespace } }: Manifest, within = false) => `${kind}-${within ? `${namespace ?? 'cluster'}-` : ''}${name}`.toLowerCase().replaceAll(':', '-');
  for (const object of objects) {
    // Objects of one kind and name in several namespaces: each names its namespace.
    const unique = objects.filter((other) => nameOf(other) === nameOf(object)).length === 1;
    const path = `${folder}/${nameOf(object, !unique)}.yaml`;
    if (files.has(path)) {
      throw new FaultError('an object was synthesized twice', [
        { where: path, got: `two of ${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`, allowed: 'one', do: 'rename one of them' },
      ]);
    }
    files.set(path, Yaml.stringify(object));
  }
}
