import { compact, count, figure, percent } from '../format';
import { html, Markup } from '../markup';
import type { Report } from '../schema';
import { buckets, figureOf, levelBadge, over } from './figure';
import type { Mark } from './mark';
import { legend, panel } from './panel';

/** What the forecaster expected of each minute, made `horizonMinutes` before it, against what came. */
export function forecastFigure(report: Report): Markup {
  const { forecast, trace } = report;
  const { series } = forecast;
  const scores = html`${count(forecast.horizonMinutes, 'minute')} ahead, model <b>${forecast.model}</b>: MASE ${figure(forecast.mase)}${forecast.mase !== null && (forecast.mase < 1 ? ' (below 1 beats the seasonal naive forecast)' : ' (1 or more: no better than the seasonal naive forecast)')}, 80 % band covered ${percent(forecast.coverage80)}, 95 % band ${percent(forecast.coverage95)}.`;
  if (series.time.length === 0) {
    return html`<figure class="plot" id="forecast"><figcaption><h3>Forecast and what came ${levelBadge(report.level)}</h3><p>No forecast was made whose target was observed, so there is nothing to score.</p></figcaption></figure>`;
  }
  const marks: Mark[] = [
    { kind: 'band', tone: 'forecast', label: '95 % band', lower: series.lower95, upper: series.upper95, faint: true },
    { kind: 'band', tone: 'forecast', label: '80 % band', lower: series.lower80, upper: series.upper80, faint: false },
    { kind: 'line', tone: 'forecast', label: 'forecast', values: series.point },
    { kind: 'line', tone: 'demand', label: 'actual', values: series.actual },
  ];
  const missed = series.actual.map((value, index) => (value < series.lower95[index]! || value > series.upper95[index]! ? 1 : 0));
  const outside = missed.filter(Boolean).length;
  return figureOf({
    id: 'forecast', title: 'Forecast and what came', level: report.level, lead: scores,
    body: html`${legend(marks)}${panel({
      id: 'forecast-plot', title: 'Forecast bands and actual demand',
      description: `${count(series.time.length, 'forecast')} made ${forecast.horizonMinutes} minutes ahead, of which ${outside} missed the 95 % band.`,
      domain: [trace.replayedFrom, Math.max(trace.replayedTo, (series.time.at(-1) ?? 0) + 60)], times: series.time, height: 200, unit: 'requests per second', marks,
    })}`,
    table: {
      caption: 'Forecast and actual demand, requests per second (UTC)',
      head: ['from', 'mean actual', 'mean forecast', 'mean 80 % band', 'mean 95 % band', 'outside 95 %'],
      rows: buckets(series.time).map((bucket) => {
        const mean = (values: readonly number[]) => compact(over(values, bucket, 'mean') ?? 0);
        return [bucket.label, mean(series.actual), mean(series.point), `${mean(series.lower80)} – ${mean(series.upper80)}`, `${mean(series.lower95)} – ${mean(series.upper95)}`, over(missed, bucket, 'sum') ?? 0];
      }),
    },
  });
}
