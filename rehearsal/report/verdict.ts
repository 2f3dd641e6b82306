import type { PolicyResult, Report } from './schema';

/** How the predictive policy did beside the reactive one, in numbers; undefined if one of them is missing. */
export interface Comparison {
  readonly reactive: PolicyResult;
  readonly predictive: PolicyResult;
  /** Predictive minus reactive. */
  readonly violationMinutes: number;
  readonly replicaHours: number;
  readonly costUsd: number;
}

/** The two policies of a report side by side. */
export function compare(report: Pick<Report, 'policies'>): Comparison | undefined {
  const reactive = report.policies.find((policy) => policy.name === 'reactive');
  const predictive = report.policies.find((policy) => policy.name === 'predictive');
  if (!reactive || !predictive) return undefined;
  return {
    reactive, predictive,
    violationMinutes: predictive.violationMinutes - reactive.violationMinutes,
    replicaHours: predictive.replicaHours - reactive.replicaHours,
    costUsd: predictive.costUsd - reactive.costUsd,
  };
}

/** One honest sentence: who had fewer violations, at what difference in replica-hours. It says it when the predictive policy loses. */
export function verdict(report: Pick<Report, 'policies'>): string {
  const found = compare(report);
  if (!found) {
    const [only] = report.policies;
    if (!only) return 'No policy was played, so there is nothing to compare.';
    return `Only the ${only.name} policy was played, so there is nothing to compare: ${only.violationMinutes} violation ${plural(only.violationMinutes, 'minute')}, ${only.replicaHours.toFixed(1)} replica-hours, ${only.costUsd.toFixed(2)} USD.`;
  }
  const { reactive, predictive } = found;
  const minutes = `${predictive.violationMinutes} violation ${plural(predictive.violationMinutes, 'minute')} against ${reactive.violationMinutes}`;
  const hours = `${predictive.replicaHours.toFixed(1)} replica-hours against ${reactive.replicaHours.toFixed(1)} (${share(found.replicaHours, reactive.replicaHours)})`;
  const cost = `${predictive.costUsd.toFixed(2)} USD against ${reactive.costUsd.toFixed(2)}`;
  const better = found.violationMinutes < 0;
  const cheaper = found.replicaHours < 0;
  const opening = found.violationMinutes === 0 && Math.abs(found.replicaHours) < 0.05 ? 'Predictive scaling made no difference'
    : better && cheaper ? 'Predictive scaling won on both counts'
      : found.violationMinutes <= 0 && found.replicaHours <= 0 ? (better ? 'Predictive scaling served better at the same cost' : 'Predictive scaling served as well for less')
        : better ? 'Predictive scaling served better and cost more'
          : cheaper ? 'Predictive scaling cost less and served worse'
            : 'Predictive scaling lost to the tuned reactive policy';
  return `${opening}: ${minutes}, ${hours}, ${cost}.`;
}

/** Whether a rehearsal found nothing wrong, and if not, what. Losing to the reactive policy is a result, not a failure. */
export function outcome(report: Pick<Report, 'checks' | 'stages' | 'teardown'>): { readonly passed: boolean; readonly reasons: readonly string[] } {
  const checks = report.checks.filter((check) => check.status === 'fail');
  const stages = report.stages.filter((stage) => stage.status === 'failed');
  const { leftovers } = report.teardown;
  const reasons = [
    ...(checks.length > 0 ? [`${checks.length} ${plural(checks.length, 'check')} failed (${checks.map((check) => check.id).join(', ')})`] : []),
    ...stages.map((stage) => `step ${stage.name} failed${stage.detail ? `: ${stage.detail}` : ''}`),
    ...(leftovers.length > 0 ? [`${leftovers.length} ${plural(leftovers.length, 'object')} left over after teardown`] : []),
  ];
  return { passed: reasons.length === 0, reasons };
}

/** `-12 %`, `+3 %`, or `no base` where a share of nothing was asked for. */
export function share(difference: number, base: number): string {
  if (base === 0) return difference === 0 ? '±0 %' : 'no base';
  const percent = Math.round((difference / base) * 100);
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)} %`;
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}
