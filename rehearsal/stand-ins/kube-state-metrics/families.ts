import type { Pod } from './pod';
import { quantityOf } from './quantity';

/** A family of series about pods. */
interface Family {
  readonly help: string;
  /** The series that one pod brings: labels besides `namespace`, `pod` and `uid`, and the value. */
  readonly seriesOf: (pod: Pod, shown: readonly string[]) => readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

const resources = (kind: 'requests' | 'limits'): Family => ({
  help: `The number of requested ${kind === 'requests' ? 'request' : 'limit'} resource by a container.`,
  seriesOf: ({ spec }) => spec.containers.flatMap(({ name: container, resources: asked }) => Object.entries(asked?.[kind] ?? {}).flatMap(([resource, quantity]) => {
    const value = quantityOf(quantity);
    return value === undefined ? [] : [[{ container, node: spec.nodeName ?? '', resource: labelName(resource), unit: unitOf(resource) }, value] as const];
  })),
});

function unitOf(resource: string): string {
  if (resource === 'cpu') return 'core';
  return /^(memory|storage|ephemeral-storage|hugepages-.*|attachable-volumes-.*)$/.test(resource) ? 'byte' : 'integer';
}

/** The families it knows, by name: those of kube-state-metrics that recording rules read. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  kube_pod_container_resource_limits: resources('limits'),
  kube_pod_container_resource_requests: resources('requests'),
  kube_pod_labels: {
    help: 'Kubernetes labels converted to Prometheus labels.',
    seriesOf: ({ metadata: { labels = {} } }, shown) => [[
      Object.fromEntries(shown.filter((label) => labels[label] !== undefined).map((label) => [`label_${labelName(label)}`, labels[label]!])), 1,
    ]],
  },
  kube_pod_status_ready: {
    help: 'Describes whether the pod is ready to serve requests.',
    seriesOf: ({ status }) => (status?.conditions ?? []).filter(({ type }) => type === 'Ready')
      .flatMap((ready) => ['true', 'false', 'unknown'].map((condition) => [{ condition }, Number(ready.status.toLowerCase() === condition)] as const)),
  },
};

/** `app.kubernetes.io/name` -> `app_kubernetes_io_name`, as Prometheus wants names. */
function labelName(text: string): string {
  return text.replace(/[^a-zA-Z0-9_]/g, '_');
}

/** The lines of one family that a pod brings, in the text format of Prometheus. */
export function linesOf(family: string, pod: Pod, shown: readonly string[]): string {
  const { namespace, name, uid } = pod.metadata;
  return FAMILIES[family]!.seriesOf(pod, shown).map(([labels, value]) => {
    const all = Object.entries({ namespace, pod: name, uid, ...labels }).map(([label, text]) => `${label}="${escaped(text)}"`).join(',');
    return `${family}{${all}} ${value}\n`;
  }).join('');
}

/** What stands above a family. */
export function headOf(family: string): string {
  return `# HELP ${family} ${FAMILIES[family]!.help}\n# TYPE ${family} gauge\n`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
