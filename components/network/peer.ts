import { k8s } from 'cdk8s-plus-28';

/** Pods of a namespace that traffic may come from or go to. */
export interface Peer {
  readonly namespace: string;
  /** `app.kubernetes.io/name` of the pods. @default - every pod of the namespace */
  readonly name?: string;
}

/** A peer as NetworkPolicy writes it. @internal */
export function _toPeer(peer: Peer): k8s.NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } },
    ...(peer.name ? { podSelector: { matchLabels: { 'app.kubernetes.io/name': peer.name } } } : {}),
  };
}
