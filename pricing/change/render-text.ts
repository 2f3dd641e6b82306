import { formatFault } from '../../base/faults';
import { EnvironmentChange, LEVELS, PARTS, PriceReport, Sums } from './contract';
import { behind, budgetSentence, byWeight, movedPods, nodesSentence, PART_TITLES, percent, signed, usd } from './figures';

/** The report for a terminal. */
export function renderText(report: PriceReport): string {
  const head = report.against
    ? `price of ${report.uncommitted ? 'the working tree, uncommitted changes included,' : 'the working tree'} against ${report.against.ref} (${report.against.commit.slice(0, 10)}), US dollars a month`
    : 'price of the working tree, US dollars a month';
  return `${[head, ...report.environments.map((each) => environmentText(each, report.against !== null)), ...report.notes.map((note) => `note: ${note}`)].join('\n\n')}\n`;
}

function environmentText(change: EnvironmentChange, compared: boolean): string {
  const { environment, region, lines, coverage } = change;
  const parts = [
    `${environment} (${region})${change.change === 'kept' ? '' : `, ${change.change}`}`,
    ...indent(table(['', ...(compared ? ['before', 'after', 'difference'] : ['price'])], sumRows(change, compared))),
    `  ${budgetSentence(change)}`,
    `  nodes, typically: ${nodesSentence(change.nodes.typical)}`,
    ...change.incomplete.flatMap(({ side, part, why }) => [
      `  unknown ${side}: ${PART_TITLES[part]}; ${compared ? 'left out of the difference' : 'left out'}`, ...why.map((fault) => `    ${formatFault(fault)}`),
    ]),
  ];
  if (compared) {
    parts.push('', lines.length === 0 ? '  no line changes' : `  ${lines.length} lines change${change.unknownLines > 0 ? `, ${change.unknownLines} of them by an unknown amount` : ''}`);
    const marks = { added: '+', removed: '-', changed: '~' } as const;
    parts.push(...indent(table(['', 'what', 'for', 'minimum', 'typical', 'maximum'], byWeight(lines).map((line) => [
      marks[line.change], behind(line), line.was ? `${line.was} → ${line.description}` : line.description, ...LEVELS.map((level) => signed(line.difference[level])),
    ]))));
    parts.push(...[...change.decisions, ...movedPods(lines)].map((each) => `  ${each}`));
  }
  parts.push('', `  coverage ${percent(coverage.share)}: ${coverage.aws.known} of ${coverage.aws.counted} AWS resources, ${coverage.kubernetes.known} of ${coverage.kubernetes.counted} charges of manifests`);
  parts.push(...change.unpriced.all.map(({ what, why }) => `  unpriced: ${what}: ${why}`), ...change.unknown.map((fault) => `  unknown: ${fault.where}; ${fault.do}`));
  if (change.purchase.length > 0) {
    parts.push('', '  bought otherwise (typical replicas; commitments over the on-demand nodes that always run)',
      ...indent(table(['', 'price', 'difference'], change.purchase.map((row) => [row.option, usd(row.monthlyUsd), signed(row.difference)]))));
  }
  if (change.assumptions.length > 0) parts.push('', '  assumed:', ...change.assumptions.map((each) => `    - ${each}`));
  return parts.join('\n');
}

/** Minimum, typical, maximum of each part, and of both. */
export function sumRows(change: EnvironmentChange, compared: boolean): string[][] {
  return ([...PARTS, 'total'] as const).flatMap((part) => LEVELS.map((level) => {
    const of = (sums: Sums | null, missing: number | null) => (sums ? sums[part][level] : missing);
    const title = `${PART_TITLES[part]}, ${level} replicas`;
    if (!compared) return [title, usd(of(change.after, 0))];
    return [title, usd(of(change.before, 0)), usd(of(change.after, 0)), signed(of(change.difference, null))];
  }).filter((_, index) => part !== 'aws' || index === 1)).map((row) => [row[0]!.replace('AWS resources, typical replicas', 'AWS resources'), ...row.slice(1)]);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`.trimEnd());
}

/** Columns set by width; those of figures flush right. Nothing for no rows. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const all = [head, ...rows];
  const width = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const figures = head.map((_, column) => rows.every((row) => /^([+-]?[\d,.]+|unknown)$/.test(row[column] ?? '')));
  return all.map((row) => row.map((cell, column) => (figures[column] ? cell.padStart(width[column]!) : cell.padEnd(width[column]!))).join('  '));
}
