import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { FaultError } from '../../base/faults';
import { selectorOf } from '../labels';
import { Peer, _toPeer } from './peer';

/** Traffic to or from one kind of peer. */
export interface Flow {
  /** Pods on the other side. @default - anywhere, which only makes sense for the Kubernetes API or services outside the cluster */
  readonly peer?: Peer;
  /** TCP port of the listening side. */
  readonly port: number;
}

/** Props of {@link Allow}. */
export interface AllowProps {
  readonly namespace: string;
  /** `app.kubernetes.io/name` of the pods it is about. */
  readonly name: string;
  /** Who may call these pods. @default - nobody */
  readonly from?: readonly Flow[];
  /** Whom these pods may call. @default - nobody */
  readonly to?: readonly Flow[];
}

/** Lets the named flows of one service's pods through a {@link DefaultDeny}. */
export class Allow extends Construct {
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: AllowProps) {
    super(scope, id);
    const { from = [], to = [] } = props;
    if (from.length === 0 && to.length === 0) {
      throw new FaultError('a network policy would allow nothing', [
        { where: this.node.path, got: 'neither from nor to', allowed: 'at least one flow', do: 'leave the construct out: DefaultDeny refuses everything already' },
      ]);
    }
    const ports = (flow: Flow) => [{ protocol: 'TCP', port: k8s.IntOrString.fromNumber(flow.port) }];
    this.apiObject = new ApiObject(this, 'Resource', k8s.KubeNetworkPolicy.manifest({
      metadata: { name: props.name, namespace: props.namespace },
      spec: {
        podSelector: { matchLabels: selectorOf(props.name) },
        policyTypes: [...(from.length > 0 ? ['Ingress'] : []), ...(to.length > 0 ? ['Egress'] : [])],
        ...(from.length > 0 ? { ingress: from.map((flow) => ({ ...(flow.peer ? { from: [_toPeer(flow.peer)] } : {}), ports: ports(flow) })) } : {}),
        ...(to.length > 0 ? { egress: to.map((flow) => ({ ...(flow.peer ? { to: [_toPeer(flow.peer)] } : {}), ports: ports(flow) })) } : {}),
      },
    }));
  }
}
