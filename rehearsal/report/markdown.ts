import { formatFault } from '../../base/faults';
import type { Report } from './schema';
import { verdict } from './verdict';

/** Text from data, so that it cannot become markup or break a table. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows.map((row) => `| ${row.join(' | ')} |`)];
}

const money = (value: number | null) => (value === null ? 'unknown' : value.toFixed(2));
const percent = (value: number | null) => (value === null ? 'unknown' : `${(value * 100).toFixed(1)} %`);

/** The report for a pull request: the same facts, without the plots. */
export function renderMarkdown(report: Report): string {
  const { price, forecast, agreement, teardown } = report;
  const problems = report.checks.filter((check) => check.status === 'fail');
  const lines = [
    `## Rehearsal of ${cell(report.environment)}`,
    '',
    `**${verdict(report)}**`,
    '',
    `Level ${report.level}${report.fallback ? ` (asked: ${report.fallback.asked}; ${cell(report.fallback.why)})` : ''}, a result of shape, not of behaviour: no container ran. `
      + `${report.trace.hours} h of ${cell(report.trace.name)}, ${report.trace.speed} times its speed.`,
    '',
    ...table(['policy', 'violation minutes', 'replica-hours', 'USD', 'changes', 'minutes on fallback'], report.policies.map((policy) => [
      policy.name, String(policy.violationMinutes), policy.replicaHours.toFixed(1), policy.costUsd.toFixed(3), String(policy.scaleEvents), String(policy.fallbackMinutes),
    ])),
    '',
    `Forecast ${forecast.horizonMinutes} min ahead: MASE ${forecast.mase === null ? 'unknown' : forecast.mase.toFixed(2)}, 80 % band covered ${percent(forecast.coverage80)}, 95 % band ${percent(forecast.coverage95)}.`,
    ...(agreement.simulatorVsHpa ?? []).map((each) => `Simulator and real HPA, ${each.policy}: ${percent(each.equalShare)} of ${each.minutes} minutes equal.`),
    '',
    `Price: ${money(price.monthlyUsd)} USD a month at typical replicas (${money(price.minimumMonthlyUsd)} to ${money(price.maximumMonthlyUsd)}), budget ${price.budgetMonthlyUsd}; ${Math.round(price.coverage * 100)} % of lines priced.`,
    '',
    ...table(['check', 'status', 'checked'], report.checks.map((check) => [cell(check.title), check.status, String(check.applied)])),
    ...problems.flatMap((check) => ['', `### ${cell(check.id)}`, ...check.findings.slice(0, 10).map((finding) => `- ${cell(formatFault(finding))}`)]),
    '',
    ...table(['stage', 'seconds', 'status'], report.stages.map((stage) => [cell(stage.name), stage.seconds.toFixed(1), stage.status])),
    '',
    report.level === 'simulate' ? 'Nothing was applied, so there was nothing to tear down.' : `Left over after teardown: ${teardown.leftovers.length === 0 ? 'nothing' : teardown.leftovers.map(cell).join(', ')}.`,
    '',
  ];
  return lines.join('\n');
}
