import { claim, claimed, count, dateTime, duration, figure, fixed, percent, usd } from '../format';
import { Content, html, Markup } from '../markup';
import { levelBadge } from '../plots/figure';
import type { PolicyResult, Report } from '../schema';
import { compare, outcome, share, verdict } from '../verdict';

/** What was rehearsed, whether it passed, and the one sentence everybody reads. */
export function headline(report: Report): Markup {
  const { passed, reasons } = outcome(report);
  const { trace } = report;
  return html`<header class="top">
<p class="brand"><svg viewBox="0 0 32 20" width="32" height="20" aria-hidden="true"><path d="M1 14c5 0 5-9 10-9s5 9 10 9 5-9 10-9" class="line predictive"/><path d="M1 18c5 0 5-5 10-5s5 5 10 5 5-5 10-5" class="line forecast"/></svg> Tideline rehearsal</p>
<h1>${report.environment}: ${fixed(trace.hours, Number.isInteger(trace.hours) ? 0 : 1)} h of ${trace.name}</h1>
<p class="soft">${dateTime(trace.replayedFrom)} to ${dateTime(trace.replayedTo)} UTC${trace.speed !== 1 && html`, ${fixed(trace.speed, 0)} times its speed`} · level ${report.level} · run <time datetime="${report.startedAt}">${report.startedAt.slice(0, 16).replace('T', ' ')}</time> UTC · seed ${report.seed}</p>
</header>
<section class="verdict ${passed ? 'passed' : 'failed'}" aria-labelledby="verdict">
<p class="status">${passed ? '✓ passed' : '✗ failed'} ${levelBadge(report.level)}</p>
<h2 id="verdict">${verdict(report)}</h2>
${reasons.length > 0 && html`<p>Failed because: ${reasons.join('; ')}.</p>`}
${report.fallback && html`<p class="note">Asked for level ${report.fallback.asked}, which was not reached: ${report.fallback.why}</p>`}
${hindsightSentence(report)}
<p class="soft">${claimed(report.level).replace('a', 'A')}: ${sentenceTail(claim(report.level).sentence)}</p>
</section>
${tiles(report)}
${glance(report)}`;
}

/** Behind a colon a sentence goes on in lower case, unless it begins with a name. */
function sentenceTail(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

/** What a reactive policy that had known the future would have reached; the fairest opponent there is. */
function hindsightSentence(report: Report): Content {
  const { hindsight } = report;
  if (!hindsight) return undefined;
  const { violationMinutesAtThisCost: minutes, replicaHoursAtThisService: hours, dominated } = hindsight;
  const cost = minutes === null ? 'could not have been as cheap' : `would have had ${dominated ? '' : 'at least '}${count(minutes, 'violation minute')} at this cost`;
  const service = hours === null ? 'could not have served as well' : `would have needed ${dominated ? '' : 'at least '}${fixed(hours, 1)} replica-hours to serve as well`;
  return dominated
    ? html`<p>Knowing the future, the reactive policy could have done better: with settings chosen in hindsight, at level simulate, it ${cost} and ${service}.</p>`
    : html`<p>Even with settings chosen in hindsight, at level simulate, the reactive policy ${cost} and ${service}.</p>`;
}

interface Tile {
  readonly label: string;
  readonly value: (policy: PolicyResult) => number;
  readonly show: (value: number) => string;
}

const TILES: readonly Tile[] = [
  { label: 'Violation minutes', value: (policy) => policy.violationMinutes, show: (value) => fixed(value, 0) },
  { label: 'Replica-hours', value: (policy) => policy.replicaHours, show: (value) => fixed(value, 1) },
  { label: 'Replica cost, USD', value: (policy) => policy.costUsd, show: usd },
  { label: 'Scale changes', value: (policy) => policy.scaleEvents, show: (value) => fixed(value, 0) },
];

function tiles(report: Report): Content {
  const found = compare(report);
  const [only] = report.policies;
  if (!found) {
    return only && html`<dl class="tiles">${TILES.map(({ label, value, show }) => html`<div class="tile"><dt>${label}</dt>
<dd><span class="row ${only.name}"><b>${show(value(only))}</b> ${only.name}</span></dd></div>`)}</dl>`;
  }
  const { reactive, predictive } = found;
  return html`<dl class="tiles">${TILES.map(({ label, value, show }) => {
    const difference = value(predictive) - value(reactive);
    return html`<div class="tile"><dt>${label}</dt>
<dd><span class="row predictive"><b>${show(value(predictive))}</b> predictive</span><span class="row reactive"><b>${show(value(reactive))}</b> reactive</span><span class="soft">${difference === 0 ? 'no difference' : `${share(difference, value(reactive))} with prediction`}</span></dd></div>`;
  })}</dl>`;
}

/** The other results in a line each, leading to their sections. */
function glance(report: Report): Markup {
  const { checks, price, forecast, agreement, teardown } = report;
  const failed = checks.filter((check) => check.status === 'fail').length;
  const open = checks.filter((check) => check.status === 'open').length;
  const items: readonly (readonly [string, string, string])[] = [
    ['checks', 'Checks', failed > 0 ? `${fixed(failed, 0)} failed` : `${count(checks.filter((check) => check.status === 'pass').length, 'pass', 'pass')}${open > 0 ? `, ${open} open` : ''}`],
    ['price', 'Price a month', price.monthlyUsd === null ? 'unknown' : `${usd(price.monthlyUsd)} USD`],
    ['forecast', 'Forecast', `MASE ${figure(forecast.mase)}`],
    ...(report.gitops ? [['gitops', 'Applications', `${report.gitops.applications.filter(({ health }) => health === 'Healthy').length} of ${report.gitops.applications.length} healthy`] as const] : []),
    ...(report.leftOut && report.leftOut.length > 0 ? [['cluster', 'Left out', report.leftOut.length === 1 ? report.leftOut[0]!.what : fixed(report.leftOut.length, 0)] as const] : []),
    ...(agreement.plantVsKind ? [['calibration', 'Plant and pods, CPU', agreement.plantVsKind.contract.cpuMillicoresPerReplica.meanRelative === null ? 'not measured' : `${percent(agreement.plantVsKind.contract.cpuMillicoresPerReplica.meanRelative, 0)} apart`] as const] : []),
    ['agreement', 'Simulator and HPA', agreement.simulatorVsHpa === null || agreement.simulatorVsHpa.length === 0 ? 'not compared' : agreement.simulatorVsHpa.map((each) => percent(each.equalShare)).join(' · ')],
    ['teardown', 'Left over', report.level === 'simulate' ? 'nothing applied' : teardown.leftovers.length === 0 ? 'nothing' : count(teardown.leftovers.length, 'object')],
    ['stages', 'Steps took', duration(report.stages.reduce((sum, stage) => sum + stage.seconds, 0))],
  ];
  return html`<nav aria-label="Sections"><ul class="glance">${items.map(([id, label, value]) => html`<li><a href="#${id}"><span class="soft">${label}</span><b>${value}</b></a></li>`)}</ul></nav>`;
}
