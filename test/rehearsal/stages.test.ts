import { describe, expect, it } from 'vitest';
import { outcome } from '../../rehearsal/report';
import type { Report } from '../../rehearsal/report/schema';
import { reasonOf, Stages } from '../../rehearsal/stages';
import { FaultError } from '../../base/faults';

const report = (changes: Partial<Pick<Report, 'checks' | 'stages' | 'teardown'>>): Report => ({
  checks: [{ id: 'a', title: 'a', status: 'pass', applied: 1, findings: [] }], stages: [{ name: 'check', seconds: 1, status: 'passed' }], teardown: { leftovers: [] }, ...changes,
} as unknown as Report);
const check = (status: Report['checks'][number]['status']) => ({ id: status, title: status, status, applied: 1, findings: [] });

describe('outcome', () => {
  it('lets pass what found nothing wrong, open facts and skipped steps included', () => {
    expect(outcome(report({})).passed).toBe(true);
    expect(outcome(report({ checks: [check('pass'), check('open'), check('not-applicable')] })).passed).toBe(true);
    expect(outcome(report({ stages: [{ name: 'control plane', seconds: 0, status: 'skipped', detail: 'no Go' }] })).passed).toBe(true);
  });

  it('does not after a failed check, a failed step or a leftover', () => {
    expect(outcome(report({ checks: [check('pass'), check('fail')] })).passed).toBe(false);
    expect(outcome(report({ stages: [{ name: 'tools', seconds: 3, status: 'failed', detail: 'disk full' }] })).passed).toBe(false);
    expect(outcome(report({ teardown: { leftovers: ['ConfigMap default/forgotten'] } })).passed).toBe(false);
  });
});

describe('Stages', () => {
  function timed(): { readonly stages: Stages; wait(milliseconds: number): void } {
    let now = 0;
    return { stages: new Stages(() => now), wait: (milliseconds) => { now += milliseconds; } };
  }

  it('records what each step took and said, in the order of their ends', async () => {
    const { stages, wait } = timed();
    const slow = stages.run('slow', async () => { wait(1000); await Promise.resolve(); return 7; }, (result) => `found ${result}`);
    expect(await stages.run('quick', () => { wait(500); return 1; })).toBe(1);
    expect(await slow).toBe(7);
    stages.skip('never', 'not asked for');
    stages.fail('odd', 2.5, 'found something');
    expect(stages.list).toEqual([
      { name: 'quick', seconds: 0.5, status: 'passed' },
      { name: 'slow', seconds: 1.5, status: 'passed', detail: 'found 7' },
      { name: 'never', seconds: 0, status: 'skipped', detail: 'not asked for' },
      { name: 'odd', seconds: 2.5, status: 'failed', detail: 'found something' },
    ]);
  });

  it('records a failure with its reason and throws it on', async () => {
    const { stages, wait } = timed();
    const error = new FaultError('no', [{ where: 'here', got: 'a', allowed: 'b', do: 'c' }]);
    await expect(stages.run('broken', () => { wait(20); throw error; })).rejects.toBe(error);
    expect(stages.list).toEqual([{ name: 'broken', seconds: 0.02, status: 'failed', detail: '[here] got: a; allowed: b; do: c' }]);
  });
});

describe('reasonOf', () => {
  it('is one line and never a stack trace', () => {
    expect(reasonOf(new FaultError('two', [{ where: 'one', got: '', allowed: '', do: '' }, { where: 'two', got: '', allowed: '', do: '' }]))).toContain('[one]');
    expect(reasonOf(new Error('first\nsecond'))).toBe('first');
    expect(reasonOf(new RangeError(''))).toBe('RangeError');
    expect(reasonOf(new DOMException('The operation was aborted', 'AbortError'))).toBe('interrupted');
    expect(reasonOf('a word')).toBe('a word');
  });
});
