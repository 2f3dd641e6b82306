import { bytes, count, duration, figure, fixed, percent } from '../format';
import { Content, html } from '../markup';
import { dataTable, levelBadge } from '../plots/figure';
import { distance, modelFigure, QUANTITIES } from '../plots/model';
import type { Report } from '../schema';
import type { ModelFigures } from '../schema-kind';
import { section, status, textTable } from './section';

// The parts that only a level with real containers has; each is nothing where the report has none of it.

export function clusterSection(report: Report): Content {
  const { cluster, images, leftOut } = report;
  if (!cluster && !images && !leftOut) return undefined;
  return section('cluster', 'The cluster and its images', html`
${cluster && html`<dl class="pairs"><dt>Kubernetes</dt><dd>${cluster.kubernetesVersion}</dd><dt>engine</dt><dd>${cluster.engine}</dd><dt>nodes</dt><dd>${cluster.nodes.join(', ')}</dd>
<dt>ready after</dt><dd>${duration(cluster.readySeconds)}</dd><dt>most memory</dt><dd>${bytes(cluster.memoryPeakBytes)}</dd></dl>`}
${images && images.length > 0 && textTable('Images', ['Image', 'From', 'Size', 'Digest', 'Is'], images.map((image) => [
  html`<code>${image.reference}</code>`, image.provenance, html`<span class="number">${bytes(image.sizeBytes)}</span>`,
  image.digest === null ? 'unknown' : html`<code title="${image.digest}">${image.digest.slice(0, 19)}</code>`, image.standIn ? html`<b>a stand-in</b>: ${image.standIn}` : 'the release',
]))}
${leftOut && (leftOut.length === 0
  ? html`<p>${status('good', 'nothing')} was left out.</p>`
  : html`<h3>Left out</h3><ul>${leftOut.map(({ what, why }) => html`<li><b>${what}</b>: ${why}</li>`)}</ul>`)}`, levelBadge(report.level));
}

export function gitopsSection(report: Report): Content {
  const { gitops } = report;
  if (!gitops) return undefined;
  const { applications, drift, promotion } = gitops;
  return section('gitops', 'What Argo CD did', html`
<p>The first commit synced was <code>${gitops.revision.slice(0, 12)}</code>. Git served ${gitops.repositories.map(({ url, revision, files }, index) => html`${index > 0 && ', '}<code>${url}</code> at <code>${revision}</code> (${count(files, 'file')})`)}.</p>
${textTable('Applications', ['Application', 'Wave', 'Sync', 'Health', 'Healthy after'], applications.map((each) => [
  html`<b>${each.name}</b>`, fixed(each.wave, 0), status(each.sync === 'Synced' ? 'good' : 'bad', each.sync), status(each.health === 'Healthy' ? 'good' : 'bad', each.health),
  each.secondsToHealthy === null ? 'never' : duration(each.secondsToHealthy),
]))}
<p>Drift: ${drift ? html`${drift.change} on <code>${drift.object}</code>, ${status('good', `healed after ${duration(drift.seconds)}`)}` : 'not tried'}.
Promotion: ${promotion ? html`${promotion.change} on <code>${promotion.object}</code> by a commit, ${status('good', `live after ${duration(promotion.seconds)}`)}` : 'not tried'}.</p>`, levelBadge(report.level));
}

/** What the load generator and the pods' metrics said. */
export function measuredSection(report: Report): Content {
  const found = report.policies.filter((policy) => policy.measured !== undefined);
  if (found.length === 0) return undefined;
  return section('measured', 'What was measured', html`
<p>Latency counts from when a request was due, whether or not it could be sent then.</p>
${dataTable({
  caption: 'Requests and pods',
  head: ['policy', 'requests', 'failed', 'not sent', 'sent late at worst', 'start-up of a pod', 'highest p95 of a minute'],
  rows: found.map(({ name, measured, series }) => [
    html`<b class="${name}">${name}</b>`, fixed(measured!.requests, 0), fixed(measured!.failed, 0), fixed(measured!.notSent, 0), `${fixed(measured!.latestSendSeconds * 1000, 0)} ms`,
    measured!.startupSeconds === null ? 'none started' : duration(measured!.startupSeconds), `${fixed(Math.max(0, ...series.latencyP95) * 1000, 0)} ms`,
  ]),
})}`, levelBadge(report.level));
}

const FIGURES: readonly { readonly key: keyof ModelFigures; readonly title: string; readonly scale: number; readonly digits: number }[] = [
  { key: 'cpuSecondsPerRequest', title: 'CPU time of a request, ms', scale: 1000, digits: 2 },
  { key: 'idleCpuMillicores', title: 'CPU of an idle replica, millicores', scale: 1, digits: 1 },
  { key: 'startupSeconds', title: 'start-up, s', scale: 1, digits: 1 },
  { key: 'latencyFloorSeconds', title: 'latency beside the work, ms', scale: 1000, digits: 1 },
  { key: 'idleMemoryMiB', title: 'memory of an idle replica, MiB', scale: 1, digits: 0 },
];

export function modelSection(report: Report): Content {
  const found = report.agreement.plantVsKind;
  if (!found) return undefined;
  const shown = (value: number | null, scale: number, digits: number) => (value === null ? 'not measured' : figure(value * scale, digits));
  return html`${modelFigure(report, found)}
${section('calibration', 'How far the plant is from real pods', html`
<p>The plant that stands for pods at the other levels, under the same requests. Its figures were fitted to ${count(found.fittedMinutes, 'minute')}${found.rSquared !== null && html`; the line of CPU over requests explains ${percent(found.rSquared, 0)} of what varied`}.</p>
${dataTable({
  caption: 'Figures of the model',
  head: ['figure', 'in the contract', 'measured'],
  rows: FIGURES.map(({ key, title, scale, digits }) => [title, shown(found.assumed[key], scale, digits), shown(found.measured[key], scale, digits)]),
})}
${dataTable({
  caption: 'Mean difference from what was measured',
  head: ['quantity', 'with the contract’s figures', 'calibrated'],
  rows: QUANTITIES.map((quantity) => [`${quantity.title}, ${quantity.unit}`, distance(found.contract[quantity.id], quantity), distance(found.calibrated[quantity.id], quantity)]),
})}`, levelBadge(report.level))}`;
}
