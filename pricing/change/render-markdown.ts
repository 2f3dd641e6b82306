import { EnvironmentChange, LEVELS, PriceReport } from './contract';
import { behind, budgetSentence, byWeight, movedPods, nodesSentence, PART_TITLES, percent, signed, usd } from './figures';
import { sumRows } from './render-text';

/** Finds the comment of an earlier run, so that a workflow updates it instead of adding one. */
export const MARKER = '<!-- tideline-price -->';
/** GitHub refuses a comment of more than 65536 characters. */
const LONGEST = 60_000;

/** The report as a comment of a pull request. What would make it too long for one is counted, not shown. */
export function renderMarkdown(report: PriceReport): string {
  for (const most of [200, 60, 20, 5]) {
    const fitting = comment(report, most);
    if (fitting.length <= LONGEST) return fitting;
  }
  return comment(report, 0);
}

function comment(report: PriceReport, most: number): string {
  const compared = report.against !== null;
  const head = ['environment', ...(compared ? ['before', 'after', 'difference', 'minimum to maximum'] : ['minimum', 'typical', 'maximum']), 'budget'];
  const rows = report.environments.map((each) => [
    `**${text(each.environment)}**${each.change === 'kept' ? '' : ` (${each.change})`}`, ...(compared ? comparedCells(each) : LEVELS.map((level) => usd(each.after?.total[level] ?? null))),
    `${each.budget.passed ? '⚠️ ' : ''}${each.budget.typicalUsd === null ? 'unknown' : `${Math.round((each.budget.typicalUsd / each.budget.monthlyUsd) * 100)} %`} of ${usd(each.budget.monthlyUsd)}`,
  ]);
  const against = report.against ? `Against \`${code(report.against.ref)}\` (${report.against.commit.slice(0, 10)})${report.uncommitted ? ', uncommitted changes included' : ''}. ` : '';
  return `${[
    MARKER, `## Price of ${compared ? 'this change' : 'the environments'}`,
    `${against}US dollars a month at list price, at typical replicas where nothing else is said. Unknown is not 0.`,
    table(head, rows),
    ...report.environments.map((each) => environmentDetails(each, compared, most)),
    ...report.notes.map((note) => `> ${text(note)}`),
  ].join('\n\n')}\n`;
}

function comparedCells(change: EnvironmentChange): string[] {
  const known = (sums: EnvironmentChange['before']) => (sums ? usd(sums.total.typical) : 'none');
  const { difference } = change;
  const some = difference && difference.total.typical === null ? ` (${(['kubernetes', 'aws'] as const).filter((part) => difference[part].typical !== null)
    .map((part) => `${PART_TITLES[part]} ${signed(difference[part].typical)}`).join(', ') || 'nothing can be compared'})` : '';
  const unknown = change.unknownLines > 0 ? ` and ${change.unknownLines} unknown` : '';
  return [
    known(change.before), known(change.after), `**${signed(difference?.total.typical ?? null)}**${some}${unknown}`,
    `${signed(difference?.total.minimum ?? null)} to ${signed(difference?.total.maximum ?? null)}`,
  ];
}

function environmentDetails(change: EnvironmentChange, compared: boolean, most: number): string {
  const { lines, coverage } = change;
  const shown = byWeight(lines).slice(0, most);
  const marks = { added: '+', removed: '−', changed: '~' } as const;
  const list = (items: readonly string[]) => (items.length === 0 ? [] : [[...items.slice(0, most), ...(items.length > most ? [`and ${items.length - most} more`] : [])].map((item) => `- ${item}`).join('\n')]);
  return [
    ...change.incomplete.map(({ side, part, why }) => `> **${PART_TITLES[part]} of ${text(change.environment)} ${side} are unknown** and left out of the difference: ${why.map((fault) => text(`${fault.where}: ${fault.got}. ${fault.do}`)).join('; ')}`),
    `<details${change.budget.passed && !change.budget.passedBefore ? ' open' : ''}><summary><b>${text(change.environment)}</b>: ${compared ? `${lines.length} lines change` : usd(change.after?.total.typical ?? null)}, ${text(budgetSentence(change))}</summary>`,
    table(['', ...(compared ? ['before', 'after', 'difference'] : ['price'])], sumRows(change, compared)),
    ...(shown.length > 0 ? [table(['', 'what', 'for', ...LEVELS], shown.map((line) => [
      marks[line.change], `\`${code(behind(line))}\``, text(line.was ? `${line.was} → ${line.description}` : line.description), ...LEVELS.map((level) => signed(line.difference[level])),
    ]))] : []),
    ...(lines.length > shown.length ? [`and ${lines.length - shown.length} lines more`] : []),
    ...list([...change.decisions, ...movedPods(lines)].map(text)),
    `Nodes, typically: ${text(nodesSentence(change.nodes.typical))}.`,
    `Coverage ${percent(coverage.share)}: ${coverage.aws.known} of ${coverage.aws.counted} AWS resources, ${coverage.kubernetes.known} of ${coverage.kubernetes.counted} charges of manifests.`,
    ...(change.unpriced.all.length + change.unknown.length > 0 ? [`<details><summary>${change.unpriced.all.length} unpriced, ${change.unknown.length} costs that hang on usage nobody stated</summary>`,
      ...list([...change.unpriced.all.map(({ what, why }) => `\`${code(what)}\`: ${text(why)}`), ...change.unknown.map((fault) => `\`${code(fault.where)}\`: ${text(fault.do)}`)]), '</details>'] : []),
    ...(change.purchase.length > 0 ? ['<details><summary>bought otherwise</summary>',
      table(['nodes', 'price', 'difference'], change.purchase.map((row) => [row.option, usd(row.monthlyUsd), signed(row.difference)])), 'Commitments over the on-demand nodes that always run.', '</details>'] : []),
    ...(change.assumptions.length > 0 ? ['<details><summary>assumed</summary>', ...list(change.assumptions.map(text)), '</details>'] : []), '</details>',
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const figures = head.map((_, column) => rows.every((row) => /^[*+−-]*([\d,.]+|unknown)/.test(row[column] ?? '')));
  return [head, figures.map((figure) => (figure ? '--:' : ':--')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Text that stays text, whoever named the things in it. */
function text(value: string): string {
  return value.replace(/[\\`*_{}[\]<>#|~@]/g, (character) => (character === '<' ? '&lt;' : character === '>' ? '&gt;' : character === '@' ? '&#64;' : `\\${character}`)).replace(/\s*\n\s*/g, ' ');
}

/** What may stand between backticks in a table. */
function code(value: string): string {
  return value.replaceAll('`', "'").replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ');
}
