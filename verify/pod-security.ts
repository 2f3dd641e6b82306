import type { Container, PodSpec } from './objects';

/** One thing that a workload lacks. */
export interface Gap {
  /** What can be exempted by this name. */
  readonly part: string;
  readonly got: string;
  readonly allowed: string;
  readonly do: string;
}

/** Volumes that the restricted standard admits. */
const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
const PROFILES = ['RuntimeDefault', 'Localhost'];

/** Where a pod falls short of the restricted Pod Security Standard: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export function podSecurityGaps(pod: PodSpec): Gap[] {
  const gaps: Gap[] = [];
  const gap = (got: string, allowed: string, todo: string) => gaps.push({ part: 'pod-security', got, allowed, do: todo });
  const profile: unknown = pod.securityContext?.seccompProfile?.type;
  const containers = [...(pod.containers ?? []), ...(pod.initContainers ?? [])];
  const profiles = containers.map((container): unknown => container.securityContext?.seccompProfile?.type ?? profile);
  if (!profiles.every((each) => PROFILES.includes(each as string))) gap(profiles.includes('Unconfined') ? 'seccomp profile Unconfined' : 'no seccomp profile', 'RuntimeDefault or Localhost', 'set securityContext.seccompProfile on the pod');
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) if (pod[key] === true) gap(`${key}: true`, 'pods of their own', `remove ${key}`);
  if (pod.securityContext?.runAsUser === 0) gap('runAsUser: 0', 'a user other than root', 'set securityContext.runAsUser');
  for (const volume of (pod.volumes ?? []) as Record<string, unknown>[]) {
    const source = Object.keys(volume).find((key) => key !== 'name');
    if (source !== undefined && !VOLUMES.includes(source)) gap(`the volume ${String(volume.name)} is a ${source}`, VOLUMES.join(', '), 'use another kind of volume');
  }
  return gaps;
}

/** What a container lacks: requests, a memory limit, probes if it serves, and the restricted standard. */
export function containerGaps(container: Container, pod: PodSpec, serves: boolean): Gap[] {
  const gaps: Gap[] = [];
  const name = `container ${container.name}`;
  for (const resource of ['cpu', 'memory']) {
    if (container.resources?.requests?.[resource] === undefined) gaps.push({ part: 'requests', got: `${name}: no ${resource} request`, allowed: 'a request for cpu and memory', do: 'set resources.requests' });
  }
  if (container.resources?.limits?.memory === undefined) gaps.push({ part: 'limits', got: `${name}: no memory limit`, allowed: 'a memory limit', do: 'set resources.limits.memory' });
  for (const probe of serves ? ['livenessProbe', 'readinessProbe'] : []) {
    if (container[probe] === undefined) gaps.push({ part: 'probes', got: `${name}: no ${probe}`, allowed: 'liveness and readiness probes', do: `set ${probe}` });
  }
  const context = container.securityContext ?? {};
  const security: readonly (readonly [boolean, string])[] = [
    [context.allowPrivilegeEscalation === false, 'allowPrivilegeEscalation: false'],
    [context.readOnlyRootFilesystem === true, 'readOnlyRootFilesystem: true'],
    [(context.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) === true, 'runAsNonRoot: true'],
    [context.runAsUser !== 0, 'a user other than root'],
    [(context.capabilities?.drop ?? []).includes('ALL'), 'capabilities.drop: [ALL]'],
    [((context.capabilities?.add ?? []) as string[]).every((each) => each === 'NET_BIND_SERVICE'), 'without added capabilities'],
    [context.privileged !== true, 'not privileged'],
    [[undefined, 'Default'].includes(context.procMount), 'procMount: Default'],
    [((container.ports ?? []) as { hostPort?: number }[]).every(({ hostPort }) => !hostPort), 'without host ports'],
  ];
  for (const [fits, wanted] of security) {
    if (!fits) gaps.push({ part: 'pod-security', got: `${name}: falls short of "${wanted}"`, allowed: wanted, do: 'set it in securityContext' });
  }
  return gaps;
}
