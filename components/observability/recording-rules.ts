import { ApiObject, Yaml } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { labelsOf, Ownership } from '../labels';

/** One recording rule: a name that others may rely on, and how Prometheus computes it. */
export interface RecordingRule {
  /** `level:metric:operations`. */
  readonly record: string;
  /** PromQL. */
  readonly expr: string;
}

/** Props of {@link RecordingRules}. */
export interface RecordingRulesProps extends Ownership {
  readonly name: string;
  readonly namespace: string;
  readonly rules: readonly RecordingRule[];
  /** How often the rules are evaluated, seconds. @default 15 */
  readonly intervalSeconds?: number;
}

/** A Prometheus rule file in a ConfigMap: the contract between observability and whoever reads the recorded names. */
export class RecordingRules extends Construct {
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: RecordingRulesProps) {
    super(scope, id);
    this.apiObject = new ApiObject(this, 'Resource', k8s.KubeConfigMap.manifest({
      metadata: { name: props.name, namespace: props.namespace, labels: labelsOf(props.name, props, 'rules') },
      data: {
        'rules.yaml': Yaml.stringify({ groups: [{ name: props.name, interval: `${props.intervalSeconds ?? 15}s`, rules: props.rules.map(({ record, expr }) => ({ record, expr })) }] }),
      },
    }));
  }
}
