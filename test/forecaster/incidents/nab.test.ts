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

describe('scores of detections', () => {
  const series: LabelledSeries[] = [{ name: 'a', stepSeconds: 60, times: Array.from({ length: 100 }, (_, i) => i * 60), values: new Array<number>(100).fill(0), windows: [[3000, 3540]] }];
  const at = (...indices: number[]) => [Array.from({ length: 100 }, (_, i) => indices.includes(i))];

  it('are 0 for silence and 100 for the beginning of the window alone', () => {
    expect(scoreDetections(series, at())).toMatchObject({ nab: 0, found: 0, falseAlarms: 0, windows: 1 });
    expect(scoreDetections(series, at(50)).nab).toBeCloseTo(100, 6);
  });

  it('are lower for late and for false detections', () => {
    const [early, late, alarmed] = [at(50), at(58), at(30, 50)].map((each) => scoreDetections(series, each).nab);
    expect(late!).toBeLessThan(early!);
    expect(alarmed!).toBeCloseTo(early! - 50 * 0.11, 6);
  });

  it('leave out what is said while learning', () => {
    expect(scoreDetections(series, at(3))).toMatchObject({ nab: 0, falseAlarms: 0 });
  });
});

describe('anomalies of real series', () => {
  it('are found with fewer false alarms than by an alert on deviations from the last day', () => {
    const all = fixture();
    expect(all).toHaveLength(21);
    const ours = scoreDetections(all, all.map(departures));
    const alert = (deviations: number) => scoreDetections(all, all.map((series) => rollingDeviation(series, deviations)));
    expect(ours.nab).toBeGreaterThan(45);
    expect(ours.recall).toBeGreaterThan(0.55);
    for (const deviations of [3, 4]) expect(ours.nab).toBeGreaterThan(alert(deviations).nab);
    for (const deviations of [3, 4, 5]) expect(ours.precision).toBeGreaterThan(alert(deviations).precision);
  });
});
