import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compressBehavior } from '../../../rehearsal/control-plane';

test('what an object leaves out is spelled out, or the API server would fill in wall time', () => {
  const { behavior, notes } = compressBehavior(undefined, 120);
  expect(behavior).toEqual({
    scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 32, periodSeconds: 1 }, { type: 'Percent', value: 25_500, periodSeconds: 1 }] },
    scaleDown: { policies: [{ type: 'Percent', value: 100, periodSeconds: 1 }] }, // all of them is all of them, however often
  });
  expect(notes).toEqual(['scaleUp: 4 pods per 15 s became 32 pods per 120 s', 'scaleUp: 100% per 15 s became 25500% per 120 s']);
});

test('windows that whole seconds can hold are exact and need no note', () => {
  const given = { scaleUp: { stabilizationWindowSeconds: 120, policies: [{ type: 'Pods' as const, value: 3, periodSeconds: 60 }] }, scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: 'Percent' as const, value: 10, periodSeconds: 180 }] } };
  const { behavior, notes } = compressBehavior(given, 60);
  expect(notes).toEqual([]);
  expect(behavior.scaleUp).toMatchObject({ stabilizationWindowSeconds: 2, policies: [{ type: 'Pods', value: 3, periodSeconds: 1 }] });
  expect(behavior.scaleDown).toMatchObject({ stabilizationWindowSeconds: 10, policies: [{ type: 'Percent', value: 10, periodSeconds: 3 }] });
});

test('the default window of scaling down is left to the flag, another one is rounded and said', () => {
  expect(compressBehavior({ scaleDown: { stabilizationWindowSeconds: 300 } }, 120).behavior.scaleDown).not.toHaveProperty('stabilizationWindowSeconds');
  const { behavior, notes } = compressBehavior({ scaleDown: { stabilizationWindowSeconds: 400 } }, 120);
  expect(behavior.scaleDown?.stabilizationWindowSeconds).toBe(3);
  expect(notes).toContain('scaleDown: the stabilization window of 400 s became 3 s, which stand for 360 s');
});

test('a stretched shrinking rule takes what it would have taken step by step', () => {
  const { behavior } = compressBehavior({ scaleDown: { policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }] } }, 120);
  expect(behavior.scaleDown?.policies).toEqual([{ type: 'Percent', value: 75, periodSeconds: 1 }]); // half, then half of the rest
});

test('whatever is given, the API server accepts what comes out, and at speed 1 nothing changes', () => {
  const policy = fc.record({ type: fc.constantFrom('Pods' as const, 'Percent' as const), value: fc.integer({ min: 1, max: 10_000 }), periodSeconds: fc.integer({ min: 1, max: 1800 }) });
  const rules = fc.record({ stabilizationWindowSeconds: fc.integer({ min: 0, max: 3600 }), policies: fc.array(policy, { minLength: 1, maxLength: 3 }) }, { requiredKeys: ['policies'] });
  fc.assert(fc.property(rules, rules, fc.integer({ min: 1, max: 240 }), (scaleUp, scaleDown, speed) => {
    const { behavior, notes } = compressBehavior({ scaleUp, scaleDown }, speed);
    for (const each of [...behavior.scaleUp!.policies!, ...behavior.scaleDown!.policies!]) {
      expect(Number.isInteger(each.value) && each.value >= 1 && each.value < 2 ** 31).toBe(true);
      expect(Number.isInteger(each.periodSeconds) && each.periodSeconds >= 1 && each.periodSeconds <= 1800).toBe(true);
    }
    if (speed === 1) {
      expect(notes).toEqual([]);
      expect(behavior.scaleUp!.policies).toEqual(scaleUp.policies);
    }
  }));
});
