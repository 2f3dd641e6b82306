import { byEnvironment, KubernetesObject, LabelSelector, ManifestObject, podTemplateOf, scales, selectorMatches, titleOf } from './objects';
import { containerGaps, Gap, podSecurityGaps } from './pod-security';
import type { Finding, Rule } from './rule';

/** Workloads that serve until they are stopped. */
const SERVING = ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'];
/** Workloads that end by themselves: no probe, no budget, but the same security. */
const ENDING = ['Job', 'CronJob', 'Pod'];

/** What every workload must have. Each part can be exempted by name, with a reason: `verify.tideline.dev/exempt-<part>`. */
export const hardening: Rule = {
  id: 'hardening',
  title: 'every workload has requests, probes, a disruption budget, a network policy and restricted pod security',
  parts: ['requests', 'limits', 'probes', 'disruption-budget', 'network-policy', 'pod-security', 'automount', 'topology-spread'],
  prove: ({ objects }) => {
    const findings: Finding[] = [];
    let applied = 0;
    for (const members of byEnvironment(objects).values()) {
      for (const workload of members.filter(({ object }) => [...SERVING, ...ENDING].includes(object.kind))) {
        applied += 1;
        for (const { part, got, allowed, do: todo } of gapsOf(workload.object, members)) {
          findings.push({ on: workload, part, where: titleOf(workload), got, allowed, do: `${todo}, or exempt it with a reason: verify.tideline.dev/exempt-${part}` });
        }
      }
    }
    return { applied, findings };
  },
};

function gapsOf(object: KubernetesObject, members: readonly ManifestObject[]): Gap[] {
  const template = podTemplateOf(object)!;
  const pod = template.spec;
  const serving = SERVING.includes(object.kind);
  const gaps: Gap[] = [
    ...(pod.containers ?? []).flatMap((container) => containerGaps(container, pod, serving)),
    ...(pod.initContainers ?? []).flatMap((container) => containerGaps(container, pod, false)),
    ...podSecurityGaps(pod),
  ];
  if ((pod.containers ?? []).length === 0) gaps.push({ part: 'requests', got: 'no container', allowed: 'at least one', do: 'add a container' });
  const guarded = (kind: string, selectorOf: (spec: { selector?: LabelSelector; podSelector?: LabelSelector }) => LabelSelector | undefined) => members.some(({ object: other }) =>
    other.kind === kind && other.metadata.namespace === object.metadata.namespace && selectorMatches(selectorOf(other.spec ?? {}), template.metadata?.labels));
  if (serving && object.kind !== 'DaemonSet' && !guarded('PodDisruptionBudget', (spec) => spec.selector)) {
    gaps.push({ part: 'disruption-budget', got: 'no PodDisruptionBudget', allowed: 'one that selects its pods', do: 'add one' });
  }
  if (!guarded('NetworkPolicy', (spec) => spec.podSelector ?? {})) gaps.push({ part: 'network-policy', got: 'no NetworkPolicy', allowed: 'one that selects its pods', do: 'add one' });
  if (pod.automountServiceAccountToken !== false) {
    gaps.push({ part: 'automount', got: 'the API token is mounted', allowed: 'automountServiceAccountToken: false', do: 'set it' });
  }
  const several = Number(object.spec?.replicas ?? 1) > 1 || members.some((each) => scales(each.object, object));
  if (serving && object.kind !== 'DaemonSet' && several && !(pod.topologySpreadConstraints?.length > 0)) {
    gaps.push({ part: 'topology-spread', got: 'several replicas and no topology spread', allowed: 'a spread over zones', do: 'add topologySpreadConstraints' });
  }
  return gaps;
}
