import type { Fault } from '../base/faults';
import { byEnvironment, Container, ManifestObject, matches, podTemplateOf, PodSpec, titleOf } from './objects';
import { isExempt, Rule } from './rule';

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** What every workload must have. Each part can be exempted by name, with a reason: `verify.tideline.dev/exempt-<part>`. */
export const hardening: Rule = {
  id: 'hardening',
  title: 'every workload has requests, probes, a disruption budget, a network policy and restricted pod security',
  prove: ({ objects }) => {
    const findings: Fault[] = [];
    let applied = 0;
    for (const members of byEnvironment(objects).values()) {
      for (const workload of members.filter(({ object }) => WORKLOADS.includes(object.kind))) {
        applied += 1;
        for (const gap of gapsOf(workload, members)) {
          if (!isExempt(workload, gap.part)) findings.push({ where: titleOf(workload), got: gap.got, allowed: gap.allowed, do: `${gap.do}, or exempt it with a reason: verify.tideline.dev/exempt-${gap.part}` });
        }
      }
    }
    return { applied, findings };
  },
};

interface Gap {
  readonly part: string;
  readonly got: string;
  readonly allowed: string;
  readonly do: string;
}

function gapsOf({ object }: ManifestObject, members: readonly ManifestObject[]): Gap[] {
  const template = podTemplateOf(object)!;
  const pod = template.spec;
  const labels = template.metadata?.labels;
  const { namespace } = object.metadata;
  type Selecting = { selector?: { matchLabels?: object }; podSelector?: { matchLabels?: object } };
  const guards = (kind: string, selectorOf: (spec: Selecting) => object | undefined) => members.some(({ object: other }) =>
    other.kind === kind && other.metadata.namespace === namespace && matches(selectorOf(other.spec ?? {}) as Record<string, string> | undefined, labels));
  const gaps: Gap[] = [...(pod.containers ?? []), ...(pod.initContainers ?? [])].flatMap((container) => containerGaps(container, pod, (pod.containers ?? []).includes(container)));
  if (object.kind !== 'DaemonSet' && !guards('PodDisruptionBudget', (spec) => spec.selector?.matchLabels ?? { '': 'none' })) {
    gaps.push({ part: 'disruption-budget', got: 'no PodDisruptionBudget', allowed: 'one that selects its pods', do: 'add one' });
  }
  if (!guards('NetworkPolicy', (spec) => spec.podSelector?.matchLabels)) gaps.push({ part: 'network-policy', got: 'no NetworkPolicy', allowed: 'one that selects its pods', do: 'add one' });
  if (pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault' && pod.securityContext?.seccompProfile?.type !== 'Localhost') {
    gaps.push({ part: 'pod-security', got: 'no seccomp profile', allowed: 'RuntimeDefault or Localhost', do: 'set securityContext.seccompProfile on the pod' });
  }
  if (pod.automountServiceAccountToken !== false) {
    gaps.push({ part: 'automount', got: 'the API token is mounted', allowed: 'automountServiceAccountToken: false', do: 'set it' });
  }
  const several = object.spec?.replicas === undefined || Number(object.spec.replicas) > 1;
  if (object.kind !== 'DaemonSet' && several && !(pod.topologySpreadConstraints?.length > 0)) {
    gaps.push({ part: 'topology-spread', got: 'several replicas and no topology spread', allowed: 'a spread over zones', do: 'add topologySpreadConstraints' });
  }
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (pod[key] === true) gaps.push({ part: 'pod-security', got: `${key}: true`, allowed: 'pods of their own', do: `remove ${key}` });
  }
  return gaps;
}

function containerGaps(container: Container, pod: PodSpec, main: boolean): Gap[] {
  const gaps: Gap[] = [];
  const name = `container ${container.name}`;
  for (const resource of ['cpu', 'memory']) {
    if (container.resources?.requests?.[resource] === undefined) gaps.push({ part: 'requests', got: `${name}: no ${resource} request`, allowed: 'a request for cpu and memory', do: 'set resources.requests' });
  }
  if (container.resources?.limits?.memory === undefined) gaps.push({ part: 'limits', got: `${name}: no memory limit`, allowed: 'a memory limit', do: 'set resources.limits.memory' });
  if (main) {
    for (const probe of ['livenessProbe', 'readinessProbe']) {
      if (container[probe] === undefined) gaps.push({ part: 'probes', got: `${name}: no ${probe}`, allowed: 'liveness and readiness probes', do: `set ${probe}` });
    }
  }
  const context = container.securityContext ?? {};
  const security: readonly (readonly [boolean, string])[] = [
    [context.allowPrivilegeEscalation === false, 'allowPrivilegeEscalation: false'],
    [context.readOnlyRootFilesystem === true, 'readOnlyRootFilesystem: true'],
    [context.runAsNonRoot === true || (context.runAsNonRoot === undefined && pod.securityContext?.runAsNonRoot === true), 'runAsNonRoot: true'],
    [(context.capabilities?.drop ?? []).includes('ALL'), 'capabilities.drop: [ALL]'],
    [context.privileged !== true, 'not privileged'],
  ];
  for (const [fits, wanted] of security) {
    if (!fits) gaps.push({ part: 'pod-security', got: `${name}: not ${wanted}`, allowed: wanted, do: 'set it in securityContext' });
  }
  return gaps;
}
