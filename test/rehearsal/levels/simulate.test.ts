import { describe, expect, it } from 'vitest';
import { createForecaster } from '../../../forecaster/engine';
import { FORECAST_HORIZON_MINUTES, readPolicy, runForecaster, scoreForecast, simulate, SimulatedForecaster, Simulation } from '../../../rehearsal/levels';
import { loadTrace, requestsScale, window } from '../../../rehearsal/traces';
import { catalogObjects } from './support';

const policy = readPolicy(catalogObjects(), { service: 'catalog' });

/** Says that everything stays as it is, plus and minus a tenth. */
class Steady implements SimulatedForecaster {
  readonly seen: [number, number][] = [];
  readonly asked: (number | undefined)[] = [];

  get ready(): boolean {
    return this.seen.length > 0;
  }

  observe(time: number, value: number): void {
    this.seen.push([time, value]);
  }

  private get last(): number {
    return this.seen.at(-1)![1];
  }

  forecast({ horizonSeconds }: { horizonSeconds: number }) {
    const path = (factor: number): number[] => Array<number>(horizonSeconds / 60).fill(this.last * factor);
    return { point: path(1), quantiles: { '0.025': path(0.8), '0.1': path(0.9), '0.5': path(1), '0.9': path(1.1), '0.975': path(1.2) }, model: 'steady' };
  }

  demand({ now }: { now?: number }): { value: number } {
    this.asked.push(now);
    return { value: this.last * 1.1 };
  }
}

describe('playing past a forecaster', () => {
  const history = [1, 2, 3];
  const replay = Array.from({ length: 40 }, (_, index) => 10 + index);
  const run = (absences: { fromMinute: number; toMinute: number }[] = []) => {
    const forecaster = new Steady();
    return { forecaster, ...runForecaster({ forecaster, history, replay, start: 6000, leadTimeSeconds: 300, demandQuantile: 0.9, absences }) };
  };

  it('shows it each minute once, stamped with the minute\'s end, and only after it was asked about it', () => {
    const { forecaster, published } = run();
    expect(forecaster.seen.slice(0, 5)).toEqual([[5880, 1], [5940, 2], [6000, 3], [6060, 10], [6120, 11]]);
    expect(forecaster.asked.slice(0, 2)).toEqual([6000, 6060]);
    expect(published.slice(0, 3)).toEqual([3, 10, 11].map((value) => value * 1.1));
    expect(published).toHaveLength(replay.length);
  });

  it('pairs each forecast with what came', () => {
    const { forecast } = run();
    expect(forecast).toMatchObject({ horizonMinutes: FORECAST_HORIZON_MINUTES, model: 'steady' });
    expect(forecast.series.time[1]).toBe(6000 + 30 * 60); // asked at minute 1, whose newest value is of minute 0
    expect([forecast.series.actual[1], forecast.series.point[1]]).toEqual([replay[30], replay[0]]);
    expect(forecast.series.time).toHaveLength(replay.length - FORECAST_HORIZON_MINUTES + 1);
  });

  it('publishes nothing while it is away, and lets it catch up', () => {
    const { forecaster, published } = run([{ fromMinute: 2, toMinute: 4 }]);
    expect(published.slice(0, 6).map((value) => value === null)).toEqual([false, false, true, true, true, false]);
    expect(forecaster.seen.map(([, value]) => value)).toEqual([...history, ...replay.slice(0, -1)]);
  });
});

