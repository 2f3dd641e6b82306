import { describe, expect, it } from 'vitest';
import { rollingOrigin } from '../../../forecaster/evaluation/rolling-origin';
import { coverage, mase, meanAbsoluteError, pinball, underprovisioned } from '../../../forecaster/evaluation/scores';
import { gaussian, seeded } from '../support/random';

describe('scores', () => {
  it('skip pairs with a missing side', () => {
    expect(meanAbsoluteError([1, NaN, 3], [2, 2, NaN])).toBe(1);
    expect(meanAbsoluteError([NaN], [1])).toBeNaN();
    expect(coverage([1, NaN], [0, 0], [2, 2])).toBe(1);
  });

  it('mase of naive on its own training series is 1', () => {
    const values = [1, 4, 2, 8, 5];
    expect(mase(values.slice(1), values.slice(0, -1), values)).toBe(1);
    expect(mase([1], [1], [3, 3, 3])).toBeNaN();
  });

  it('pinball punishes an excess over the 0.9 quantile nine times as much as a shortfall', () => {
    expect(pinball([10], [0], 0.9)).toBeCloseTo(9, 12);
    expect(pinball([0], [10], 0.9)).toBeCloseTo(1, 12);
  });

  it('coverage counts both ends, underprovisioned only what is above', () => {
    expect(coverage([0, 1, 2, 3], [0, 0, 0, 0], [2, 2, 2, 2])).toBe(0.75);
    expect(underprovisioned([0, 1, 2, 3], [2, 2, 2, 2])).toBe(0.25);
  });
});

describe('rollingOrigin', () => {
  const random = seeded(11);
  const values = Float64Array.from({ length: 10 * 288 }, (_, slot) => 100 + 60 * Math.sin((2 * Math.PI * slot) / 288) + 5 * gaussian(random));
  const score = (series: Float64Array) => rollingOrigin({ start: 0, step: 300, values: series }, [6, 12], { horizonSteps: 12, every: 12 });

  it('finds the forecaster better than naive on daily load, with bands that hold', () => {
    const scores = score(values);
    expect(scores[0]!.relativeMae).toBeLessThan(0.85); // perfect foresight of the shape would reach about 0.65: the noise stays
    expect(scores[1]!.relativeMae).toBeLessThan(0.6);
    for (const { coverage80, coverage95, forecasts } of scores) {
      expect(forecasts).toBe(72);
      expect(coverage80).toBeGreaterThan(0.7);
      expect(coverage95).toBeGreaterThan(0.88);
    }
  });

  it('never scores what is missing', () => {
    const holes = values.map((value, slot) => (slot % 10 < 3 ? NaN : value));
    const [six] = score(holes);
    expect(six!.forecasts).toBeGreaterThan(30);
    expect(six!.forecasts).toBeLessThan(72);
    expect(Number.isFinite(six!.relativeMae)).toBe(true);
  });
});
