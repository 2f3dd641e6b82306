import type { Fault } from '../../../base/faults';
import { count } from '../format';
import { html, Markup } from '../markup';
import type { Check, Report } from '../schema';
import { section, status } from './section';

const KIND = { pass: 'good', fail: 'bad', open: 'open', 'not-applicable': 'none' } as const;
const WORD = { pass: 'pass', fail: 'fail', open: 'open', 'not-applicable': 'not applicable' } as const;
/** What needs a reader first. */
const ORDER: readonly Check['status'][] = ['fail', 'open', 'pass', 'not-applicable'];
/** More findings of one check than this are counted, not shown; report.json holds all. */
const MOST_FINDINGS = 50;

function finding(fault: Fault): Markup {
  return html`<li><dl class="fault"><dt>where</dt><dd><code>${fault.where}</code></dd><dt>got</dt><dd>${fault.got}</dd><dt>allowed</dt><dd>${fault.allowed}</dd><dt>do</dt><dd>${fault.do}</dd></dl></li>`;
}

export function checksSection(report: Report): Markup {
  const sorted = [...report.checks].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return section('checks', 'Checks', html`
<p>Proofs over the ${count(report.synth.objects, 'object')} of ${report.environment} and the other environments' manifests and stacks, as synthesized: they hold for every level. An open fact is one that could not be settled here; it is no pass.</p>
<ul class="checks">${sorted.map((check) => html`<li>${status(KIND[check.status], WORD[check.status])}<div><b>${check.title}</b> <code class="soft">${check.id}</code> <span class="soft">${count(check.applied, 'object')}</span>
${check.findings.length > 0 && html`<details ${check.status === 'fail' && html`open`}><summary>${count(check.findings.length, 'finding')}</summary><ol class="faults">${check.findings.slice(0, MOST_FINDINGS).map(finding)}</ol>${check.findings.length > MOST_FINDINGS && html`<p>and ${check.findings.length - MOST_FINDINGS} more in report.json</p>`}</details>`}</div></li>
`)}</ul>`);
}
