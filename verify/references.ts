import type { Fault } from '../base/faults';
import { byEnvironment, Container, ManifestObject, matches, podTemplateOf, PodSpec, titleOf } from './objects';
import type { Rule } from './rule';

/** Annotation that names what comes from elsewhere: `Secret/name`, comma-separated. */
const PROVIDED_ELSEWHERE = 'tideline.dev/provided-elsewhere';
/** Accounts and roles that Kubernetes itself brings. */
const GIVEN = /^(ServiceAccount kube-system\/|(Cluster)?Role .*(system:|extension-apiserver-authentication-reader|^(view|edit|admin|cluster-admin)$))/;

/** Everything that an object names is there: selectors select, ports exist, what is mounted or run as exists, roles bound exist. */
export const references: Rule = {
  id: 'references',
  title: 'whatever an object refers to exists',
  prove: ({ objects }) => {
    const findings: Fault[] = [];
    let applied = 0;
    for (const members of byEnvironment(objects).values()) {
      const scope = new Scope(members);
      for (const each of members) {
        for (const reference of referencesOf(each, scope)) {
          applied += 1;
          if (!reference.found) findings.push({ where: titleOf(each), got: reference.got, allowed: reference.allowed, do: reference.do });
        }
      }
    }
    return { applied, findings };
  },
};

interface Reference {
  readonly found: boolean;
  readonly got: string;
  readonly allowed: string;
  readonly do: string;
}

interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly pod: PodSpec;
}

/** What can be referred to in one environment. */
class Scope {
  readonly workloads: readonly Workload[];
  private readonly keys: ReadonlySet<string>;

  constructor(members: readonly ManifestObject[]) {
    this.keys = new Set(members.map(({ object }) => this.key(object.kind, object.metadata.namespace, object.metadata.name)));
    this.workloads = members.flatMap(({ object }) => {
      const template = podTemplateOf(object);
      return template ? [{ name: object.metadata.name, namespace: object.metadata.namespace ?? 'default', kind: object.kind, labels: template.metadata?.labels ?? {}, pod: template.spec }] : [];
    });
  }

  has(kind: string, namespace: string | undefined, name: string): boolean {
    return this.keys.has(this.key(kind, namespace, name));
  }

  selected(namespace: string | undefined, selector: Readonly<Record<string, string>> | undefined): readonly Workload[] {
    return this.workloads.filter((workload) => workload.namespace === (namespace ?? 'default') && matches(selector, workload.labels));
  }

  private key(kind: string, namespace: string | undefined, name: string): string {
    return `${kind} ${namespace ?? ''}/${name}`;
  }
}

function referencesOf(each: ManifestObject, scope: Scope): Reference[] {
  const { object } = each;
  const { namespace } = object.metadata;
  switch (object.kind) {
    case 'Service': return object.spec?.selector ? serviceReferences(each, scope) : [];
    case 'PodDisruptionBudget': return [selects(`the budget selects ${JSON.stringify(object.spec?.selector?.matchLabels)}`, scope.selected(namespace, object.spec?.selector?.matchLabels))];
    case 'NetworkPolicy': {
      const labels = object.spec?.podSelector?.matchLabels;
      return labels ? [selects(`the policy is about ${JSON.stringify(labels)}`, scope.selected(namespace, labels))] : [];
    }
    case 'HorizontalPodAutoscaler': case 'ScaledObject': {
      const ref = object.spec?.scaleTargetRef ?? {};
      const kind = ref.kind ?? 'Deployment';
      return [{ found: scope.has(kind, namespace, ref.name), got: `it scales ${kind} ${ref.name}, which does not exist in ${namespace}`, allowed: 'a workload of its namespace', do: 'correct scaleTargetRef' }];
    }
    case 'RoleBinding': case 'ClusterRoleBinding': return bindingReferences(each, scope);
    case 'APIService': {
      const service = object.spec?.service;
      return service ? [{ found: scope.has('Service', service.namespace, service.name), got: `it calls Service ${service.namespace}/${service.name}, which does not exist`, allowed: 'a Service', do: 'correct spec.service' }] : [];
    }
    default: return podReferences(each, scope);
  }
}

function selects(got: string, found: readonly unknown[]): Reference {
  return { found: found.length > 0, got: `${got}, which no pod carries`, allowed: 'labels of a pod template in its namespace', do: 'correct the selector' };
}

