import { describe, expect, it } from 'vitest';
import type { IncidentEvent, MemoryRisk, QuantileForecast, ServiceView, Signal } from '../../../forecaster/incidents/incident';
import { IncidentEngine } from '../../../forecaster/incidents/incident-engine';
import { normalQuantile } from '../../../forecaster/intervals/normal';

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975];
const START = 1_700_000_000 - (1_700_000_000 % 60);

/** Normal about a mean that may move, from the newest value at `time` on. */
function forecast(time: number, mean: (h: number) => number, deviation: number): QuantileForecast {
  return {
    origin: time,
    stepSeconds: 60,
    quantiles: Object.fromEntries(LEVELS.map((level) => [String(level), Array.from({ length: 60 }, (_, h) => mean(h) + normalQuantile(level) * deviation)])),
  };
}

function signal(series: string, time: number, value: number, mean: (h: number) => number = () => value, deviation = value / 20): Signal {
  return { series, value, time: time - 60, forecast: forecast(time - 60, mean, deviation) };
}

type Changes = Partial<ServiceView> & { readonly latency?: Signal; readonly requests?: Signal; readonly cpu?: Signal; readonly replicas?: number };

/** A service with latency below its objective of half a second and 100 requests per second. */
function calm(time: number, changes: Changes = {}): ServiceView {
  const { latency, requests, cpu, replicas = 3, ...rest } = changes;
  return {
    service: 'cart',
    namespace: 'shop',
    signals: {
      latency: latency ?? signal('tideline:latency:p95', time, 0.1),
      requests: requests ?? signal('tideline:requests:rate', time, 100),
      cpu: cpu ?? signal('tideline:cpu:utilisation', time, 0.5),
      replicas: { series: 'tideline:replicas:ready', value: replicas, time: time - 60, forecast: null },
    },
    thresholds: { latencySeconds: 0.5, cpu: 0.9 },
    ...rest,
  };
}

/** Looks once a minute. */
function watch(engine: IncidentEngine, from: number, minutes: number, view: (time: number) => readonly ServiceView[]): IncidentEvent[] {
  return Array.from({ length: minutes }, (_, minute) => engine.observe(from + minute * 60, view(from + minute * 60))).flat();
}

const rising = (time: number) => signal('tideline:latency:p95', time, 0.3, (h) => 0.3 + h / 100, 0.03);
const above = (time: number) => signal('tideline:latency:p95', time, 0.8);
const memory = (probability: number, alarm = false): MemoryRisk => ({
  series: 'container_memory_working_set_bytes', container: 'app', probability, minutesToOom: 40, alarm, workingSetBytes: 900e6, limitBytes: 1e9,
});

