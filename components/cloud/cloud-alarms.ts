import { CloudwatchMetricAlarm, CloudwatchMetricAlarmConfig } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';

/** A metric of CloudWatch. */
export interface AlarmMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'Average' | 'Minimum' | 'Maximum';
}

/** One thing that people are told of. */
export interface Alarm {
  /** Lower-case letters, digits and hyphens; the alarm's name ends with it. */
  readonly name: string;
  /** What it means and what to do, for who reads the mail at night. At most 900 characters. */
  readonly description: string;
  /** The metric, or several by a name that the expression uses. */
  readonly metric: AlarmMetric | Readonly<Record<string, AlarmMetric>>;
  /** What is compared, in CloudWatch's metric math over the names of `metric`. @default - the metric itself */
  readonly expression?: string;
  readonly comparison: '>' | '<';
  readonly threshold: number;
  /** Seconds that one figure covers: 60 or a multiple of it. @default 300 */
  readonly periodSeconds?: number;
  /** How many figures one after the other must be beyond the threshold. @default 3 */
  readonly periods?: number;
  /** What no figure means. `alarm`: it has stopped. `fine`: AWS writes none while nothing happens. `unknown`: neither. */
  readonly missing: 'alarm' | 'fine' | 'unknown';
  /** Page of AWS that says the metric exists and what it means. */
  readonly source: string;
}

/** Props of {@link CloudAlarms}. */
export interface CloudAlarmsProps {
  /** What each alarm's name begins with. */
  readonly prefix: string;
  readonly alarms: readonly Alarm[];
  /** ARNs of SNS topics that are told when an alarm goes off and when it is over, one to five. */
  readonly topicArns: readonly string[];
  /** The way out: gets each finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: CloudwatchMetricAlarmConfig, alarm: Alarm) => CloudwatchMetricAlarmConfig;
}

const MISSING = { alarm: 'breaching', fine: 'notBreaching', unknown: 'missing' } as const;
const COMPARISONS = { '>': 'GreaterThanThreshold', '<': 'LessThanThreshold' } as const;

/** Alarms of CloudWatch that say what to do. */
export class CloudAlarms extends Construct {
  readonly alarms: readonly CloudwatchMetricAlarm[];

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: CloudAlarmsProps) {
    super(scope, id);
    refuse(`the alarms of ${show(props.prefix)} cannot be built`, alarmsFaults(props, this.node.path));
    this.alarms = props.alarms.map((alarm) => {
      const config: CloudwatchMetricAlarmConfig = {
        alarmName: `${props.prefix}-${alarm.name}`, alarmDescription: `${alarm.description} ${alarm.source}`,
        ...figures(alarm),
        comparisonOperator: COMPARISONS[alarm.comparison], threshold: alarm.threshold,
        evaluationPeriods: alarm.periods ?? 3, datapointsToAlarm: alarm.periods ?? 3, treatMissingData: MISSING[alarm.missing],
        alarmActions: [...props.topicArns], okActions: [...props.topicArns],
      };
      return new CloudwatchMetricAlarm(this, alarm.name, props.transform?.(config, alarm) ?? config);
    });
  }
}

function figures({ metric, expression, periodSeconds: period = 300 }: Alarm): Partial<CloudwatchMetricAlarmConfig> {
  if (isMetric(metric)) return { namespace: metric.namespace, metricName: metric.name, dimensions: { ...metric.dimensions }, statistic: metric.statistic, period };
  return {
    metricQuery: [
      ...Object.entries(metric).map(([id, each]) => ({
        id, returnData: false, metric: { namespace: each.namespace, metricName: each.name, dimensions: { ...each.dimensions }, stat: each.statistic, period },
      })),
      { id: 'result', expression: expression!, label: 'result', returnData: true },
    ],
  };
}

function isMetric(metric: Alarm['metric']): metric is AlarmMetric {
  return typeof (metric as AlarmMetric).namespace === 'string';
}

function alarmsFaults(props: CloudAlarmsProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(props.topicArns.length >= 1 && props.topicArns.length <= 5, 'topicArns', props.topicArns, 'one to five topics', 'say who is told: an alarm that tells nobody is a colour in a console');
  props.alarms.forEach((alarm, index) => {
    const where = `alarms[${index}]`;
    need(/^[a-z][a-z0-9-]{0,99}$/.test(alarm.name), `${where}.name`, alarm.name, 'lower-case letters, digits and hyphens', 'choose such a name');
    need(props.alarms.findIndex((other) => other.name === alarm.name) === index, `${where}.name`, alarm.name, 'names that differ', 'rename one of them');
    need(alarm.description.trim() !== '' && alarm.description.length <= 900, `${where}.description`, alarm.description, '1 to 900 characters', 'say what it means and what to do');
    need(isMetric(alarm.metric) === (alarm.expression === undefined), `${where}.expression`, alarm.expression, 'an expression with several metrics, none with one', 'give both or neither');
    need(Number.isFinite(alarm.threshold), `${where}.threshold`, alarm.threshold, 'a number', 'set it');
    const period = alarm.periodSeconds ?? 300;
    need(Number.isInteger(period) && period >= 60 && period % 60 === 0, `${where}.periodSeconds`, period, '60 or a multiple of it', 'set it, or leave it out for 300');
    const periods = alarm.periods ?? 3;
    need(Number.isInteger(periods) && periods >= 1 && periods * period <= 86_400, `${where}.periods`, periods, 'a whole number from 1, a day at most in all', 'set it, or leave it out for 3');
    need(/^https:\/\//.test(alarm.source), `${where}.source`, alarm.source, 'the address of a page', 'name where the metric is documented');
  });
  return faults;
}
