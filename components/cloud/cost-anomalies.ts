import { CeAnomalyMonitor, CeAnomalyMonitorConfig } from '@cdktf/provider-aws/lib/ce-anomaly-monitor';
import { CeAnomalySubscription, CeAnomalySubscriptionConfig } from '@cdktf/provider-aws/lib/ce-anomaly-subscription';
import { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';

/**
 * What is watched for cost that is not usual. `services`: each AWS service of the account; an account can have one such monitor only. `tag`: what carries a
 * cost allocation tag. `existing`: a monitor that is there already, such as the one AWS gives new accounts.
 */
export type AnomalyScope =
  | { readonly services: true }
  | { readonly tag: { readonly key: string; readonly value: string } }
  | { readonly existing: string };

/** Props of {@link CostAnomalies}. */
export interface CostAnomaliesProps {
  /** Name of monitor and subscription, 1 to 50 characters. */
  readonly name: string;
  /** Cost above what is expected from which on people are told, US dollars, above 0. */
  readonly thresholdUsd: number;
  /** @default - the AWS services of the account */
  readonly scope?: AnomalyScope;
  /** ARNs of the SNS topics that are told as soon as an anomaly is found. At least one, or an e-mail address. @default - none */
  readonly topicArns?: readonly string[];
  /** Who is mailed a summary once a day. @default - nobody */
  readonly emails?: readonly string[];
  /** What lets AWS publish to the topics: it tries when it subscribes. @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
  /** The way out: gets each finished configuration and returns the one to use. @default - as built here */
  readonly transform?: {
    readonly monitor?: (config: CeAnomalyMonitorConfig) => CeAnomalyMonitorConfig;
    readonly subscription?: (config: CeAnomalySubscriptionConfig) => CeAnomalySubscriptionConfig;
  };
}

/** Cost that is not as usual, told within a day or so: AWS learns what is usual by itself. */
export class CostAnomalies extends Construct {
  /** The monitor made here; none if it existed. */
  readonly monitor: CeAnomalyMonitor | undefined;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: CostAnomaliesProps) {
    super(scope, id);
    refuse(`the anomaly monitor ${show(props.name)} cannot be built`, anomalyFaults(props, this.node.path));
    const { transform = {} } = props;
    const watched = props.scope ?? { services: true };
    if (!('existing' in watched)) {
      const config: CeAnomalyMonitorConfig = 'tag' in watched
        // Every key of an expression, as AWS returns it: Terraform compares texts.
        ? {
          name: props.name, monitorType: 'CUSTOM', monitorSpecification: JSON.stringify({
            And: null, CostCategories: null, Dimensions: null, Not: null, Or: null, Tags: { Key: `user:${watched.tag.key}`, MatchOptions: null, Values: [watched.tag.value] },
          }),
        }
        : { name: props.name, monitorType: 'DIMENSIONAL', monitorDimension: 'SERVICE' };
      this.monitor = new CeAnomalyMonitor(this, 'Monitor', transform.monitor?.(config) ?? config);
    }
    const monitorArn = this.monitor?.arn ?? (watched as { readonly existing: string }).existing;
    const subscribe = (suffix: string, frequency: 'IMMEDIATE' | 'DAILY', subscriber: { readonly type: 'SNS' | 'EMAIL'; readonly address: string }[]) => {
      const config: CeAnomalySubscriptionConfig = {
        name: `${props.name}${suffix}`, frequency, monitorArnList: [monitorArn], subscriber,
        thresholdExpression: { dimension: { key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE', matchOptions: ['GREATER_THAN_OR_EQUAL'], values: [String(props.thresholdUsd)] } },
        ...(props.dependsOn?.length ? { dependsOn: [...props.dependsOn] } : {}),
      };
      new CeAnomalySubscription(this, `Subscription${suffix}`, transform.subscription?.(config) ?? config);
    };
    // AWS takes one topic at once, or addresses once a day; never both in one subscription.
    (props.topicArns ?? []).forEach((address, index) => subscribe(index === 0 ? '' : `-${index + 1}`, 'IMMEDIATE', [{ type: 'SNS', address }]));
    if (props.emails?.length) subscribe('-daily', 'DAILY', props.emails.map((address) => ({ type: 'EMAIL', address })));
  }
}

function anomalyFaults(props: CostAnomaliesProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[\S ]{1,44}$/.test(props.name), 'name', props.name, '1 to 44 characters: a suffix may follow, and AWS takes 50', 'shorten it');
  need(Number.isFinite(props.thresholdUsd) && props.thresholdUsd > 0, 'thresholdUsd', props.thresholdUsd, 'US dollars above 0', 'say from which amount on you want to hear of it');
  need((props.topicArns?.length ?? 0) + (props.emails?.length ?? 0) > 0, 'topicArns', 'neither a topic nor an e-mail address', 'at least one of them', 'name who hears of anomalies');
  if (props.scope && 'existing' in props.scope) {
    need(/^arn:aws:ce::\d{12}:anomalymonitor\/[\w-]+$/.test(props.scope.existing), 'scope.existing', props.scope.existing, 'the ARN of an anomaly monitor', 'aws ce get-anomaly-monitors lists them');
  }
  return faults;
}