describe('the scores', () => {
  const series = (actual: number[], point: number[]) => ({
    time: actual.map((_, index) => index),
    actual,
    point,
    lower80: point.map((value) => value - 1),
    upper80: point.map((value) => value + 1),
    lower95: point.map((value) => value - 2),
    upper95: point.map((value) => value + 2),
  });

  it('are the error over that of yesterday\'s same minute, and the shares inside the bands', () => {
    const history = Array.from({ length: 2 * 1440 }, (_, index) => (index < 1440 ? 10 : 14)); // off by 4
    expect(scoreForecast(history, series([5, 5, 5, 5], [5, 6, 7, 8]))).toEqual({ mase: 1.5 / 4, coverage80: 0.5, coverage95: 0.75 });
  });

  it('are nothing where nothing can be said', () => {
    expect(scoreForecast(Array(3000).fill(1), series([1], [1])).mase).toBeNull();
    expect(scoreForecast([1, 2], series([1], [1])).mase).toBeNull();
    expect(scoreForecast(Array.from({ length: 3000 }, (_, index) => index), series([], []))).toEqual({ mase: null, coverage80: null, coverage95: null });
  });
});

describe('a simulated day of the shipped trace', () => {
  const trace = loadTrace();
  const part = window(trace, 24);
  const scale = requestsScale({ history: part.history, maxReplicas: 20, requestsPerReplica: 36.75 });
  const run = (changes: Partial<Parameters<typeof simulate>[0]> = {}): Simulation => simulate({
    policy,
    window: part,
    scale,
    leadTimeSeconds: 300,
    demandQuantile: 0.9,
    forecaster: () => createForecaster(),
    price: (replicas, seconds) => (replicas.reduce((sum, each) => sum + each, 0) * seconds) / 3600,
    ...changes,
  });
  const day = run();
  const [reactive, predictive] = day.policies;

  it('holds both policies, minute by minute', () => {
    expect([reactive.name, predictive.name, reactive.level]).toEqual(['reactive', 'predictive', 'simulate']);
    for (const each of day.policies) {
      for (const values of Object.values(each.series)) expect(values).toHaveLength(1440);
      expect(each.costUsd).toBeCloseTo(each.replicaHours, -1);
      expect(each.violationMinutes).toBe(each.series.violations.filter(Boolean).length);
    }
    expect(day.demand).toHaveLength(1440);
    expect(reactive.parameters).toMatchObject({ cpuTargetPercent: day.tuned.targetPercent, scaleDownStabilizationSeconds: day.tuned.stabilizationSeconds, tuned: expect.stringContaining('best of 55 settings on the 48 h') });
    expect(predictive.parameters).toMatchObject({ cpuTargetPercent: 75, demandQuantile: 0.9, leadTimeSeconds: 300, requestsPerSecondPerReplica: 36.75 });
  });

  it('the predictive policy serves at least as well as the tuned reactive one, with fewer replicas', () => {
    expect(predictive.violationMinutes).toBeLessThanOrEqual(reactive.violationMinutes);
    expect(predictive.replicaHours).toBeLessThan(reactive.replicaHours);
  });

  it('no reactive setting at all, chosen knowing the day, does better in both', () => {
    expect(day.hindsight.dominated).toBe(false);
    expect(day.hindsight.replicaHoursAtThisService ?? Infinity).toBeGreaterThan(predictive.replicaHours);
  });

  it('the forecast is better than yesterday, and its bands hold what they say', () => {
    expect(day.forecast.mase).toBeLessThan(1);
    expect(day.forecast.coverage80).toBeGreaterThan(0.7);
    expect(day.forecast.coverage95).toBeGreaterThan(0.9);
  });

  it('without the forecaster for two hours goes on reactively, and says so', () => {
    const faulty = run({ tuned: day.tuned, absences: [{ fromMinute: 300, toMinute: 419 }] });
    expect(faulty.policies[1].fallbackMinutes).toBeGreaterThanOrEqual(120);
    expect(faulty.policies[1].series.demandForecast.slice(302, 418).every((value) => value === null)).toBe(true);
    expect(faulty.policies[0].series).toEqual(reactive.series);
    expect(faulty.events).toEqual([
      { second: 18000, what: 'the forecaster went away: scaling goes on reactively' }, { second: 25200, what: 'the forecaster came back' },
    ]);
    expect(new Set(faulty.policies[1].series.replicas.slice(302, 418)).size).toBeGreaterThan(1);
  });
});
