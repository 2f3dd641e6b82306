import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceView, Signal, SignalMetric } from '../../../forecaster/incidents/incident';
import { IncidentEngine } from '../../../forecaster/incidents/incident-engine';
import { defaultIncidentRules } from '../../../forecaster/incidents/incident-file';

const START = 1_700_000_000;
const LEVELS = ['0.025', '0.1', '0.5', '0.9', '0.95', '0.975'];
const wild = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: 0, max: 2, noNaN: true }) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(0, 1e15, -1, NaN, Infinity) },
);
const label = fc.oneof(fc.constantFrom('cart', 'db', 'shop'), fc.string({ maxLength: 12 }), fc.constantFrom('__proto__', 'constructor', 'a/b', '{"x":1}', '\u0000'));

/** Times are given as distances from the look, so that one view can be used at any. */
const shape = fc.record({
  value: fc.option(wild, { nil: null }),
  age: fc.oneof({ weight: 6, arbitrary: fc.constant(60) }, { weight: 1, arbitrary: fc.double() }),
  curve: fc.option(fc.record({ bends: fc.array(fc.array(wild, { minLength: 6, maxLength: 6 }), { maxLength: 5 }), missing: fc.boolean() }), { nil: null }),
});
const views = fc.array(fc.record({
  service: label,
  namespace: label,
  shapes: fc.dictionary(fc.constantFrom<SignalMetric>('requests', 'cpu', 'latency', 'memory', 'replicas'), shape),
  thresholds: fc.record({ latencySeconds: wild, cpu: wild, requestsPerSecond: wild }, { requiredKeys: [] }),
  changes: fc.option(fc.array(fc.record({ back: wild, kind: fc.constantFrom('version', 'start', 'replicas'), detail: fc.string() }), { maxLength: 3 }), { nil: undefined }),
  memory: fc.option(fc.array(fc.record({
    series: fc.string(), container: fc.string(), probability: wild, minutesToOom: fc.option(wild, { nil: null }), alarm: fc.boolean(), workingSetBytes: wild, limitBytes: wild,
  }), { maxLength: 3 }), { nil: undefined }),
  neighbours: fc.option(fc.array(label, { maxLength: 3 }), { nil: undefined }),
}), { maxLength: 4 });
type Views = typeof views extends fc.Arbitrary<infer T> ? T : never;

function place(each: Views, now: number): ServiceView[] {
  return each.map(({ service, namespace, shapes, thresholds, changes, memory, neighbours }) => ({
    service, namespace, thresholds, memory, neighbours,
    changes: changes?.map(({ back, kind, detail }) => ({ time: now - back, kind: kind as 'version', detail })),
    signals: Object.fromEntries(Object.entries(shapes).map(([metric, { value, age, curve }]): [string, Signal] => [metric, {
      series: metric, value, time: now - age,
      forecast: curve && {
        origin: now - age, stepSeconds: 60,
        quantiles: curve.missing ? {} : Object.fromEntries(LEVELS.map((level, i) => [level, curve.bends.flatMap((bend) => ordered(bend, i))])),
      },
    }])),
  }));
}

/** Five steps of a quantile that crosses no other, but for what is not a number. */
function ordered(bend: readonly number[], i: number): number[] {
  return new Array<number>(5).fill([...bend].sort((a, b) => a - b)[i]!);
}

const apart = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 600 }) }, { weight: 1, arbitrary: fc.double() });
const stream = fc.array(fc.record({ pieces: fc.integer({ min: 1, max: 12 }), apart, views }), { maxLength: 8 })
  .map((stretches) => {
    let time = START;
    return stretches.flatMap(({ pieces, apart: by, views: seen }) => Array.from({ length: pieces }, () => {
      time = Number.isFinite(time + by) ? time + by : time;
      return { time: Number.isFinite(by) ? time : by, views: place(seen, time) };
    }));
  });

/** True if nothing in a value is a number that JSON cannot hold. */
function finite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(finite);
}