function serviceReferences({ object }: ManifestObject, scope: Scope): Reference[] {
  const pods = scope.selected(object.metadata.namespace, object.spec.selector);
  const ports = pods.flatMap((workload) => (workload.pod.containers ?? []).flatMap((container) => (container.ports ?? []) as { name?: string; containerPort: number }[]));
  return [
    selects(`the Service selects ${JSON.stringify(object.spec.selector)}`, pods),
    ...(pods.length === 0 ? [] : ((object.spec.ports ?? []) as { port: number; targetPort?: number | string }[]).map(({ port, targetPort = port }) => ({
      found: ports.some((each) => each.name === targetPort || each.containerPort === targetPort),
      got: `port ${port} goes to ${targetPort}, which no selected container listens on`,
      allowed: ports.map((each) => each.name ?? each.containerPort).join(', ') || 'a container port',
      do: 'correct targetPort',
    }))),
  ];
}

function bindingReferences({ object }: ManifestObject, scope: Scope): Reference[] {
  const { namespace } = object.metadata;
  const role = object.roleRef ?? {};
  const roleNamespace = role.kind === 'Role' ? namespace : undefined;
  const title = (kind: string, where: string | undefined, name: string) => `${kind} ${where ? `${where}/` : ''}${name}`;
  const there = (kind: string, where: string | undefined, name: string): Reference => ({
    found: scope.has(kind, where, name) || GIVEN.test(title(kind, where, name)) || /^(view|edit|admin|cluster-admin)$/.test(name),
    got: `it names ${title(kind, where, name)}, which does not exist`, allowed: 'something of this environment, or of Kubernetes itself', do: 'correct the binding',
  });
  return [
    there(role.kind, roleNamespace, role.name),
    ...((object.subjects ?? []) as { kind: string; name: string; namespace?: string }[]).filter((subject) => subject.kind === 'ServiceAccount').map((subject) => there('ServiceAccount', subject.namespace ?? namespace, subject.name)),
  ];
}

function podReferences({ object }: ManifestObject, scope: Scope): Reference[] {
  const pod = podTemplateOf(object)?.spec;
  if (!pod) return [];
  const { namespace } = object.metadata;
  const elsewhere = new Set((object.metadata.annotations?.[PROVIDED_ELSEWHERE] ?? '').split(',').map((each) => each.trim()));
  const there = (kind: string, name: string | undefined, how: string): Reference[] => (name === undefined ? [] : [{
    found: scope.has(kind, namespace, name) || elsewhere.has(`${kind}/${name}`),
    got: `${how} names ${kind} ${name}, which does not exist in ${namespace}`,
    allowed: `one that is synthesized, or listed in the annotation ${PROVIDED_ELSEWHERE}`,
    do: 'add it, or say that it comes from elsewhere',
  }]);
  const containers: readonly Container[] = [...(pod.containers ?? []), ...(pod.initContainers ?? [])];
  const volumes = (pod.volumes ?? []) as Record<string, { name?: string; secretName?: string; claimName?: string; optional?: boolean } | string>[];
  const required = (source: unknown): { name?: string; secretName?: string; claimName?: string } =>
    (typeof source === 'object' && source !== null && (source as { optional?: boolean }).optional !== true ? source : {});
  return [
    ...there('ServiceAccount', pod.serviceAccountName, 'the pod'),
    ...volumes.flatMap((volume) => [
      ...there('ConfigMap', required(volume.configMap).name, 'a volume'),
      ...there('Secret', required(volume.secret).secretName, 'a volume'),
      ...there('PersistentVolumeClaim', required(volume.persistentVolumeClaim).claimName, 'a volume'),
    ]),
    ...containers.flatMap((container) => [
      ...((container.env ?? []) as { name: string; valueFrom?: { secretKeyRef?: object; configMapKeyRef?: object } }[]).flatMap(({ name, valueFrom }) => [
        ...there('Secret', required(valueFrom?.secretKeyRef).name, `variable ${name}`),
        ...there('ConfigMap', required(valueFrom?.configMapKeyRef).name, `variable ${name}`),
      ]),
      ...((container.envFrom ?? []) as { secretRef?: object; configMapRef?: object }[]).flatMap((from) => [
        ...there('Secret', required(from.secretRef).name, 'envFrom'), ...there('ConfigMap', required(from.configMapRef).name, 'envFrom'),
      ]),
      ...((container.volumeMounts ?? []) as { name: string }[]).map(({ name }): Reference => ({
        found: volumes.some((volume) => volume.name as unknown === name), got: `container ${container.name} mounts the volume ${name}, which the pod does not have`, allowed: 'a volume of the pod', do: 'correct volumeMounts',
      })),
    ]),
  ];
}
