import type { Comparison, StrategyResult } from '../report/schema';

/** A comparison and the trace it was made on. */
export interface TraceComparison extends Comparison {
  readonly trace: string;
  readonly hours: number;
}

const HEAD = ['trace', 'hours', 'beyond any', 'HPA', 'KEDA requests', 'cron', 'crane DSP', 'Tideline'];

/** Violation minutes, replica-hours and changes of one strategy. */
function cell(result: StrategyResult): string {
  return `${result.violationMinutes} · ${result.replicaHours.toFixed(0)} · ${result.scaleEvents}`;
}

/** Every trace and strategy as one Markdown table, with sums: violation minutes · replica-hours · changes of the replica count. */
export function comparisonTable(comparisons: readonly TraceComparison[]): string {
  const rows = comparisons.map((each) => [each.trace, each.hours.toFixed(0), String(each.unavoidableMinutes), ...each.strategies.map(cell)]);
  const sums = (comparisons[0]?.strategies ?? []).map((_, index) => {
    const total = (of: (result: StrategyResult) => number): number => comparisons.reduce((sum, each) => sum + of(each.strategies[index]!), 0);
    return `${total((result) => result.violationMinutes)} · ${total((result) => result.replicaHours).toFixed(0)} · ${total((result) => result.scaleEvents)}`;
  });
  rows.push(['all', comparisons.reduce((sum, each) => sum + each.hours, 0).toFixed(0), String(comparisons.reduce((sum, each) => sum + each.unavoidableMinutes, 0)), ...sums]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(HEAD), line(HEAD.map(() => '---')), ...rows.map(line)].join('\n');
}