describe('telling what comes', () => {
  it('says nothing of a calm service', () => {
    const engine = new IncidentEngine();
    expect(watch(engine, START, 60, (time) => [calm(time)])).toEqual([]);
    expect(engine.list()).toEqual([]);
  });

  it('opens an incident before the limit is crossed, with time, evidence and bounds', () => {
    const engine = new IncidentEngine();
    const [opened, ...more] = watch(engine, START, 5, (time) => [calm(time, { latency: rising(time) })]);
    expect(more).toEqual([]);
    expect(opened).toMatchObject({ what: 'opened', time: START + 120 });
    const [incident] = engine.list();
    expect(incident).toMatchObject({ service: 'cart', namespace: 'shop', kind: 'latency', severity: 'critical', reasons: ['breach_expected'], openedAt: START + 120, updatedAt: START + 240 });
    expect(incident!.id).toBe(opened!.incident.id);
    expect(incident!.probability).toBeGreaterThan(0.95);
    expect(incident!.probabilitySoon).toBeGreaterThan(0.9);
    expect(incident!.probabilityBounds[0]).toBeLessThanOrEqual(incident!.probability);
    expect(incident!.expectedAt! - (START + 240)).toBeGreaterThan(10 * 60);
    expect(incident!.expectedAt! - (START + 240)).toBeLessThan(22 * 60);
    expect(incident!.evidence).toContainEqual({ series: 'tideline:latency:p95', what: 'limit, seconds', value: 0.5 });
    expect(incident!.evidence).toContainEqual({ series: 'tideline:latency:p95', what: 'newest value, seconds', value: 0.3 });
  });

  it('calls a limit that is crossed already by its name', () => {
    const engine = new IncidentEngine();
    watch(engine, START, 4, (time) => [calm(time, { latency: above(time) })]);
    expect(engine.list()).toMatchObject([{ probability: 1, probabilitySoon: 1, severity: 'critical', expectedAt: START + 180 }]);
    expect(engine.list()[0]!.reasons).toContain('breach_now');
  });

  it('leaves out one value above the limit', () => {
    const engine = new IncidentEngine();
    expect(watch(engine, START, 30, (time) => [calm(time, { latency: time === START + 600 ? { ...above(time), forecast: null } : undefined })])).toEqual([]);
  });

  it('watches CPU and, where it is told what all replicas can serve, demand', () => {
    const engine = new IncidentEngine();
    const cpu = (time: number) => signal('tideline:cpu:utilisation', time, 0.95);
    watch(engine, START, 4, (time) => [calm(time, { cpu: cpu(time), thresholds: { cpu: 0.9, requestsPerSecond: 101 } })]);
    expect(engine.list().map(({ kind }) => kind).sort()).toEqual(['capacity', 'cpu']);
    expect(engine.list({ kind: 'capacity' })[0]!.reasons).toContain('demand_above_capacity');
    expect(engine.list({ namespace: 'other' })).toEqual([]);
    expect(engine.list({ minProbability: 1 }).map(({ kind }) => kind)).toEqual(['cpu']);
  });

  it('opens at once when the out-of-memory engine calls for it', () => {
    const engine = new IncidentEngine();
    const [opened] = engine.observe(START, [calm(START, { memory: [memory(0.1), memory(0.9, true)] })]);
    expect(opened).toMatchObject({ what: 'opened', incident: { kind: 'memory', probability: 0.9, expectedAt: START + 2400, severity: 'major' } });
    expect(opened!.incident.reasons).toEqual(['out_of_memory_expected', 'leak']);
  });

  it('says when the forecast warns of itself', () => {
    const engine = new IncidentEngine();
    watch(engine, START, 4, (time) => [calm(time, { latency: { ...rising(time), reasons: ['regime_change'] } })]);
    expect(engine.list()[0]!.reasons).toContain('forecast_uncertain');
  });

  it('ranks the worst first', () => {
    const engine = new IncidentEngine();
    watch(engine, START, 4, (time) => [
      { ...calm(time, { memory: [memory(0.5)] }), service: 'minor' },
      { ...calm(time, { latency: above(time) }), service: 'critical' },
      { ...calm(time, { memory: [memory(0.7)] }), service: 'major' },
    ]);
    expect(engine.list().map(({ service }) => service)).toEqual(['critical', 'major', 'minor']);
  });
});

describe('the life of an incident', () => {
  it('keeps its id until it has been calm for ten minutes', () => {
    const engine = new IncidentEngine();
    watch(engine, START, 10, (time) => [calm(time, { latency: above(time) })]);
    const { id } = engine.list()[0]!;
    watch(engine, START + 600, 9, (time) => [calm(time)]);
    expect(engine.list()[0]!.id).toBe(id);
    const [closed] = watch(engine, START + 600 + 9 * 60, 3, (time) => [calm(time)]).filter(({ what }) => what === 'closed');
    expect(closed).toMatchObject({ what: 'closed', incident: { id } });
    expect(engine.list()).toEqual([]);
    const [again] = watch(engine, START + 1800, 4, (time) => [calm(time, { latency: above(time) })]);
    expect(again!.incident.id).not.toBe(id);
  });

  it('tells when it worsens, and that it eases once that has lasted', () => {
    const engine = new IncidentEngine();
    const at = (probability: number) => (time: number) => [calm(time, { memory: [memory(probability)] })];
    const events = [...watch(engine, START, 4, at(0.5)), ...watch(engine, START + 240, 2, at(0.7)), ...watch(engine, START + 360, 12, at(0.5))];
    expect(events.map(({ what, incident }) => [what, incident.severity])).toEqual([['opened', 'minor'], ['worsened', 'major'], ['eased', 'minor']]);
  });

  it('is kept, and says so, while its metrics are stale; and closed when they stay away', () => {
    const engine = new IncidentEngine();
    watch(engine, START, 4, (time) => [calm(time, { latency: above(time) })]);
    const last = above(START + 180);
    watch(engine, START + 240, 20, (time) => [calm(time, { latency: last })]);
    expect(engine.list()[0]!.reasons).toContain('stale_metrics');
    expect(watch(engine, START + 1440, 30, (time) => [calm(time, { latency: last })]).map(({ what }) => what)).toEqual(['closed']);
  });

  it('is closed when its service is gone', () => {
    const engine = new IncidentEngine();
    watch(engine, START, 4, (time) => [calm(time, { latency: above(time) })]);
    expect(watch(engine, START + 240, 40, () => []).map(({ what }) => what)).toEqual(['closed']);
  });

  it('is closed when the clock turns out to be another', () => {
    const engine = new IncidentEngine();
    watch(engine, START, 4, (time) => [calm(time, { latency: above(time) })]);
    expect(engine.observe(START - 100_000, []).map(({ what }) => what)).toEqual(['closed']);
  });
});

