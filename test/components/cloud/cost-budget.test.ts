import { describe, expect, it } from 'vitest';
import { CostBudget, CostBudgetProps } from '../../../components/cloud';
import { only, synthIn } from '../../support/synth-stack';

const props: CostBudgetProps = { name: 'demo', monthlyUsd: 600, emails: ['a@example.com'], topicArn: 'arn:aws:sns:eu-west-1:111111111111:alerts' };
const budget = (more: Partial<CostBudgetProps> = {}) => only(synthIn((stack) => void new CostBudget(stack, 'budget', { ...props, ...more })), 'aws_budgets_budget');
const alerts = (more?: Partial<CostBudgetProps>) => (budget(more).notification as { notification_type: string; threshold: number }[])
  .map((each) => [each.notification_type, each.threshold]);

describe('a budget', () => {
  it('is of a month, in dollars', () => {
    expect(budget()).toMatchObject({ budget_type: 'COST', time_unit: 'MONTHLY', limit_amount: '600.00', limit_unit: 'USD' });
  });

  it('tells addresses and topic of cost so far at each share, of expected cost from the whole budget on', () => {
    expect(alerts()).toEqual([['ACTUAL', 50], ['ACTUAL', 80], ['ACTUAL', 100], ['FORECASTED', 100]]);
    expect(alerts({ alertPercents: [90] })).toEqual([['ACTUAL', 90], ['FORECASTED', 100]]);
    expect(alerts({ alertPercents: [100, 150], forecastPercents: [80] })).toEqual([['ACTUAL', 100], ['ACTUAL', 150], ['FORECASTED', 80]]);
    for (const each of budget().notification) {
      expect(each).toMatchObject({ threshold_type: 'PERCENTAGE', comparison_operator: 'GREATER_THAN', subscriber_email_addresses: props.emails, subscriber_sns_topic_arns: [props.topicArn] });
    }
  });

  it('counts the account, or what carries a tag', () => {
    expect(budget()).not.toHaveProperty('cost_filter');
    expect(budget({ tag: { key: 'environment', value: 'dev' } }).cost_filter).toEqual([{ name: 'TagKeyValue', values: ['user:environment$dev'] }]);
  });

  it.each([{ emails: [] }, { emails: undefined }])('is refused if nobody would hear of it (%j)', (more) => {
    expect(() => budget({ topicArn: undefined, ...more } as Partial<CostBudgetProps>)).toThrow(/emails\] got: "neither an e-mail address nor a topic"; allowed: at least one of them; do: name who hears/);
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => budget({ name: 'a:b', monthlyUsd: 0, emails: [...Array(10).fill('x@example.com'), 'nobody'], alertPercents: [80, 50], forecastPercents: [], tag: { key: 'a', value: '$' } }))
      .toThrow(/name\] got[^]*monthlyUsd\] got: 0[^]*emails\] got: "11 addresses"[^]*emails\] got: "nobody"[^]*alertPercents\] got: \[80,50\][^]*forecastPercents\] got: \[\][^]*tag\] got/);
    expect(() => budget({ alertPercents: [10, 20, 30, 40, 50, 60], forecastPercents: [70, 80, 90, 100, 110] })).toThrow(/6 of cost so far, 5 of expected cost"; allowed: 10 together/);
  });
});
