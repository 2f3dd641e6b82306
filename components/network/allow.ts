import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Cidr } from '../../base/cidr';
import { Fault, refuse, show } from '../../base/faults';
import { selectorOf } from '../labels';
import { _nameResolution, _toPeer, Peer } from './peer';

/** Traffic to or from one kind of peer. */
export interface Flow {
  /** Pods on the other side. @default - anywhere, which only makes sense for the Kubernetes API or services outside the cluster */
  readonly peer?: Peer;
  /** Addresses on the other side instead of pods, e.g. `169.254.170.23/32`, the node's agent of EKS Pod Identity. @default - anywhere */
  readonly block?: string;
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
  /** Labels of the policy itself, e.g. who answers for it. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Lets the named flows of one service's pods through, and name resolution; everything else to and from these pods is refused,
 * whether or not their namespace has a {@link DefaultDeny}.
 *
 * @throws FaultError when it would allow nothing, or names a port that does not exist
 */
export class Allow extends Construct {
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: AllowProps) {
    super(scope, id);
    const { from = [], to = [] } = props;
    const faults: Fault[] = [];
    if (from.length === 0 && to.length === 0) {
      faults.push({ where: this.node.path, got: 'neither from nor to', allowed: 'at least one flow', do: 'leave the construct out: DefaultDeny refuses everything already' });
    }
    for (const [list, flows] of Object.entries({ from, to })) {
      flows.forEach(({ port, peer, block }, index) => {
        if (block !== undefined && (peer !== undefined || Cidr.tryParse(block) === undefined)) {
          faults.push({ where: `${this.node.path} ${list}[${index}].block`, got: peer ? `${show(block)} and a peer` : show(block), allowed: 'an IPv4 block, and no peer beside it', do: 'write addresses such as 10.0.0.0/16, or name the pods' });
        }
        if (Number.isInteger(port) && port >= 1 && port <= 65535) return;
        faults.push({ where: `${this.node.path} ${list}[${index}].port`, got: show(port), allowed: 'a whole number from 1 to 65535', do: 'name the port the other side listens on' });
      });
    }
    refuse(`the network policy of ${props.name} cannot be built`, faults);
    const others = ({ peer, block }: Flow) => (peer ? [_toPeer(peer)] : block ? [{ ipBlock: { cidr: block } }] : undefined);
    const ports = (flow: Flow) => [{ protocol: 'TCP', port: k8s.IntOrString.fromNumber(flow.port) }];
    this.apiObject = new ApiObject(this, 'Resource', k8s.KubeNetworkPolicy.manifest({
      metadata: { name: props.name, namespace: props.namespace, ...(props.labels ? { labels: props.labels } : {}) },
      spec: {
        podSelector: { matchLabels: selectorOf(props.name) },
        policyTypes: ['Ingress', 'Egress'],
        ...(from.length > 0 ? { ingress: from.map((flow) => ({ ...(others(flow) ? { from: others(flow) } : {}), ports: ports(flow) })) } : {}),
        egress: [_nameResolution(), ...to.map((flow) => ({ ...(others(flow) ? { to: others(flow) } : {}), ports: ports(flow) }))],
      },
    }));
  }
}
