/** A query kept with the workgroup, for people who ask the lake by hand. */
export interface CostQuery {
  /** Letters, digits, spaces and '-'. */
  readonly name: string;
  readonly description: string;
  /** Of Athena; the table is called `focus`. */
  readonly sql: string;
}

const THIS_MONTH = "billing_period = date_format(current_date, '%Y-%m')"; // names the partition: without it a query reads every month

/** Value of a tag; AWS spells tags that people gave with or without a prefix. */
const tag = (key: string) => `coalesce(element_at(tags, '${key}'), element_at(tags, 'user:${key}'), element_at(tags, 'user_${key}'), '(none)')`;

/** Questions everybody asks first. Costs are summed by currency: a sum over two would mean nothing. */
export const COST_QUERIES: readonly CostQuery[] = [
  {
    name: 'month-to-date by service',
    description: 'What each service of each provider has cost this month so far, the dearest first',
    sql: `SELECT provider, servicename, billingcurrency, round(sum(effectivecost), 2) AS effective
FROM focus
WHERE ${THIS_MONTH}
GROUP BY 1, 2, 3
ORDER BY effective DESC`,
  },
  {
    name: 'month-to-date by environment',
    description: 'What each environment has cost this month so far, by the tag it carries, and what carries none',
    sql: `SELECT ${tag('environment')} AS environment, ${tag('cost-centre')} AS cost_centre, billingcurrency, round(sum(effectivecost), 2) AS effective
FROM focus
WHERE ${THIS_MONTH}
GROUP BY 1, 2, 3
ORDER BY effective DESC`,
  },
  {
    name: 'billed against effective',
    description: 'What the invoice says each month (unblended), what was used up of commitments and upfront payments (effective), and what it would have cost without any discount (list)',
    sql: `SELECT billing_period, provider, billingcurrency, round(sum(billedcost), 2) AS billed, round(sum(effectivecost), 2) AS effective, round(sum(listcost), 2) AS list
FROM focus
WHERE billing_period >= date_format(date_add('month', -5, current_date), '%Y-%m')
GROUP BY 1, 2, 3
ORDER BY 1 DESC, 2`,
  },
];
