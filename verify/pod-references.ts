import { Container, KubernetesObject, ManifestObject, podTemplateOf, PodSpec, selectorMatches } from './objects';
import type { Reference, Scope } from './references';

/** Annotation that names what comes from elsewhere: `Secret/name`, comma-separated. */
const PROVIDED_ELSEWHERE = 'tideline.dev/provided-elsewhere';
/** What Kubernetes puts into every namespace. */
const GIVEN = new Set(['ServiceAccount/default', 'ConfigMap/kube-root-ca.crt']);

/** A reference that may be left open: the pod starts without it. */
interface Source {
  readonly name?: string;
  readonly secretName?: string;
  readonly claimName?: string;
  readonly key?: string;
  readonly items?: readonly { readonly key: string }[];
  readonly optional?: boolean;
}

/** What a workload's pods name: account, configuration, secrets, claims, volumes, ports of probes; and whether the workload selects its own pods. */
export function podReferences({ object }: ManifestObject, scope: Scope): Reference[] {
  const template = podTemplateOf(object);
  const pod = template?.spec;
  if (!template || !pod) return [];
  const there = thereIn(object, scope);
  const containers: readonly Container[] = [...(pod.containers ?? []), ...(pod.initContainers ?? [])];
  return [
    ...ownSelector(object, template.metadata?.labels),
    ...there('ServiceAccount', { name: pod.serviceAccountName }, 'the pod'),
    ...((pod.imagePullSecrets ?? []) as Source[]).flatMap((secret) => there('Secret', secret, 'imagePullSecrets')),
    ...volumeSources(pod).flatMap(([kind, source]) => there(kind, source, 'a volume')),
    ...containers.flatMap((container) => [
      ...((container.env ?? []) as { name: string; valueFrom?: { secretKeyRef?: Source; configMapKeyRef?: Source } }[]).flatMap(({ name, valueFrom }) => [
        ...there('Secret', valueFrom?.secretKeyRef, `variable ${name}`), ...there('ConfigMap', valueFrom?.configMapKeyRef, `variable ${name}`),
      ]),
      ...((container.envFrom ?? []) as { secretRef?: Source; configMapRef?: Source }[]).flatMap((from) => [
        ...there('Secret', from.secretRef, 'envFrom'), ...there('ConfigMap', from.configMapRef, 'envFrom'),
      ]),
      ...mounts(object, pod, container),
      ...probePorts(container),
    ]),
  ];
}

function ownSelector(object: KubernetesObject, labels: Readonly<Record<string, string>> | undefined): Reference[] {
  if (!['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Rollout'].includes(object.kind)) return [];
  return [{ found: selectorMatches(object.spec?.selector, labels), got: 'its selector does not select its own pods', allowed: 'labels of its pod template', do: 'correct spec.selector' }];
}

/** Gives the references to a kind; a key of a ConfigMap that is there must be there too. */
export function thereIn(object: KubernetesObject, scope: Scope) {
  const { namespace, annotations } = object.metadata;
  const elsewhere = new Set((annotations?.[PROVIDED_ELSEWHERE] ?? '').split(',').map((each) => each.trim()));
  return (kind: string, source: Source | undefined, how: string): Reference[] => {
    const name = source?.name ?? source?.secretName ?? source?.claimName;
    if (name === undefined || source?.optional === true) return [];
    const provider = scope.find(kind, namespace, name)?.object;
    const reference = {
      found: provider !== undefined || elsewhere.has(`${kind}/${name}`) || GIVEN.has(`${kind}/${name}`),
      got: `${how} names ${kind} ${name}, which does not exist in ${namespace}`,
      allowed: `one that is synthesized, or listed in the annotation ${PROVIDED_ELSEWHERE}`,
      do: 'add it, or say that it comes from elsewhere',
    };
    if (kind !== 'ConfigMap' || provider === undefined) return [reference];
    const keys = [...Object.keys(provider.data ?? {}), ...Object.keys(provider.binaryData ?? {})];
    const wanted = [...(source?.key === undefined ? [] : [source.key]), ...(source?.items ?? []).map((item) => item.key)];
    return [reference, ...wanted.map((key) => ({ found: keys.includes(key), got: `${how} names the key ${key}, which ConfigMap ${name} does not have`, allowed: keys.join(', ') || 'no key', do: 'correct the key' }))];
  };
}

function volumeSources(pod: PodSpec): (readonly [string, Source])[] {
  type Volume = { configMap?: Source; secret?: Source; persistentVolumeClaim?: Source; projected?: { sources?: { configMap?: Source; secret?: Source }[] } };
  return ((pod.volumes ?? []) as Volume[]).flatMap((volume) => [
    ...[volume, ...(volume.projected?.sources ?? [])].flatMap(({ configMap, secret }) => [
      ...(configMap ? [['ConfigMap', configMap] as const] : []), ...(secret ? [['Secret', secret] as const] : []),
    ]),
    ...(volume.persistentVolumeClaim ? [['PersistentVolumeClaim', volume.persistentVolumeClaim] as const] : []),
  ]);
}

function mounts(object: KubernetesObject, pod: PodSpec, container: Container): Reference[] {
  const claims = ((object.kind === 'StatefulSet' ? object.spec?.volumeClaimTemplates : undefined) ?? []) as { metadata?: { name?: string } }[];
  const volumes = [...((pod.volumes ?? []) as { name: string }[]).map(({ name }) => name), ...claims.map(({ metadata }) => metadata?.name)];
  return ((container.volumeMounts ?? []) as { name: string }[]).map(({ name }) => ({
    found: volumes.includes(name), got: `container ${container.name} mounts the volume ${name}, which the pod does not have`, allowed: volumes.join(', ') || 'a volume of the pod', do: 'correct volumeMounts',
  }));
}

/** Probes and hooks that call a port by name: the container must have it. Numbers may be open without being listed. */
function probePorts(container: Container): Reference[] {
  const names = ((container.ports ?? []) as { name?: string }[]).map(({ name }) => name);
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) => {
    const port: unknown = container[probe]?.httpGet?.port ?? container[probe]?.tcpSocket?.port;
    return typeof port !== 'string' ? [] : [{ found: names.includes(port), got: `${probe} of container ${container.name} calls the port ${port}, which it does not have`, allowed: names.join(', ') || 'a named port', do: `correct ${probe}` }];
  });
}
