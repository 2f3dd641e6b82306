import { describe, expect, it } from 'vitest';
import { compare, outcome, Report, summary, verdict } from '../../../rehearsal/report';
import { share } from '../../../rehearsal/report/verdict';
import { sampleReport } from './sample-report';

const report = sampleReport({ hours: 2 });

/** Reactive with 5 violation minutes and 10 replica-hours, beside this. */
function against(violationMinutes: number, replicaHours: number): Report {
  const [reactive, predictive] = report.policies;
  const ours = { ...predictive!, violationMinutes, replicaHours, costUsd: replicaHours / 10 };
  return { ...report, policies: [{ ...reactive!, violationMinutes: 5, replicaHours: 10, costUsd: 1 }, ours] };
}

describe('the verdict', () => {
  it.each([
    [1, 9, 'Predictive scaling won on both counts: 1 violation minute against 5, 9.0 replica-hours against 10.0 (−10 %), 0.90 USD against 1.00.'],
    [1, 10, 'Predictive scaling served better at the same cost: 1 violation minute against 5, 10.0 replica-hours against 10.0 (±0 %), 1.00 USD against 1.00.'],
    [5, 9, 'Predictive scaling served as well for less: 5 violation minutes against 5, 9.0 replica-hours against 10.0 (−10 %), 0.90 USD against 1.00.'],
    [1, 11, 'Predictive scaling served better and cost more: 1 violation minute against 5, 11.0 replica-hours against 10.0 (+10 %), 1.10 USD against 1.00.'],
    [6, 9, 'Predictive scaling cost less and served worse: 6 violation minutes against 5, 9.0 replica-hours against 10.0 (−10 %), 0.90 USD against 1.00.'],
    [6, 11, 'Predictive scaling lost to the tuned reactive policy: 6 violation minutes against 5, 11.0 replica-hours against 10.0 (+10 %), 1.10 USD against 1.00.'],
    [5, 11, 'Predictive scaling lost to the tuned reactive policy: 5 violation minutes against 5, 11.0 replica-hours against 10.0 (+10 %), 1.10 USD against 1.00.'],
    [6, 10, 'Predictive scaling lost to the tuned reactive policy: 6 violation minutes against 5, 10.0 replica-hours against 10.0 (±0 %), 1.00 USD against 1.00.'],
    [5, 10, 'Predictive scaling made no difference: 5 violation minutes against 5, 10.0 replica-hours against 10.0 (±0 %), 1.00 USD against 1.00.'],
  ])('at %i violation minutes and %i replica-hours', (minutes, hours, sentence) => {
    expect(verdict(against(minutes, hours))).toBe(sentence);
  });

  it('compares nothing where there is one policy', () => {
    expect(compare({ policies: [report.policies[0]!] })).toBeUndefined();
    expect(verdict({ policies: [{ ...report.policies[1]!, violationMinutes: 1, replicaHours: 4.25, costUsd: 0.5 }] }))
      .toBe('Only the predictive policy was played, so there is nothing to compare: 1 violation minute, 4.3 replica-hours, 0.50 USD.');
    expect(verdict({ policies: [] })).toBe('No policy was played, so there is nothing to compare.');
  });
});

describe('a share', () => {
  it('has its sign, and no base where there is none', () => {
    expect([share(1, 4), share(-1, 4), share(0, 4), share(0, 0), share(3, 0)]).toEqual(['+25 %', '−25 %', '±0 %', '±0 %', 'no base']);
  });
});

describe('the outcome', () => {
  it('is passed though the predictive policy lost, a fact is open and a step was skipped', () => {
    const lost = { ...against(9, 20), stages: [...report.stages, { name: 'kind', seconds: 0, status: 'skipped' as const }] };
    expect(lost.checks.some((check) => check.status === 'open')).toBe(true);
    expect(outcome(lost)).toEqual({ passed: true, reasons: [] });
  });

  it('names all reasons at once', () => {
    const failed: Report = {
      ...report,
      checks: [...report.checks, { id: 'refs', title: 'x', status: 'fail', applied: 1, findings: [] }, { id: 'waves', title: 'x', status: 'fail', applied: 1, findings: [] }],
      stages: [{ name: 'tools', seconds: 3, status: 'failed', detail: 'etcd does not build' }],
      teardown: { leftovers: ['Pod a/b'] },
    };
    expect(outcome(failed)).toEqual({ passed: false, reasons: ['2 checks failed (refs, waves)', 'step tools failed: etcd does not build', '1 object left over after teardown'] });
    expect(summary(failed, '/out')).toContain('\nfailed: 2 checks failed (refs, waves); step tools failed: etcd does not build; 1 object left over after teardown\nreport: /out/report.html');
  });
});

describe('the summary', () => {
  it('is a dozen lines that end with where the report is', () => {
    const lines = summary(report, '/out').trim().split('\n');
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(lines.slice(-2)).toEqual(['passed', 'report: /out/report.html']);
    expect(lines[0]).toBe('dev, 2 h of sample-shop, level control-plane, a result of shape, not of behaviour');
    expect(lines.find((line) => line.startsWith('price'))).toBe('price 239.22 USD a month, budget 600; checks: 2 passed, 0 failed, 1 open');
    expect(lines).toContain('left over after teardown: nothing');
  });

  it('tells of real containers what only they can tell', () => {
    const lines = summary(sampleReport({ hours: 2, level: 'kind' }), '/out').trim().split('\n');
    expect(lines[0]).toBe('dev, 2 h of sample-shop, level kind, a result of behaviour');
    expect(lines).toEqual(expect.arrayContaining([
      expect.stringMatching(/^measured: \d+ requests, 4 failed or not sent$/),
      'plant and real pods: latency 400.0 %, CPU 140.0 %, replicas 5.0 % apart; calibrated 20.0 %, 3.0 %, 5.0 %',
      'Argo CD: 2 of 3 applications synced and healthy',
      'cluster: Kubernetes v1.36.3, ready after 41 s, at most 3.0 GiB',
      'images: 3, 1 of them stand-ins',
      'left out: karpenter: it starts EC2 instances',
    ]));
  });

  it('says which level was asked for, and that unknown is unknown', () => {
    const simulated = sampleReport({ hours: 2, level: 'simulate' });
    const text = summary({
      ...simulated, fallback: { asked: 'control-plane', why: 'x' }, forecast: { ...simulated.forecast, mase: null, coverage80: null, coverage95: null }, price: { ...simulated.price, monthlyUsd: null },
    }, '/out');
    expect(text).toContain('level simulate (asked: control-plane)');
    expect(text).toContain('MASE unknown, 80 % band covered unknown, 95 % band unknown');
    expect(text).toContain('price unknown, budget 600');
    expect(text).not.toContain('teardown');
  });
});
