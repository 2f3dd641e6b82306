import { k8s } from 'cdk8s-plus-28';

/** Pods of a namespace that traffic may come from or go to. */
export interface Peer {
  readonly namespace: string;
  /** `app.kubernetes.io/name` of the pods. @default - every pod of the namespace */
  readonly name?: string;
}

/** Egress that resolves names: without it nothing else can be called by name. @internal */
export function _nameResolution(): k8s.NetworkPolicyEgressRule {
  return {
    to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } }, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
    ports: [{ protocol: 'UDP', port: k8s.IntOrString.fromNumber(53) }, { protocol: 'TCP', port: k8s.IntOrString.fromNumber(53) }],
  };
}

/** A peer as NetworkPolicy writes it. @internal */
export function _toPeer(peer: Peer): k8s.NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } },
    ...(peer.name ? { podSelector: { matchLabels: { 'app.kubernetes.io/name': peer.name } } } : {}),
  };
}
