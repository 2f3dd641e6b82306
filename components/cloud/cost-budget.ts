import { BudgetsBudget, BudgetsBudgetConfig } from '@cdktf/provider-aws/lib/budgets-budget';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';

/** Notifications a budget can have, of both kinds together. @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html */
const MOST_NOTIFICATIONS = 10;
/** E-mail addresses of a notification; besides them it takes one topic. */
const MOST_EMAILS = 10;

/** Props of {@link CostBudget}. */
export interface CostBudgetProps {
  /** Name of the budget, unique in the account, 1 to 100 characters without `:` and `\`. */
  readonly name: string;
  /** Budget of a calendar month, US dollars, above 0. */
  readonly monthlyUsd: number;
  /** Shares of the budget at which cost so far is told, percent, ascending. @default [50, 80, 100] */
  readonly alertPercents?: readonly number[];
  /** Shares at which the cost AWS expects by the end of the month is told, percent, ascending. @default - those of `alertPercents` from 100 on, or 100: a month on plan is expected to pass all below */
  readonly forecastPercents?: readonly number[];
  /** Who is mailed, at most ten. @default - nobody */
  readonly emails?: readonly string[];
  /** ARN of the SNS topic that is told. @default - none */
  readonly topicArn?: string;
  /** Counts only what carries this tag, which must be active as a cost allocation tag. What carries no tag (some data transfer, support, tax) is left out. @default - the whole account */
  readonly tag?: { readonly key: string; readonly value: string };
  /** The way out: gets the finished configuration and returns the one to use. @default - as built here */
  readonly transform?: (config: BudgetsBudgetConfig) => BudgetsBudgetConfig;
}

/** A monthly budget that tells people before and when it is used up. It stops nothing. */
export class CostBudget extends Construct {
  readonly budget: BudgetsBudget;

  /** @throws FaultError with every prop that is not usable, among them a budget that nobody would hear of */
  constructor(scope: Construct, id: string, props: CostBudgetProps) {
    super(scope, id);
    refuse(`the budget ${show(props.name)} cannot be built`, budgetFaults(props, this.node.path));
    const { actual, forecast } = percentsOf(props);
    const notification = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notificationType, threshold, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN',
      ...(props.emails?.length ? { subscriberEmailAddresses: [...props.emails] } : {}),
      ...(props.topicArn === undefined ? {} : { subscriberSnsTopicArns: [props.topicArn] }),
    });
    const config: BudgetsBudgetConfig = {
      name: props.name, budgetType: 'COST', timeUnit: 'MONTHLY', limitAmount: props.monthlyUsd.toFixed(2), limitUnit: 'USD',
      ...(props.tag ? { costFilter: [{ name: 'TagKeyValue', values: [`user:${props.tag.key}$${props.tag.value}`] }] } : {}),
      notification: [...actual.map((percent) => notification('ACTUAL', percent)), ...forecast.map((percent) => notification('FORECASTED', percent))],
    };
    this.budget = new BudgetsBudget(this, 'Resource', props.transform?.(config) ?? config);
  }
}

function percentsOf(props: CostBudgetProps): { readonly actual: readonly number[]; readonly forecast: readonly number[] } {
  const actual = props.alertPercents ?? [50, 80, 100];
  const late = actual.filter((percent) => percent >= 100);
  return { actual, forecast: props.forecastPercents ?? (late.length > 0 ? late : [100]) };
}

function budgetFaults(props: CostBudgetProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  need(/^[^:\\]{1,100}$/.test(props.name), 'name', props.name, '1 to 100 characters without : and \\', 'choose such a name');
  need(Number.isFinite(props.monthlyUsd) && props.monthlyUsd > 0, 'monthlyUsd', props.monthlyUsd, 'US dollars above 0', 'say what a month may cost');
  const emails = props.emails ?? [];
  need(emails.length > 0 || props.topicArn !== undefined, 'emails', 'neither an e-mail address nor a topic', 'at least one of them', 'name who hears of the budget: without anybody it is a number in a console');
  need(emails.length <= MOST_EMAILS, 'emails', `${emails.length} addresses`, `at most ${MOST_EMAILS}`, 'let a topic tell the others');
  emails.forEach((email) => need(/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email), 'emails', email, 'an e-mail address', 'correct it'));
  const { actual, forecast } = percentsOf(props);
  for (const [where, percents] of [['alertPercents', actual], ['forecastPercents', forecast]] as const) {
    need(percents.length > 0 && percents.every((each, index) => Number.isFinite(each) && each > (percents[index - 1] ?? 0) && each <= 1000), where, percents,
      'ascending percentages above 0 and up to 1000, at least one', 'order them, or leave them out');
  }
  need(actual.length + forecast.length <= MOST_NOTIFICATIONS, 'alertPercents', `${actual.length} of cost so far, ${forecast.length} of expected cost`, `${MOST_NOTIFICATIONS} together`, 'leave some out');
  if (props.tag) need(props.tag.key !== '' && props.tag.value !== '' && !props.tag.value.includes('$'), 'tag', props.tag, 'a key and a value, without $', 'name the tag');
  return faults;
}
