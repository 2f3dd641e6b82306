import { FaultError } from '../../base/faults';

/** A manifest, as far as order depends on it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    /** @default - its kind has none */
    readonly namespace?: string;
    /** @default - none */
    readonly labels?: Readonly<Record<string, string>>;
    /** @default - none */
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape belongs to the kind
  readonly [field: string]: any;
}

/** What is applied together. */
export interface Unit {
  readonly name: string;
  readonly objects: readonly Manifest[];
  /** API groups whose CustomResourceDefinitions it brings although they are not among its objects (an upstream repository). @default - none */
  readonly defines?: readonly string[];
}

/** Groups that the API server serves by itself. A list, because `.k8s.io` ends the names of many that it does not (gateway.networking.k8s.io). */
const BUILT_IN = new Set([
  '', 'apps', 'autoscaling', 'batch', 'policy', 'admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'authentication.k8s.io',
  'authorization.k8s.io', 'certificates.k8s.io', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'flowcontrol.apiserver.k8s.io', 'networking.k8s.io',
  'node.k8s.io', 'rbac.authorization.k8s.io', 'resource.k8s.io', 'scheduling.k8s.io', 'storage.k8s.io', 'external.metrics.k8s.io', 'metrics.k8s.io',
]);

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

function definedGroups(unit: Unit): Set<string> {
  const crds = unit.objects.filter((object) => object.kind === 'CustomResourceDefinition').map((object) => String(object.spec?.group));
  return new Set([...(unit.defines ?? []), ...crds]);
}

/** API groups that the unit's programs watch: those that its roles let them change. A role that reads everything controls nothing. */
function controlledGroups(unit: Unit): Set<string> {
  const groups = unit.objects.filter((object) => object.kind === 'ClusterRole')
    .flatMap((role) => (role.rules ?? []) as { apiGroups?: string[]; verbs?: string[] }[])
    .filter((rule) => rule.verbs?.some((verb) => ['update', 'patch', '*'].includes(verb)))
    .flatMap((rule) => rule.apiGroups ?? []);
  return new Set(groups.filter((group) => group !== '*' && !BUILT_IN.has(group)));
}

/**
 * What each unit must wait for, and why: a custom resource for its definition and for the program that acts on it, that program for the definition,
 * a namespaced object for its namespace, and pods for the pools that nodes come from, unless the pools themselves wait for these pods.
 */
export function dependencies(units: readonly Unit[]): Map<string, Map<string, string>> {
  const edges = new Map(units.map((unit) => [unit.name, new Map<string, string>()]));
  const facts = units.map((unit) => ({
    unit,
    defines: definedGroups(unit),
    controls: controlledGroups(unit),
    namespaces: new Set(unit.objects.filter((object) => object.kind === 'Namespace').map((object) => object.metadata.name)),
  }));
  for (const { unit, controls } of facts) {
    const waitFor = (other: Unit, why: string) => {
      if (other !== unit && !edges.get(unit.name)!.has(other.name)) edges.get(unit.name)!.set(other.name, why);
    };
    for (const other of facts) {
      for (const group of controls) if (other.defines.has(group)) waitFor(other.unit, `its program acts on ${group}, which ${other.unit.name} defines`);
      for (const object of unit.objects) {
        const { kind, metadata: { name, namespace } } = object;
        const group = groupOf(object.apiVersion);
        if (!BUILT_IN.has(group) && other.defines.has(group)) waitFor(other.unit, `${kind} ${name} needs its definition`);
        if (!BUILT_IN.has(group) && other.controls.has(group)) waitFor(other.unit, `${kind} ${name} needs the program that acts on it`);
        if (namespace !== undefined && other.namespaces.has(namespace)) waitFor(other.unit, `${kind} ${name} needs the namespace ${namespace}`);
      }
    }
  }
  for (const pools of units.filter(bringsNodes).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const before = reachable(edges, pools.name);
    for (const unit of units) {
      const workload = before.has(unit.name) ? undefined : unit.objects.find(({ kind }) => WORKLOADS.has(kind));
      if (workload && !edges.get(unit.name)!.has(pools.name)) edges.get(unit.name)!.set(pools.name, `${workload.kind} ${workload.metadata.name} may need a node that ${pools.name} brings`);
    }
  }
  return edges;
}

/** Kinds whose pods need a node. */
const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'Job', 'CronJob', 'Rollout', 'Pod']);

function bringsNodes(unit: Unit): boolean {
  return unit.objects.some(({ apiVersion, kind }) => kind === 'NodePool' && groupOf(apiVersion) === 'karpenter.sh');
}

/** The unit and all it waits for, near and far. */
function reachable(edges: ReadonlyMap<string, ReadonlyMap<string, string>>, from: string): Set<string> {
  const found = new Set([from]);
  for (const name of found) for (const next of edges.get(name)?.keys() ?? []) found.add(next); // a Set visits what is added on the way
  return found;
}

/**
 * The wave of each unit: one more than the largest wave of what it waits for, so that everything that can go together does.
 *
 * @throws FaultError showing the cycle, if there is one
 */
export function waves(units: readonly Unit[]): Map<string, number> {
  const edges = dependencies(units);
  const result = new Map<string, number>();
  const visit = (name: string, path: readonly string[]): number => {
    const known = result.get(name);
    if (known !== undefined) return known;
    if (path.includes(name)) {
      const cycle = [...path.slice(path.indexOf(name)), name];
      const why = cycle.slice(0, -1).map((each, index) => edges.get(each)!.get(cycle[index + 1]!)).join('; ');
      throw new FaultError('applications wait for each other', [
        { where: cycle.join(' => '), got: why, allowed: 'an order in which each can come after what it needs', do: 'move one of these objects into an application of its own' },
      ]);
    }
    const wave = Math.max(-1, ...[...edges.get(name)!.keys()].sort().map((other) => visit(other, [...path, name]))) + 1;
    result.set(name, wave);
    return wave;
  };
  for (const unit of units) visit(unit.name, []);
  return result;
}
