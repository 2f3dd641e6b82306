import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../../base/faults';
import { readTrigger, SCALABLE_METRICS } from '../../../../forecaster/service/scaler/trigger';

const DEFAULTS = { quantile: 0.9, leadTimeSeconds: 300 };
const key = fc.oneof(fc.constantFrom('scalerAddress', 'service', 'namespace', 'metric', 'target', 'quantile', 'leadTimeSeconds', '__proto__', 'constructor', 'toString'), fc.string());
const value = fc.oneof(
  fc.string({ unit: 'binary' }), fc.double().map(String), fc.integer().map(String), fc.constantFrom('requests', 'memory', 'cpu', '', 'NaN', 'Infinity', '-0', '0x10', '1e999', '1,5', ' 5 ', 'a'.repeat(5000)),
);

describe('readTrigger', () => {
  it('gives a trigger within bounds for any metadata, or says in four parts what is wrong', () => {
    let read = 0;
    fc.assert(fc.property(fc.string(), fc.string(), fc.dictionary(key, value), fc.boolean(), (name, namespace, metadata, filled) => {
      const scalerMetadata = filled ? { service: 'a', namespace: 'b', target: '5', ...Object.fromEntries(Object.entries(metadata).filter(([each]) => ['metric', 'quantile', 'leadTimeSeconds'].includes(each))) } : metadata;
      let trigger;
      try {
        trigger = readTrigger({ name, namespace, scalerMetadata }, DEFAULTS);
      } catch (error) {
        expect(error).toBeInstanceOf(FaultError);
        for (const fault of (error as FaultError).faults) for (const part of [fault.where, fault.got, fault.allowed, fault.do]) expect(part).not.toBe('');
        expect((error as FaultError).message.length).toBeLessThan(8000 * (1 + (error as FaultError).faults.length));
        return;
      }
      read += 1;
      expect(trigger.target).toBeGreaterThanOrEqual(0.001);
      expect(Number.isFinite(trigger.target)).toBe(true);
      expect(trigger.quantile >= 0.5 && trigger.quantile <= 0.99).toBe(true);
      expect(trigger.leadTimeSeconds >= 30 && trigger.leadTimeSeconds <= 3600).toBe(true);
      expect(SCALABLE_METRICS).toContain(trigger.metric);
      for (const each of [trigger.service, trigger.namespace]) expect(each).toMatch(/^[a-z0-9][-a-z0-9.]*$/);
    }), { numRuns: 500 });
    expect(read).toBeGreaterThan(20);
  });

  it('reads what a chart writes, whatever the target', () => {
    fc.assert(fc.property(fc.double({ min: 0.001, max: 1e15, noNaN: true }), (target) => {
      expect(readTrigger({ name: 'a', namespace: 'b', scalerMetadata: { target: String(Number(target.toPrecision(6))) } }, DEFAULTS).target).toBe(Number(target.toPrecision(6)));
    }));
  });
});
