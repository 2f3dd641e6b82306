import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplicaDemand } from '../../../forecaster/policy';
import { Hpa } from '../../../rehearsal/scaling/hpa';
import type { HpaSpec } from '../../../rehearsal/scaling/hpa-spec';
import { KedaSignal } from '../../../rehearsal/scaling/keda-signal';
import type { HpaPod } from '../../../rehearsal/scaling/replica-calculator';

const SYNC = 15;
const THRESHOLD = 40;
const CPU = { type: 'Resource', resource: 'cpu', averageUtilization: 75 } as const;
const spec = (metrics: HpaSpec['metrics']): HpaSpec => ({ minReplicas: 2, maxReplicas: 50, metrics, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } });

function pods(count: number, percent: number | null, now: number): HpaPod[] {
  return Array.from({ length: count }, () => ({
    phase: 'Running', deleting: false, ready: true, readyTransition: -1e6, startTime: -1e6, request: 1000, usage: percent === null ? null : { value: Math.round(percent * 10), timestamp: now, window: SYNC },
  }));
}

/** What queries for a metric were seen to give: values, nothing, NaN, infinities, resets to zero, spikes, values that stopped changing. */
const answer = fc.oneof(
  { weight: 5, arbitrary: fc.double({ min: 0, max: 3000, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom<number | null>(null, NaN, Infinity, -Infinity, 0, -1, 1e15) },
);
const moment = fc.record({ percent: fc.option(fc.integer({ min: 0, max: 100 }), { freq: 8 }), answer });

describe('CPU beside a forecast', () => {
  it('whatever the forecast\'s metric holds, asks for no less than CPU alone would in the same place', () => {
    fc.assert(fc.property(fc.array(moment, { minLength: 1, maxLength: 80 }), fc.integer({ min: 2, max: 50 }), (moments, start) => {
      const ours = new Hpa(spec([CPU, { type: 'External', name: 'demand', averageValue: THRESHOLD }]));
      const keda = new KedaSignal(THRESHOLD, { failureThreshold: 3, replicas: 2 });
      let replicas = start;
      moments.forEach(({ percent, answer: found }, index) => {
        const now = index * SYNC;
        const observed = { specReplicas: replicas, statusReplicas: replicas, pods: pods(replicas, percent, now), external: { demand: keda.query(found) } };
        const alone = ours.fork(spec([CPU])).sync(now, observed).desired;
        const { desired } = ours.sync(now, observed);
        expect(desired).toBeGreaterThanOrEqual(alone);
        expect(desired).toBeLessThanOrEqual(50);
        replicas = desired;
      });
    }));
  });

  it('whatever is forecast, asks for no less than a plain trigger on the present requests would in the same place', () => {
    fc.assert(fc.property(fc.array(fc.record({ forecast: answer, present: fc.double({ min: 0, max: 3000, noNaN: true }) }), { minLength: 1, maxLength: 80 }), (moments) => {
      const external: HpaSpec['metrics'] = [{ type: 'External', name: 'demand', averageValue: THRESHOLD }];
      const ours = new Hpa(spec(external));
      const publisher = new ReplicaDemand({ limitPerReplica: 42, targetPerReplica: THRESHOLD, minReplicas: 2 });
      let replicas = 2;
      moments.forEach(({ forecast, present }, index) => {
        const now = index * SYNC;
        const observed = (value: number) => ({ specReplicas: replicas, statusReplicas: replicas, pods: pods(replicas, null, now), external: { demand: [value] } });
        const plain = ours.fork().sync(now, observed(present)).desired;
        const { desired } = ours.sync(now, observed(publisher.publish(forecast ?? NaN, present)));
        expect(desired).toBeGreaterThanOrEqual(plain);
        replicas = desired;
      });
    }));
  });
});
