import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';

/** Props of {@link DefaultDeny}. */
export interface DefaultDenyProps {
  readonly namespace: string;
}

/**
 * Refuses all traffic to and from the pods of a namespace but name resolution; whatever else flows is said by an {@link Allow}.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
 */
export class DefaultDeny extends Construct {
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: DefaultDenyProps) {
    super(scope, id);
    this.apiObject = new ApiObject(this, 'Resource', k8s.KubeNetworkPolicy.manifest({
      metadata: { name: 'default-deny', namespace: props.namespace },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        egress: [{
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } }, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
          ports: [{ protocol: 'UDP', port: k8s.IntOrString.fromNumber(53) }, { protocol: 'TCP', port: k8s.IntOrString.fromNumber(53) }],
        }],
      },
    }));
  }
}
