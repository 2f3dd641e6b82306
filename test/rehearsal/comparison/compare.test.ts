import { describe, expect, it } from 'vitest';
import { createForecaster } from '../../../forecaster/engine';
import { compareStrategies, comparisonTable } from '../../../rehearsal/comparison';
import { craneSettings, cronSettings, kedaSettings } from '../../../rehearsal/comparison/others';
import { ourSettings } from '../../../rehearsal/comparison/ours';
import { Setting, Timeline } from '../../../rehearsal/comparison/setting';
import { DEMAND_METRIC, readPolicy, simulate } from '../../../rehearsal/levels';
import { catalogWorkload } from '../../../rehearsal/plant';
import type { Trace } from '../../../rehearsal/traces';
import { window } from '../../../rehearsal/traces';
import { catalogObjects } from '../levels/support';

const policy = readPolicy(catalogObjects(), { service: 'catalog' });

/** Days with a morning rise, a little noise that is the same every time, and a jump on the last one. */
function trace(days: number): Trace {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const values = Array.from({ length: days * 1440 }, (_, minute) => {
    const rise = 200 - 150 * Math.cos((2 * Math.PI * minute) / 1440);
    return rise * (1 + 0.05 * (random() - 0.5)) + (minute > (days - 0.5) * 1440 && minute % 720 < 20 ? 80 : 0);
  });
  return { name: 't', source: 's', licence: 'l', start: 86_400 * 1000, stepSeconds: 60, samples: values.length, fills: [], values };
}

describe('what is published', () => {
  const base = trace(3).values;
  const line = (demand: readonly number[]): Timeline => ({ demand, start: 86_400 * 1000, tuneFrom: 1440 + 700, replayFrom: 2 * 1440 });
  const reactive = { targetPercent: 70, stabilizationSeconds: 300 };
  const constant = (): number => 0.4;
  const strategies: readonly (readonly [string, (timeline: Timeline) => Setting[]])[] = [
    ['keda', (timeline) => kedaSettings(policy, catalogWorkload, timeline)],
    ['cron', (timeline) => cronSettings(policy, catalogWorkload, timeline)],
    ['crane', (timeline) => craneSettings(policy, catalogWorkload, timeline, constant)],
    ['tideline', (timeline) => ourSettings(policy, catalogWorkload, timeline, { forecaster: () => createForecaster(), reactive })],
  ];

  it.each(strategies)('by %s is known at its minute: another future changes nothing before it', (_, settings) => {
    const turn = 3 * 1440 - 300;
    const other = base.map((value, index) => (index < turn ? value : 3 * value + 50));
    const [before, after] = [settings(line(base)), settings(line(other))];
    const last = before.findLastIndex((each) => each.published !== undefined);
    for (const index of [0, Math.floor(last / 2), last]) {
      const [was, is] = [before[index]!.published?.() ?? [], after[index]!.published?.() ?? []];
      expect(is.slice(0, turn + 1 - line(base).tuneFrom)).toEqual(was.slice(0, turn + 1 - line(base).tuneFrom));
    }
    const [was, is] = [before[last]!.published!(), after[last]!.published!()];
    expect(was).toHaveLength(base.length - line(base).tuneFrom);
    // Cron alone does not look at the day itself.
    if (_ !== 'cron' && _ !== 'crane') expect(is).not.toEqual(was);
  });

  it('by the tuned reactive setting among ours is nothing', () => {
    const [first] = ourSettings(policy, catalogWorkload, line(base), { forecaster: () => createForecaster(), reactive });
    expect(first!.published).toBeUndefined();
    expect(first!.policy.hpa.metrics).toEqual([{ type: 'Resource', resource: 'cpu', averageUtilization: 70 }]);
  });

  it('by every other of ours comes beside CPU, which holds whatever is published', () => {
    for (const { policy: { hpa } } of ourSettings(policy, catalogWorkload, line(base), { forecaster: () => createForecaster(), reactive }).slice(1)) {
      expect(hpa.metrics.map((metric) => (metric.type === 'External' ? metric.name : metric.resource))).toEqual(['cpu', DEMAND_METRIC]);
    }
  });
});

describe('strategies on the same day', () => {
  const part = window(trace(4), 24);
  const options = { policy, window: part, scale: 1, forecaster: () => createForecaster(), price: (replicas: readonly number[]) => replicas.length };
  const found = compareStrategies(options);
  const [hpa, , , , ours] = found.strategies;

  it('are five, the HPA first and as the rehearsal simulates it', () => {
    expect(found.strategies.map((each) => each.name)).toEqual(['hpa', 'keda-requests', 'cron', 'crane-dsp', 'tideline']);
    const { policies: [reactive], tuned } = simulate({ ...options, leadTimeSeconds: 300, demandQuantile: 0.9 });
    expect(hpa).toMatchObject({
      violationMinutes: reactive.violationMinutes, replicaHours: reactive.replicaHours, scaleEvents: reactive.scaleEvents,
      tunedViolationMinutes: tuned.violationMinutes, tunedReplicaHours: tuned.replicaHours, costUsd: 1440,
      settings: { cpuTargetPercent: tuned.targetPercent, scaleDownStabilizationSeconds: tuned.stabilizationSeconds },
    });
    expect(found.tunedHours).toBe(48);
  });

  it('ours cost no more than the HPA on the history they were chosen on, and did not violate more', () => {
    expect(ours!.tunedReplicaHours).toBeLessThanOrEqual(hpa!.tunedReplicaHours + 1e-9);
    expect(ours!.tunedViolationMinutes).toBeLessThanOrEqual(hpa!.tunedViolationMinutes + 1);
  });

  it('fit into one table with their sums', () => {
    const table = comparisonTable([{ trace: 'a', hours: 24, ...found }, { trace: 'b', hours: 24, ...found }]).split('\n');
    expect(table).toHaveLength(5);
    expect(table[2]).toMatch(new RegExp(`^\\| a \\| 24 \\| 0 \\| ${hpa!.violationMinutes} · ${hpa!.replicaHours.toFixed(0)} · ${hpa!.scaleEvents} \\|`));
    expect(table[4]).toContain(`| all | 48 | 0 | ${2 * hpa!.violationMinutes} · ${(2 * hpa!.replicaHours).toFixed(0)} · ${2 * hpa!.scaleEvents} |`);
  });

  it('count the minutes that nobody could have served', () => {
    const small = { ...policy, hpa: { ...policy.hpa, maxReplicas: 6 } };
    const tuned = { targetPercent: 70, stabilizationSeconds: 60, violationMinutes: 0, replicaHours: 1e9, tried: 1, hours: 48 };
    expect(compareStrategies({ ...options, policy: small, tuned }).unavoidableMinutes)
      .toBe(part.replay.filter((value) => value > 6 * (49 - Math.log(20) / 0.5)).length);
  });
});