describe('explaining', () => {
  const opened = (events: readonly IncidentEvent[]) => events.find(({ what }) => what === 'opened')!.incident;

  it('points at a deploy just before it', () => {
    const engine = new IncidentEngine();
    watch(engine, START, 30, (time) => [calm(time)]);
    const changes = [{ time: START + 1800, kind: 'version', detail: '1.4.2' } as const];
    const incident = opened(watch(engine, START + 1800, 10, (time) => [calm(time, { changes, latency: time > START + 1920 ? above(time) : undefined })]));
    expect(incident.explains[0]).toMatchObject({ kind: 'deploy', text: 'version 1.4.2 was deployed 3 min before it began' });
    expect(incident.reasons).toContain('after_deploy');
  });

  it('notices by itself that replicas were taken away, and that more of them are no cause', () => {
    for (const [after, weight] of [[1, 0.7], [9, 0.1]] as const) {
      const engine = new IncidentEngine();
      watch(engine, START, 30, (time) => [calm(time)]);
      const incident = opened(watch(engine, START + 1800, 10, (time) => [calm(time, { replicas: after, latency: above(time) })]));
      const deploy = incident.explains.find(({ kind }) => kind === 'deploy');
      expect(deploy?.weight ?? 0).toBeLessThanOrEqual(weight);
      if (after === 1) expect(deploy).toMatchObject({ text: 'replicas went 3 -> 1 0 min before it began' });
    }
  });

  it('points at load that is above the usual', () => {
    const engine = new IncidentEngine();
    watch(engine, START, 120, (time) => [calm(time)]);
    const requests = (time: number) => signal('tideline:requests:rate', time, 180, (h) => 180 + h);
    const incident = opened(watch(engine, START + 7200, 10, (time) => [calm(time, { requests: requests(time), latency: above(time) })]));
    expect(incident.explains[0]).toMatchObject({ kind: 'load' });
    expect(incident.explains[0]!.text).toMatch(/^239 requests\/s are expected, 2\.4 times the usual/);
  });

  it('points at a leak', () => {
    const engine = new IncidentEngine();
    const incident = opened(watch(engine, START, 4, (time) => [calm(time, { latency: above(time), memory: [memory(0.3)] })]));
    expect(incident.explains[0]).toMatchObject({ kind: 'leak', text: 'app meets its memory limit within the hour with probability 0.30, 90 % of the limit now' });
  });

  it('points at a neighbour that was in trouble first, but not at one of another namespace', () => {
    for (const [namespace, neighbours, found] of [['shop', undefined, true], ['else', undefined, false], ['else', ['else/db'], true]] as const) {
      const engine = new IncidentEngine();
      const db = (time: number) => ({ ...calm(time, { latency: above(time) }), service: 'db', namespace });
      watch(engine, START, 10, (time) => [calm(time), db(time)]);
      const events = watch(engine, START + 600, 10, (time) => [calm(time, { neighbours, latency: above(time) }), db(time)]);
      const { explains } = opened(events.filter(({ incident }) => incident.service === 'cart'));
      expect(explains.some(({ kind, text }) => kind === 'neighbour' && text.startsWith(`${namespace}/db had a latency incident`))).toBe(found);
    }
  });
});

describe('anomalies', () => {
  it('are flagged when a series leaves its forecasts, and noted in the incident', () => {
    const engine = new IncidentEngine();
    const noise = (time: number) => 0.1 + 0.004 * Math.sin(time / 97);
    const quiet = (time: number) => signal('tideline:latency:p95', time, noise(time), () => 0.1, 0.005);
    watch(engine, START, 400, (time) => [calm(time, { latency: quiet(time) })]);
    expect(engine.anomalies()).toEqual([]);
    const events = watch(engine, START + 400 * 60, 45, (time) => [calm(time, { latency: { ...quiet(time), value: 0.6 } })]);
    expect(engine.anomalies()).toMatchObject([{ service: 'cart', namespace: 'shop', metric: 'latency', series: 'tideline:latency:p95' }]);
    expect(events[0]).toMatchObject({ what: 'opened', incident: { kind: 'latency' } });
    expect(engine.list()[0]!.reasons).toContain('anomaly');
  });
});
