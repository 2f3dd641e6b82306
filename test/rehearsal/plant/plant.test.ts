import { beforeEach, describe, expect, it } from 'vitest';
import { recordingRules } from '../../../forecaster/contract';
import { AffineClock, catalogWorkload, Plant } from '../../../rehearsal/plant';
import { HandSetPods, PREDICTIVE, REACTIVE, windowOf } from './support';

const WALL = 1000;
const SPEED = 60;
const window = windowOf([10, 20, 30], [40, 50, 200, 60]);
let pods: HandSetPods;
let clock: AffineClock;
let plant: Plant;

beforeEach(() => {
  pods = new HandSetPods();
  pods.set(PREDICTIVE, 4, 1);
  pods.set(REACTIVE, 2);
  clock = new AffineClock({ traceStart: window.from, speed: SPEED });
  plant = new Plant({ workload: catalogWorkload, clock, targets: [REACTIVE, PREDICTIVE], source: pods, window, scale: 2 });
});

/** Ticks four times a wall second, which is a minute of the trace. */
function play(from: number, to: number): void {
  for (let quarter = from * 4; quarter <= to * 4; quarter += 1) plant.tick(WALL + quarter / 4);
}

const requests = (time: number): number[] => plant.series.instant(recordingRules.requests, { service: 'catalog' }, time).map((sample) => sample.value);

describe('history', () => {
  it('is there as a recording rule of every target before anything runs, stamped with the minutes\' ends', () => {
    expect([window.from - 120, window.from - 60, window.from].map((time) => requests(time))).toEqual([[20], [40], [60]]);
    expect(plant.series.instant(recordingRules.requests, { service: 'catalog-reactive' }, window.from)).toHaveLength(1);
  });
});

describe('while the clock stands still', () => {
  it('the first minute\'s load holds and nothing is recorded', () => {
    play(-2, 0);
    expect(plant.usage('catalog')[0]!.pods.map((each) => Math.round(each.cpuMillicores))).toEqual([210, 210, 210, 210]); // 80 requests/s on 4
    expect(plant.records(PREDICTIVE)).toEqual([]);
    expect(plant.finished(WALL + 99)).toBe(false);
  });
});

describe('while it runs', () => {
  beforeEach(() => {
    play(-1, 0);
    clock.start(WALL);
  });

  it('records the rules at each minute\'s end', () => {
    play(0, 2);
    expect([window.from + 60, window.from + 120].map((time) => requests(time))).toEqual([[80], [100]]);
    const at = (name: string): number => plant.series.instant(name, { namespace: 'catalog' }, window.from + 120)[0]!.value;
    expect(at(recordingRules.replicas)).toBe(4);
    expect(at(recordingRules.cpu)).toBeCloseTo((10 + 250) / 500, 6);
    expect(at(recordingRules.latency)).toBeCloseTo(Math.log(20) / (49 - 25), 6);
    expect(at(recordingRules.memory)).toBeGreaterThan(4 * 96 * 1024 * 1024);
  });

  it('counts violations, for each target by its own pods', () => {
    play(0, 4);
    expect(plant.records(PREDICTIVE).map((each) => [each.demand, each.violation])).toEqual([[80, false], [100, false], [400, true], [120, true]]); // the last drains what waited
    expect(plant.records(REACTIVE).map((each) => each.violation)).toEqual([false, true, true, true]); // 2 replicas do 98 requests/s
    expect(plant.finished(WALL + 4)).toBe(true);
  });

  it('follows the pods: those that are ready work, those that leave do not, all that were asked for cost', () => {
    play(0, 1);
    pods.byNamespace.set('catalog', pods.pods(PREDICTIVE).map((pod, index) => ({ ...pod, terminating: index === 0 })));
    play(1, 2);
    expect(plant.records(PREDICTIVE).map((each) => [each.replicas, each.ready])).toEqual([[5, 4], [4, 3]]);
    expect(plant.usage('catalog')[0]!.pods).toHaveLength(3);
  });

  it('shows starting pods idle', () => {
    pods.byNamespace.set('catalog', pods.pods(PREDICTIVE).map((pod) => ({ ...pod, running: true })));
    play(0, 1);
    expect(plant.usage('catalog')[0]!.pods.map((each) => Math.round(each.cpuMillicores))).toEqual([210, 210, 210, 210, 10]);
  });

  it('records the demand that is published, and counts the minutes without as fallbacks', () => {
    plant.series.append('tideline_demand', { namespace: 'catalog', service: 'catalog', metric: 'requests', job: 'forecaster' }, window.from, 111);
    play(0, 1);
    expect(plant.publishedDemand(PREDICTIVE)).toBe(111);
    plant.series.markStale('tideline_demand', { namespace: 'catalog', service: 'catalog', metric: 'requests', job: 'forecaster' }, window.from + 60);
    play(1, 4);
    const result = plant.policyResult(PREDICTIVE, { level: 'control-plane', parameters: { a: 1 }, price: (replicas) => replicas.length });
    expect(result).toMatchObject({ name: 'predictive', level: 'control-plane', parameters: { a: 1 }, costUsd: 4, violationMinutes: 2 });
    expect(result.series.demandForecast[3]).toBeNull();
    expect(result.fallbackMinutes).toBeGreaterThanOrEqual(3);
    expect(plant.policyResult(REACTIVE, { level: 'control-plane', parameters: {}, price: () => 0 })).toMatchObject({ name: 'reactive', fallbackMinutes: 0 });
  });

  it('takes a late tick for all the time since the last, and stops at the end of the window', () => {
    plant.tick(WALL + 9);
    expect(plant.records(PREDICTIVE).map((each) => each.demand)).toEqual([80, 100, 400, 120]);
    plant.tick(WALL + 8);
    plant.tick(WALL + 20);
    expect(plant.records(PREDICTIVE)).toHaveLength(4);
    expect(requests(window.to)).toEqual([120]);
  });

  it('knows its targets', () => {
    expect(() => plant.records({ ...PREDICTIVE, service: 'cost' })).toThrow('catalog/cost');
  });
});
