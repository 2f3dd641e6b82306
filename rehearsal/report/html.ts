import { createHash } from 'node:crypto';
import { Content, html, jsonBlock, trusted } from './markup';
import { PAGE_SCRIPT } from './page-script';
import { PAGE_STYLE } from './page-style';
import { capacityFigure, costFigure, minutesOf, replicasFigure } from './plots/loop';
import { forecastFigure } from './plots/forecast';
import type { Report } from './schema';
import { checksSection } from './sections/checks';
import { clusterSection, gitopsSection, measuredSection, modelSection } from './sections/kind';
import { headline } from './sections/overview';
import { priceSection } from './sections/price';
import { aboutSection, agreementSection, comparisonSection, eventsSection, policiesSection, stagesSection, substitutionsSection, teardownSection } from './sections/run';

/**
 * The report as one page that needs nothing else: style, plots and a little script are inside, nothing is loaded, and without the script
 * only the reading of values under the pointer is missing. The page's own policy forbids any other script and every connection.
 */
export function renderHtml(report: Report): string {
  const allowed = createHash('sha256').update(PAGE_SCRIPT).digest('base64');
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${trusted(allowed)}'; base-uri 'none'; form-action 'none'">
<title>Rehearsal of ${report.environment}, ${report.trace.name}</title>
<style>${trusted(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
${headline(report)}
<main id="main">
${loop(report)}
${policiesSection(report)}
${measuredSection(report)}
${modelSection(report)}
${comparisonSection(report)}
${checksSection(report)}
${priceSection(report)}
${stagesSection(report)}
${agreementSection(report)}
${gitopsSection(report)}
${clusterSection(report)}
${substitutionsSection(report)}
${eventsSection(report)}
${teardownSection(report)}
${aboutSection(report)}
</main>
<footer class="soft">Made by Tideline’s rehearsal. report.json beside this page holds every figure; docs/report.md says what each means.</footer>
<script type="application/json" id="readings">${jsonBlock(readings(report))}</script>
<script>${trusted(PAGE_SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

function loop(report: Report): Content {
  if (report.policies.length === 0) return html`<section class="card"><h2>The scaling loop</h2><p>No policy was played.</p></section>${forecastFigure(report)}`;
  return html`<section aria-labelledby="loop-heading" class="loop"><h2 id="loop-heading" class="quiet">The scaling loop</h2>
${capacityFigure(report)}${replicasFigure(report)}${forecastFigure(report)}${costFigure(report)}</section>`;
}

/** One row of what the pointer reads: a label, a unit, a tone, and one value per minute, rounded to what is shown. */
interface Reading {
  readonly label: string;
  readonly tone: string;
  readonly values: readonly (number | null)[];
}

function readings(report: Report): { readonly from: number; readonly step: number; readonly rows: readonly Reading[] } {
  const round = (values: readonly (number | null)[], digits: number) => values.map((value) => (value === null ? null : Number(value.toFixed(digits))));
  const minutes = minutesOf(report);
  const byTime = new Map(report.forecast.series.time.map((time, index) => [Math.floor(time / 60) * 60, report.forecast.series.point[index]!]));
  return {
    from: report.trace.replayedFrom,
    step: 60,
    rows: [
      { label: 'demand', tone: 'demand', values: round(report.demand, 0) },
      ...(byTime.size > 0 ? [{ label: `forecast, ${report.forecast.horizonMinutes} min ahead`, tone: 'forecast', values: round(minutes.map((time) => byTime.get(time) ?? null), 0) }] : []),
      ...report.policies.flatMap(({ name, series }): Reading[] => [
        { label: `${name} capacity`, tone: name, values: round(series.capacity, 0) },
        { label: `${name} replicas`, tone: name, values: series.replicas },
        { label: `${name} p95, ms`, tone: name, values: round(series.latencyP95.map((value) => value * 1000), 0) },
      ]),
    ],
  };
}
