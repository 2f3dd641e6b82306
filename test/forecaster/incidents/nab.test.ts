import { describe, expect, it } from 'vitest';
import { type LabelledSeries, scoreDetections } from '../../../forecaster/incidents/nab';

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
