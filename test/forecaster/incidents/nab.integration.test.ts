import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { departures, type LabelledSeries, rollingDeviation, scoreDetections } from '../../../forecaster/incidents/nab';

interface Held {
  readonly name: string;
  readonly step: number;
  readonly start: number;
  readonly gaps: readonly (readonly [index: number, seconds: number])[];
  readonly values: readonly number[];
  readonly windows: readonly (readonly [number, number])[];
}

/** The 21 shorter operational series of the Numenta Anomaly Benchmark (github.com/numenta/NAB, MIT licence), values to four digits. */
function fixture(): LabelledSeries[] {
  const { series } = JSON.parse(gunzipSync(readFileSync(join(__dirname, '../../fixtures/nab-operational.json.gz'))).toString()) as { series: Held[] };
  return series.map(({ name, step, start, gaps, values, windows }) => {
    const longer = new Map(gaps);
    let time = start;
    return { name, stepSeconds: step, values, windows, times: values.map((_, i) => (i === 0 ? time : (time += longer.get(i) ?? step))) };
  });
}

describe('anomalies of real series', () => {
  it('are found with fewer false alarms than by an alert on deviations from the last day', () => {
    const all = fixture();
    expect(all).toHaveLength(21);
    const ours = scoreDetections(all, all.map(departures));
    const alert = (deviations: number) => scoreDetections(all, all.map((series) => rollingDeviation(series, deviations)));
    expect(ours.recall).toBeGreaterThan(0.5);
    expect(ours.nab).toBeGreaterThan(alert(3).nab);
    for (const deviations of [3, 4]) expect(ours.precision).toBeGreaterThan(alert(deviations).precision);
  });
});
