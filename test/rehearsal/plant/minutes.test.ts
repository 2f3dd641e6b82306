import { describe, expect, it } from 'vitest';
import { MinuteRecorder, MomentSample } from '../../../rehearsal/plant/minutes';

const moment = (changes: Partial<MomentSample> = {}): MomentSample => ({ demand: 10, replicas: 2, ready: 2, capacity: 98, latencyP95: 0.1, demandForecast: 12, ...changes });
const recorder = (): MinuteRecorder => new MinuteRecorder({ start: 600, sloLatencyP95Seconds: 0.5, expectsSignal: true });

describe('a recorded minute', () => {
  it('is the worst of its moments, with the replicas of its end', () => {
    const minutes = recorder();
    minutes.add(600, 630, moment({ ready: 1, capacity: 49 }));
    minutes.add(630, 660, moment({ replicas: 3, latencyP95: 0.3, demandForecast: 20 }));
    minutes.add(660, 720, moment());
    expect(minutes.records()).toEqual([
      { time: 600, demand: 10, replicas: 3, ready: 1, capacity: 49, latencyP95: 0.3, demandForecast: 20, violation: false, replicaSeconds: 150 },
      { time: 660, demand: 10, replicas: 2, ready: 2, capacity: 98, latencyP95: 0.1, demandForecast: 12, violation: false, replicaSeconds: 120 },
    ]);
  });

  it('violates if for one moment demand is above capacity or latency above its objective', () => {
    const minutes = recorder();
    minutes.add(600, 601, moment({ demand: 99 }));
    minutes.add(601, 660, moment());
    minutes.add(660, 719, moment());
    minutes.add(719, 720, moment({ latencyP95: 0.51 }));
    minutes.add(720, 780, moment({ demand: 98, latencyP95: 0.5 }));
    expect(minutes.records().map((each) => each.violation)).toEqual([true, true, false]);
    expect(minutes.violationMinutes).toBe(2);
  });

  it('is whole however the moments fall, and the one under way can be read without ending it', () => {
    const minutes = recorder();
    minutes.add(600, 705, moment());
    expect(minutes.records().map((each) => each.replicaSeconds)).toEqual([120, 90]);
    minutes.add(705, 725, moment({ ready: 0 }));
    expect(minutes.records().map((each) => [each.ready, each.replicaSeconds])).toEqual([[2, 120], [0, 120], [0, 10]]);
  });

  it('before the start is not counted', () => {
    const minutes = recorder();
    minutes.add(500, 630, moment());
    expect(minutes.records().map((each) => [each.time, each.replicaSeconds])).toEqual([[600, 60]]);
  });
});

describe('the result of a run', () => {
  it('adds up minutes, hours, changes and fallbacks', () => {
    const minutes = recorder();
    minutes.add(600, 660, moment());
    minutes.add(660, 720, moment({ replicas: 4, demandForecast: null }));
    minutes.add(720, 780, moment({ replicas: 3, demand: 200 }));
    const result = minutes.result({ name: 'predictive', level: 'simulate', parameters: {}, price: (replicas, seconds) => replicas.reduce((sum, each) => sum + each, 0) * seconds });
    expect(result).toMatchObject({ violationMinutes: 1, replicaHours: 9 / 60, costUsd: 540, scaleEvents: 2, fallbackMinutes: 1 });
    expect(result.series).toEqual({
      replicas: [2, 4, 3], ready: [2, 2, 2], capacity: [98, 98, 98], latencyP95: [0.1, 0.1, 0.1], demandForecast: [12, null, 12], violations: [0, 0, 1],
    });
  });

  it('counts no fallbacks for a policy without a signal', () => {
    const minutes = new MinuteRecorder({ start: 0, sloLatencyP95Seconds: 1, expectsSignal: false });
    minutes.add(0, 60, moment({ demandForecast: null }));
    expect(minutes.result({ name: 'reactive', level: 'simulate', parameters: {}, price: () => 0 }).fallbackMinutes).toBe(0);
  });
});
