import { byEnvironment, groupOf, ManifestObject, titleOf } from './objects';
import type { Finding, Rule } from './rule';

/** Kinds that belong to no namespace. */
const CLUSTER_WIDE = new Set([
  'APIService', 'CSIDriver', 'ClusterRole', 'ClusterRoleBinding', 'ClusterTriggerAuthentication', 'CustomResourceDefinition', 'EC2NodeClass', 'IngressClass',
  'MutatingWebhookConfiguration', 'Namespace', 'Node', 'NodeClass', 'NodePool', 'PersistentVolume', 'PriorityClass', 'RuntimeClass', 'StorageClass',
  'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'ValidatingWebhookConfiguration',
]);
const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** Every object says where it lives, and every namespace starts closed: restricted pods, and no traffic that is not allowed. */
export const namespaces: Rule = {
  id: 'namespaces',
  title: 'every object names its namespace, and every namespace is restricted and denies traffic by default',
  prove: ({ objects }) => {
    const findings: Finding[] = [];
    let applied = 0;
    for (const members of byEnvironment(objects).values()) {
      const custom = clusterWideDefinitions(members);
      for (const each of members) {
        applied += 1;
        const { kind, metadata } = each.object;
        const clusterWide = CLUSTER_WIDE.has(kind) || custom.has(`${groupOf(each.object)}/${kind}`);
        if (!clusterWide && (metadata.namespace === undefined || metadata.namespace === 'default')) {
          findings.push({ on: each, where: titleOf(each), got: metadata.namespace === undefined ? 'no namespace' : 'the namespace default', allowed: 'a namespace of its own', do: 'set metadata.namespace' });
        }
        if (clusterWide && metadata.namespace !== undefined) findings.push({ on: each, where: titleOf(each), got: `the namespace ${metadata.namespace}`, allowed: `none: ${kind} belongs to the whole cluster`, do: 'remove metadata.namespace' });
        if (kind === 'Namespace') findings.push(...namespaceFindings(each, members));
      }
    }
    return { applied, findings };
  },
};

function clusterWideDefinitions(members: readonly ManifestObject[]): Set<string> {
  return new Set(members.filter(({ object }) => object.kind === 'CustomResourceDefinition' && object.spec?.scope === 'Cluster').map(({ object }) => `${object.spec.group}/${object.spec.names?.kind}`));
}

function namespaceFindings(each: ManifestObject, members: readonly ManifestObject[]): Finding[] {
  const { name, labels } = each.object.metadata;
  const findings: Finding[] = [];
  if (labels?.[ENFORCE] !== 'restricted') {
    findings.push({ on: each, where: titleOf(each), got: `${ENFORCE}: ${labels?.[ENFORCE] ?? 'none'}`, allowed: 'restricted', do: `label the namespace ${ENFORCE}: restricted, or exempt it with a reason` });
  }
  const denied = (type: string) => members.some(({ object }) => object.kind === 'NetworkPolicy' && object.metadata.namespace === name
    && Object.keys(object.spec?.podSelector ?? {}).length === 0 && ((object.spec?.policyTypes ?? ['Ingress']) as string[]).includes(type));
  for (const type of ['Ingress', 'Egress']) {
    if (!denied(type)) findings.push({ on: each, where: titleOf(each), got: `no policy that denies ${type.toLowerCase()} by default`, allowed: 'a NetworkPolicy that selects every pod', do: 'add DefaultDeny to the namespace' });
  }
  return findings;
}
