import { ApiObject, Yaml } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Fault, refuse, show } from '../../base/faults';
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

/**
 * A Prometheus rule file in a ConfigMap: the contract between observability and whoever reads the recorded names.
 *
 * @throws FaultError naming every name that Prometheus refuses or that is recorded twice, every rule without an expression, and an interval that is none
 */
export class RecordingRules extends Construct {
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: RecordingRulesProps) {
    super(scope, id);
    refuse(`the recording rules ${props.name} cannot be built`, ruleFaults(this.node.path, props));
    this.apiObject = new ApiObject(this, 'Resource', k8s.KubeConfigMap.manifest({
      metadata: { name: props.name, namespace: props.namespace, labels: labelsOf(props.name, props, 'rules') },
      data: {
        'rules.yaml': Yaml.stringify({ groups: [{ name: props.name, interval: `${props.intervalSeconds ?? 15}s`, rules: props.rules.map(({ record, expr }) => ({ record, expr })) }] }),
      },
    }));
  }
}

function ruleFaults(path: string, { rules, intervalSeconds = 15 }: RecordingRulesProps): Fault[] {
  const faults: Fault[] = [];
  const check = (fits: boolean, where: string, got: unknown, allowed: string, todo: string) => {
    if (!fits) faults.push({ where: `${path} ${where}`, got: show(got), allowed, do: todo });
  };
  check(rules.length > 0, 'rules', rules, 'at least one rule', 'leave the construct out, or give a rule');
  check(Number.isInteger(intervalSeconds) && intervalSeconds > 0, 'intervalSeconds', intervalSeconds, 'a whole number of seconds above 0', "set 'intervalSeconds'");
  rules.forEach(({ record, expr }, index) => {
    check(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(record), `rules[${index}].record`, record, 'a metric name: letters, digits, _ and :', 'rename it');
    check(rules.findIndex((other) => other.record === record) === index, `rules[${index}].record`, record, 'names that differ', 'remove one of the two: their samples would collide');
    check(expr.trim() !== '', `rules[${index}].expr`, expr, 'PromQL', 'say how it is computed');
  });
  return faults;
}
