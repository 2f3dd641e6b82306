import { compact, figure, fixed, percent, usd } from '../format';
import { Content, html, Markup } from '../markup';
import type { Report } from '../schema';
import { section, textTable } from './section';

const unknown = html`<span class="pill open">? unknown</span>`;

export function priceSection(report: Report): Markup {
  const { price } = report;
  const priced = price.lines.filter((line) => line.ListCost !== null).length;
  return section('price', 'Price of the environment', html`
<p><b class="big">${price.monthlyUsd === null ? 'unknown' : `${usd(price.monthlyUsd)} USD`}</b> a month at typical replica counts; ${usd(price.minimumMonthlyUsd)} at the fewest, ${usd(price.maximumMonthlyUsd)} at the most.
${priced} of ${price.lines.length} lines (${percent(price.coverage, 0)}) could be priced; the others are unknown, which is not 0${priced < price.lines.length && ', so the bill will be higher'}.</p>
${budget(report)}
${textTable('FOCUS lines, US dollars a month', ['Service', 'Charge', 'Resource', 'Quantity', 'Unit price', 'A month', 'Price is'], price.lines.map((line) => [
  line.ServiceName,
  line.ChargeDescription,
  line.ResourceName,
  number(line.PricingQuantity === null ? unknown : html`${compact(line.PricingQuantity)} <span class="soft">${line.PricingUnit}</span>`),
  number(line.ListUnitPrice === null ? unknown : figure(line.ListUnitPrice, 4)),
  number(line.ListCost === null ? unknown : html`<b>${usd(line.ListCost)}</b>`),
  line.x_PriceCertainty ? html`<span class="soft number" title="${line.x_PriceSource}">${line.x_PriceCertainty}${line.x_PriceDate && `, ${line.x_PriceDate}`}</span>` : undefined,
]))}`);
}

function number(content: Content): Markup {
  return html`<span class="number">${content}</span>`;
}

/** The month beside the budget, as a bar: typical filled, fewest and most as a range. */
function budget({ price }: Report): Content {
  if (price.monthlyUsd === null) return html`<p>Budget ${usd(price.budgetMonthlyUsd)} USD a month; the share is unknown.</p>`;
  if (price.budgetMonthlyUsd <= 0) return undefined;
  const most = price.maximumMonthlyUsd ?? price.monthlyUsd;
  const full = Math.max(price.budgetMonthlyUsd, most) * 1.02;
  const at = (value: number) => `${fixed((value / full) * 100, 1)}%`;
  const over = most > price.budgetMonthlyUsd;
  const least = price.minimumMonthlyUsd ?? price.monthlyUsd;
  return html`<div class="budget" role="img" aria-label="${percent(price.monthlyUsd / price.budgetMonthlyUsd, 0)} of the budget of ${usd(price.budgetMonthlyUsd)} US dollars a month">
<div class="bar"><i class="range" style="left:${at(least)};width:${at(most - least)}"></i><i class="filled ${price.monthlyUsd > price.budgetMonthlyUsd && 'over'}" style="width:${at(price.monthlyUsd)}"></i><i class="limit" style="left:${at(price.budgetMonthlyUsd)}"></i></div>
<p class="soft"><b>${percent(price.monthlyUsd / price.budgetMonthlyUsd, 0)}</b> of the budget of ${usd(price.budgetMonthlyUsd)} USD${over && html`; <b class="violated">at the most replicas it is exceeded</b>`}</p></div>`;
}
