import { count, duration, fixed, percent, usd } from '../format';
import { Content, html, Markup } from '../markup';
import { dataTable, levelBadge } from '../plots/figure';
import type { Level, PolicyResult, Report } from '../schema';
import { section, status, textTable } from './section';

/** Where the policies of a report were played. */
const PLAYED: Readonly<Record<Level, string>> = {
  simulate: 'As simulated',
  'control-plane': 'As played on the control plane, and the same hours as simulated',
  kind: 'As played by real pods, and the same hours as simulated',
};

/** The policies in figures, as played at the report's level and as simulated. */
export function policiesSection(report: Report): Markup {
  const apart = report.level !== 'simulate';
  const rows = (policies: readonly PolicyResult[]) => policies.map((policy) => [
    html`<b class="${policy.name}">${policy.name}</b>`, policy.level, fixed(policy.series.replicas.length / 60, 1), fixed(policy.violationMinutes, 0), fixed(policy.replicaHours, 1), usd(policy.costUsd),
    fixed(policy.scaleEvents, 0), fixed(policy.fallbackMinutes, 0),
  ]);
  return section('policies', report.policies.length === 1 ? 'The policy in figures' : 'Both policies in figures', html`
${dataTable({
  caption: PLAYED[report.level],
  head: ['policy', 'level', 'hours', 'violation minutes', 'replica-hours', 'USD', 'changes', 'minutes on fallback'],
  rows: [...rows(report.policies), ...(apart ? rows(report.simulated) : [])],
})}
<h3>What they were set to</h3>
<div class="columns">${report.policies.map((policy) => html`<div><h4 class="${policy.name}">${policy.name}</h4><dl class="pairs">${Object.entries(policy.parameters).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>`)}</div>`, levelBadge(report.level));
}

/** Strategies of scaling beside each other; nothing where none were compared. */
export function comparisonSection({ comparison }: Report): Content {
  if (!comparison) return undefined;
  const { strategies, tunedHours, unavoidableMinutes } = comparison;
  return section('strategies', 'Strategies beside each other', html`
<p>Each got its settings from the ${fixed(tunedHours, 0)} h before the replay and none from the replay.
${count(unavoidableMinutes, 'minute')} asked for more than the most replicas can serve, whatever the strategy.</p>
${dataTable({
  caption: 'As simulated, on the same load',
  head: ['strategy', 'violation minutes', 'replica-hours', 'USD', 'changes', 'violation minutes when tuned', 'settings tried'],
  rows: strategies.map((each) => [
    each.title, fixed(each.violationMinutes, 0), fixed(each.replicaHours, 1), usd(each.costUsd), fixed(each.scaleEvents, 0),
    fixed(each.tunedViolationMinutes, 0), fixed(each.tried, 0),
  ]),
})}
<h3>What they were set to</h3>
<div class="columns">${strategies.map((each) => html`<div><h4>${each.title}</h4><dl class="pairs">${Object.entries(each.settings).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>`)}</div>`, levelBadge('simulate'));
}

export function stagesSection(report: Report): Markup {
  const longest = Math.max(...report.stages.map((stage) => stage.seconds), 0.001);
  return section('stages', 'Steps', html`
<p>${count(report.synth.stacks, 'stack')}, ${count(report.synth.applications, 'Application')} and ${count(report.synth.objects, 'object')} were synthesized in ${duration(report.synth.seconds)}. Steps may run side by side.</p>
<ol class="stages">${report.stages.map((stage) => html`<li>${status(stage.status === 'passed' ? 'good' : stage.status === 'failed' ? 'bad' : 'none', stage.status)}<b>${stage.name}</b><span class="time">${stage.status === 'skipped' ? '–' : duration(stage.seconds)}</span>
<span class="meter"><i style="width:${fixed((stage.seconds / longest) * 100, 1)}%"></i></span>${stage.detail && html`<span class="detail">${stage.detail}</span>`}</li>
`)}</ol>`);
}

export function agreementSection(report: Report): Markup {
  const found = report.agreement.simulatorVsHpa;
  const body: Content = found === null || found.length === 0
    ? html`<p>Only one of the two was run, so nothing was compared. Level control-plane plays the same trace on both.</p>`
    : html`<p>The same run, replayed by the simulator: same load, same compressed windows, same published demand. What then differs is the autoscaler.</p>
${dataTable({ caption: 'Replicas, minute by minute', head: ['policy', 'minutes', 'equal', 'mean difference, replicas'], rows: found.map((each) => [html`<b class="${each.policy === 'reactive' || each.policy === 'predictive' ? each.policy : ''}">${each.policy}</b>`, fixed(each.minutes, 0), percent(each.equalShare), fixed(each.meanAbsoluteDifference, 2)]) })}`;
  return section('agreement', 'Agreement of the simulator with the real autoscaler', body);
}

export function substitutionsSection(report: Report): Markup {
  const { substitutions } = report;
  return section('substitutions', 'What this level changed in the manifests', substitutions.length === 0
    ? html`<p>${report.level === 'simulate' ? 'Nothing was applied, so nothing was changed.' : 'Nothing: the cluster was given what dist/ holds.'}</p>`
    : html`<p>The cluster was given what dist/ holds, but for ${count(substitutions.length, 'value')}. Windows are compressed with time${report.level === 'kind' ? ', requests of CPU are shrunk to this machine' : '; addresses lead to this machine'}.</p>
<details ${substitutions.length <= 12 && html`open`}><summary>${count(substitutions.length, 'substitution')}</summary>${textTable('Substitutions', ['Object', 'Path', 'In dist/', 'Given', 'Why'], substitutions.map((each) => [html`<code>${each.object}</code>`, html`<code>${each.path}</code>`, html`<code>${each.from}</code>`, html`<code>${each.to}</code>`, each.why]))}</details>`);
}

export function eventsSection(report: Report): Markup {
  return section('events', 'What happened that was not asked for', report.events.length === 0
    ? html`<p>Nothing.</p>`
    : html`<ol class="events">${report.events.map((event) => html`<li><span class="time">${duration(event.second)}</span>${event.what}</li>`)}</ol>`);
}

export function teardownSection(report: Report): Markup {
  const { leftovers } = report.teardown;
  return section('teardown', 'Left over after teardown', report.level === 'simulate'
    ? html`<p>Nothing was applied, so there was nothing to tear down.</p>`
    : leftovers.length === 0
      ? html`<p>${status('good', 'nothing')} Every object was removed again.</p>`
      : html`<p>${status('bad', count(leftovers.length, 'object'))}</p><ul>${leftovers.map((each) => html`<li><code>${each}</code></li>`)}</ul>`);
}

export function aboutSection(report: Report): Markup {
  const { trace, programs } = report;
  return section('about', 'Trace and programs', html`
<dl class="pairs"><dt>trace</dt><dd>${trace.name}, ${count(trace.samples, 'sample')} ${fixed(trace.stepSeconds, 0)} s apart</dd><dt>source</dt><dd>${trace.source}</dd><dt>licence</dt><dd>${trace.licence}</dd>
<dt>scaled by</dt><dd>${fixed(trace.scale, 3)}, to become requests per second of the service</dd></dl>
${programs.length === 0 ? html`<p>This level ran no programs besides Node.js.</p>` : textTable('Programs that ran', ['Program', 'Version', 'Where it is from'], programs.map((each) => [html`<b>${each.name}</b>`, html`<code>${each.version}</code>`, each.provenance]))}`);
}