describe('an incident engine under any stream', () => {
  it('never fails, never tells what is not a number, and keeps one incident of a kind for a service', () => {
    let opened = 0;
    fc.assert(fc.property(stream, (looks) => {
      const engine = new IncidentEngine();
      for (const { time, views: seen } of looks) {
        const events = engine.observe(time, seen);
        opened += events.filter(({ what }) => what === 'opened').length;
        const list = engine.list();
        expect(finite([events, list, engine.anomalies()])).toBe(true);
        expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
        expect(new Set(list.map(({ namespace, service, kind }) => JSON.stringify([namespace, service, kind]))).size).toBe(list.length);
        for (const { probability, probabilitySoon, probabilityBounds: [lower, upper] } of list) {
          expect(lower >= 0 && lower <= probability && probability <= upper && upper <= 1).toBe(true);
          expect(probabilitySoon >= 0 && probabilitySoon <= probability).toBe(true);
        }
      }
    }), { numRuns: 50 });
    expect(opened).toBeGreaterThan(0);
  });

  it('opens and closes no faster than its rules allow, whatever the probabilities', () => {
    const stretch = fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }), minutes: fc.integer({ min: 1, max: 40 }), alarm: fc.boolean() });
    const probabilities = fc.array(stretch, { minLength: 1, maxLength: 40 });
    fc.assert(fc.property(probabilities, (stretches) => {
      const engine = new IncidentEngine();
      let time = START;
      let closed = 0;
      let turns = 0;
      for (const { probability, minutes, alarm } of stretches) {
        for (let minute = 0; minute < minutes; minute++) {
          const risk = { series: 's', container: 'c', probability, minutesToOom: 10, alarm, workingSetBytes: 1, limitBytes: 2 };
          const events = engine.observe(time, [{ service: 'a', namespace: 'n', signals: {}, thresholds: {}, memory: [risk] }]);
          closed += events.filter(({ what }) => what === 'closed').length;
          turns += events.filter(({ what }) => what === 'eased').length;
          time += 60;
        }
      }
      const longest = Math.floor((time - START) / defaultIncidentRules.closeAfterSeconds);
      expect(closed).toBeLessThanOrEqual(longest);
      expect(turns).toBeLessThanOrEqual(longest);
    }), { numRuns: 50 });
  });

  it('goes on the same from a snapshot that went through JSON', () => {
    fc.assert(fc.property(stream, fc.double({ min: 0, max: 1, noNaN: true }), (looks, share) => {
      const whole = new IncidentEngine();
      const cut = Math.floor(share * looks.length);
      for (const { time, views: seen } of looks.slice(0, cut)) whole.observe(time, seen);
      const kept = IncidentEngine.restore(JSON.parse(JSON.stringify(whole.snapshot())));
      expect(kept).toBeDefined();
      for (const { time, views: seen } of looks.slice(cut)) expect(kept!.observe(time, seen)).toEqual(whole.observe(time, seen));
      expect(kept!.list()).toEqual(whole.list());
    }), { numRuns: 50 });
  });

  it('refuses snapshots that are damaged', () => {
    const engine = new IncidentEngine();
    const risk = { series: 's', container: 'c', probability: 1, minutesToOom: 10, alarm: true, workingSetBytes: 1, limitBytes: 2 };
    engine.observe(START, [{ service: 'a', namespace: 'n', signals: { requests: { series: 'r', value: 1, time: START, forecast: null } }, thresholds: {}, memory: [risk] }]);
    const whole = engine.snapshot();
    for (const value of [null, 'x', {}, { ...whole, version: 2 }, { ...whole, services: [null] }, { ...whole, services: [{}] }, { ...whole, incidents: null }, { ...whole, incidents: { cases: [{}] } }]) {
      expect(IncidentEngine.restore(value)).toBeUndefined();
    }
    expect(IncidentEngine.restore(whole)!.list()).toEqual(engine.list());
  });

  it('watches no more services than it may', () => {
    const engine = new IncidentEngine({ maxServices: 3 });
    const view = (service: string): ServiceView => ({ service, namespace: 'n', signals: {}, thresholds: {} });
    engine.observe(START, Array.from({ length: 100 }, (_, i) => view(`s${i}`)));
    expect(engine.snapshot().services).toHaveLength(3);
    engine.observe(START + 100_000, Array.from({ length: 100 }, (_, i) => view(`t${i}`)));
    expect(engine.snapshot().services.length).toBeLessThanOrEqual(3);
  });
});
