import { Fault, show } from '../../base/faults';
import type { GraphNode, ResourceGraph } from './resource-graph';

/** Makes Argo CD remove what an Application deployed before the Application itself is gone. */
const FINALIZER = 'resources-finalizer.argocd.argoproj.io';
/** Seconds that are enough for controllers to remove nodes, load balancers and volumes. */
const LONG_ENOUGH = 900;

interface KubernetesObject {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly finalizers?: readonly string[] };
}

/**
 * The root Application goes first, and everything it deployed with it, while Argo CD and its project are still there. Only then does Argo CD go.
 *
 * Otherwise what it deployed is orphaned: load balancers, volumes and nodes that nobody will remove, and a namespace that hangs because what should finalize its Applications is gone.
 */
export function rootFaults(stack: string, graph: ResourceGraph): Fault[] {
  const faults: Fault[] = [];
  const releases = graph.managed('helm_release');
  const roots = releases.filter((release) => objectOf(release)?.kind === 'Application');
  const argocd = releases.filter((release) => release.block.chart === 'argo-cd');
  for (const root of roots) {
    const fault = (got: string, allowed: string, todo: string) => faults.push({ where: `${stack} ${root.address}`, got, allowed, do: todo });
    const finalizers = objectOf(root)?.metadata?.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) fault(`finalizers ${show(finalizers)}`, FINALIZER, 'add it: without it Argo CD forgets what it deployed instead of removing it');
    if (root.block.wait !== true) fault(`wait: ${show(root.block.wait)}`, 'true', 'wait: else Argo CD is removed while it removes');
    const timeout = typeof root.block.timeout === 'number' ? root.block.timeout : 300;
    if (timeout < LONG_ENOUGH) fault(`timeout: ${timeout} s`, `at least ${LONG_ENOUGH} s`, 'raise it: nodes drain, and load balancers take minutes');
    if (argocd.length === 0) fault('no Argo CD in its stack', 'Argo CD in the same stack, destroyed after it', 'apply both in one stack, or teach this proof where Argo CD is');
    const others = graph.managed().filter((node) => node !== root && (node.type.startsWith('helm_') || node.type.startsWith('kubernetes_')));
    for (const other of others.filter((node) => !graph.goesBefore(root, node))) {
      fault(`${other.address}, which may be destroyed before it`, 'the root Application first', `let ${root.address} depend on it`);
    }
  }
  return faults;
}

/** The one Kubernetes object that a release of our own chart carries. */
function objectOf(release: GraphNode): KubernetesObject | undefined {
  const [values] = (release.block.values ?? []) as readonly string[];
  if (typeof values !== 'string') return undefined;
  try {
    return (JSON.parse(values) as { readonly object?: KubernetesObject }).object;
  } catch {
    return undefined; // values of another chart, in YAML
  }
}
