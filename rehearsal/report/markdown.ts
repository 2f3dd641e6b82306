import { formatFault } from '../../base/faults';
import { bytes, claim, claimed, duration } from './format';
import type { Check, Report } from './schema';
import { sparkline } from './sparkline';
import { outcome, verdict } from './verdict';

/**
 * Text from data, so that it cannot become markup, break a table, call somebody or link an issue. A backslash does not stop the last two, an entity does.
 */
function cell(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0020\u007f-\u009f]+/g, ' ').replace(/[\\`*_{}[\]|~]/g, (character) => `\\${character}`)
    .replace(/[&<>@#]/g, (character) => `&#${character.charCodeAt(0)};`).replace(/:\/\//g, '&#58;//');
}

/** More findings of one check than this are counted: a comment is to be read. */
const MOST_FINDINGS = 10;

function findings(check: Check): string[] {
  const more = check.findings.length - MOST_FINDINGS;
  return ['', `### ${cell(check.id)}`, ...check.findings.slice(0, MOST_FINDINGS).map((finding) => `- ${cell(formatFault(finding))}`), ...(more > 0 ? [`- and ${more} more`] : [])];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows.map((row) => `| ${row.join(' | ')} |`)];
}

const money = (value: number | null) => (value === null ? 'unknown' : value.toFixed(2));
const percent = (value: number | null) => (value === null ? 'unknown' : `${(value * 100).toFixed(1)} %`);

/** The report for a pull request: the same facts, without the plots. */
export function renderMarkdown(report: Report): string {
  const { price, forecast, agreement, teardown } = report;
  const { passed, reasons } = outcome(report);
  const problems = report.checks.filter((check) => check.status === 'fail');
  const lines = [
    `## ${passed ? '✅' : '❌'} Rehearsal of ${cell(report.environment)} ${passed ? 'passed' : 'failed'}`,
    '',
    `**${verdict(report)}**`,
    ...(reasons.length > 0 ? ['', `Failed because: ${reasons.map(cell).join('; ')}.`] : []),
    '',
    `Level ${report.level}${report.fallback ? ` (asked: ${report.fallback.asked}; ${cell(report.fallback.why)})` : ''}, ${claimed(report.level)}: ${claim(report.level).kind === 'shape' ? 'no container ran' : 'real containers ran'}. `
      + `${report.trace.hours} h of ${cell(report.trace.name)}${report.trace.speed === 1 ? '' : `, ${report.trace.speed} times its speed`}.`,
    '',
    ...plots(report),
    ...table(['policy', 'violation minutes', 'replica-hours', 'USD', 'changes', 'minutes on fallback'], report.policies.map((policy) => [
      policy.name, String(policy.violationMinutes), policy.replicaHours.toFixed(1), policy.costUsd.toFixed(2), String(policy.scaleEvents), String(policy.fallbackMinutes),
    ])),
    '',
    ...(report.comparison ? [
      ...table(['strategy, simulated', 'violation minutes', 'replica-hours', 'USD', 'changes'], report.comparison.strategies.map((each) => [
        cell(each.title), String(each.violationMinutes), each.replicaHours.toFixed(1), each.costUsd.toFixed(2), String(each.scaleEvents),
      ])),
      '',
    ] : []),
    `Forecast ${forecast.horizonMinutes} min ahead: MASE ${forecast.mase === null ? 'unknown' : forecast.mase.toFixed(2)}, 80 % band covered ${percent(forecast.coverage80)}, 95 % band ${percent(forecast.coverage95)}.`,
    ...(agreement.simulatorVsHpa ?? []).map((each) => `Simulator and real HPA, ${each.policy}: ${percent(each.equalShare)} of ${each.minutes} minutes equal.`),
    '',
    ...kindLines(report),
    `Price: ${money(price.monthlyUsd)} USD a month at typical replicas (${money(price.minimumMonthlyUsd)} to ${money(price.maximumMonthlyUsd)}), budget ${price.budgetMonthlyUsd}; ${Math.round(price.coverage * 100)} % of what is counted has a price.`,
    '',
    ...table(['check', 'status', 'checked'], report.checks.map((check) => [cell(check.title), check.status, String(check.applied)])),
    ...problems.flatMap(findings),
    '',
    ...table(['stage', 'took', 'status'], report.stages.map((stage) => [cell(stage.name), duration(stage.seconds), stage.status])),
    '',
    ...(report.substitutions.length > 0 ? [`${report.substitutions.length} values of the manifests were replaced by this level; the report lists them.`, ''] : []),
    ...(report.events.length > 0 ? ['What happened that was not asked for:', ...report.events.map((event) => `- ${duration(event.second)}: ${cell(event.what)}`), ''] : []),
    report.level === 'simulate' ? 'Nothing was applied, so there was nothing to tear down.' : `Left over after teardown: ${teardown.leftovers.length === 0 ? 'nothing' : teardown.leftovers.map(cell).join(', ')}.`,
    '',
  ];
  return lines.join('\n');
}

