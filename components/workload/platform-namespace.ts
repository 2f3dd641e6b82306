import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { ownerLabels, Ownership } from '../labels';

/** Props of {@link PlatformNamespace}. */
export interface PlatformNamespaceProps extends Ownership {
  readonly name: string;
  /** Pod Security level that admission enforces. @default restricted */
  readonly podSecurity?: 'restricted' | 'baseline' | 'privileged';
}

/** A namespace whose pods must meet a Pod Security level, with its owner on it. */
export class PlatformNamespace extends Construct {
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: PlatformNamespaceProps) {
    super(scope, id);
    const level = props.podSecurity ?? 'restricted';
    this.apiObject = new ApiObject(this, 'Resource', k8s.KubeNamespace.manifest({
      metadata: {
        name: props.name,
        labels: {
          'pod-security.kubernetes.io/enforce': level,
          'pod-security.kubernetes.io/warn': level,
          ...ownerLabels(props),
        },
      },
    }));
  }
}
