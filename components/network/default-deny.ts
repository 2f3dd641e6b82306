import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { _nameResolution } from './peer';

/** Props of {@link DefaultDeny}. */
export interface DefaultDenyProps {
  readonly namespace: string;
  /** Labels of the policy itself, e.g. who answers for it. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
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
      metadata: { name: 'default-deny', namespace: props.namespace, ...(props.labels ? { labels: props.labels } : {}) },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        egress: [_nameResolution()],
      },
    }));
  }
}