/** What only real containers can tell. */
function kindLines({ agreement: { plantVsKind }, images, leftOut, gitops, cluster, policies }: Report): string[] {
  const far = (meanRelative: number | null) => percent(meanRelative);
  const lines = [
    ...policies.flatMap(({ measured }) => (measured ? [`Measured: ${measured.requests} requests, ${measured.failed} failed, ${measured.notSent} not sent.`] : [])),
    ...(plantVsKind ? ['', ...table(['plant beside real pods, mean difference', 'contract', 'calibrated'], (['latencyP95', 'cpuMillicoresPerReplica', 'replicas'] as const).map((key) => [
      key, far(plantVsKind.contract[key].meanRelative), far(plantVsKind.calibrated[key].meanRelative),
    ])), ''] : []),
    ...(cluster ? [`Cluster: Kubernetes ${cell(cluster.kubernetesVersion)}, ${cluster.nodes.length} ${cluster.nodes.length === 1 ? 'node' : 'nodes'}, ready after ${duration(cluster.readySeconds)}, at most ${bytes(cluster.memoryPeakBytes)}.`] : []),
    ...(gitops ? ['', ...table(['application', 'sync', 'health', 'after'], gitops.applications.map((each) => [
      cell(each.name), cell(each.sync), cell(each.health), each.secondsToHealthy === null ? 'never' : duration(each.secondsToHealthy),
    ])), ''] : []),
    ...(gitops?.drift ? [`Drift on ${cell(gitops.drift.object)} healed after ${duration(gitops.drift.seconds)}.`] : []),
    ...(gitops?.promotion ? [`A commit to ${cell(gitops.promotion.object)} was live after ${duration(gitops.promotion.seconds)}.`, ''] : []),
    ...(images ?? []).flatMap(({ reference, standIn }) => (standIn ? [`- stand-in for ${cell(reference)}: ${cell(standIn)}`] : [])),
    ...(leftOut ?? []).map(({ what, why }) => `- left out: ${cell(what)}: ${cell(why)}`),
  ];
  return lines.length === 0 ? [] : [...lines, ''];
}

/** Demand and replicas as lines of bars, each policy's replicas to the same height. */
function plots(report: Report): string[] {
  if (report.demand.length === 0) return [];
  const top = Math.max(0, ...report.policies.flatMap((policy) => policy.series.replicas.reduce((a, b) => Math.max(a, b), 0)));
  const rows: [string, string][] = [['demand', sparkline(report.demand)], ...report.policies.map((policy): [string, string] => [`${policy.name} replicas`, sparkline(policy.series.replicas, 48, top)])];
  const width = Math.max(...rows.map(([name]) => name.length));
  return ['```text', ...rows.map(([name, line]) => `${name.padEnd(width)}  ${line}`), '```', ''];
}
