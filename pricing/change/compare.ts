import type { PricedNodePool, PricedWorkload } from '../contract';
import { keyOf } from '../model';
import { Money } from '../money';
import type { PriceBook } from '../price-book';
import { Coverage, EnvironmentChange, isPriced, LevelLine, LEVELS, LineChange, Part, PARTS, PerLevel, PricedPart, PricedSide, Sums, Unpriced, Usd } from './contract';
import { perLevel } from './kubernetes-part';
import { purchaseRows } from './purchase';

/** What is compared. */
export interface Sides {
  /** Undefined for an environment that is new, and where nothing is compared. */
  readonly before?: PricedSide;
  /** Undefined for an environment that is gone. */
  readonly after?: PricedSide;
}

/**
 * What a change does to the price of an environment. A line's difference is known only if it is known on both sides, so what is unknown never looks like
 * a saving; a part that could not be priced on one side is not compared at all.
 *
 * @param compared false where there is nothing to compare with, and the environment is only priced
 */
export function compareSides({ before, after }: Sides, book: PriceBook, compared: boolean): EnvironmentChange {
  const shown = (after ?? before) as PricedSide;
  const comparable = (part: Part) => compared && [before, after].every((side) => !side || isPriced(side.parts[part]));
  const lines = PARTS.filter(comparable).flatMap((part) => changesOf(linesOf(before, part), linesOf(after, part)));
  const sums = after ? sumsOf(after) : null;
  const unpriced = { before: unpricedOf(before), after: unpricedOf(after) };
  const lacking = (from: readonly Unpriced[], other: readonly Unpriced[]) => from.filter((each) => comparable(each.part) && !other.some(({ what }) => what === each.what));
  const typical = (side: PricedSide | undefined) => (side ? sumOf(PARTS.flatMap((part) => linesOf(side, part)), 'typical') : null);
  const passes = (side: PricedSide | undefined) => side !== undefined && (typical(side) ?? 0) > side.budgetMonthlyUsd;
  const parts = PARTS.flatMap((part) => partOf(shown, part) ?? []);
  return {
    environment: shown.environment, region: shown.region,
    change: !compared || (before && after) ? 'kept' : after ? 'added' : 'removed',
    before: before ? sumsOf(before) : null, after: sums,
    difference: compared ? differenceOf(lines, comparable) : null,
    lines, unknownLines: lines.filter((line) => line.difference.typical === null).length,
    decisions: compared ? decisionsBetween(before, after) : [],
    unpriced: { all: unpriced.after, added: compared ? lacking(unpriced.after, unpriced.before) : [], removed: compared ? lacking(unpriced.before, unpriced.after) : [] },
    unknown: parts.flatMap((part) => part.unknown),
    incomplete: (['before', 'after'] as const).flatMap((name) => PARTS.flatMap((part) => {
      const side = name === 'before' ? before : after;
      const priced = side?.parts[part];
      return priced && !isPriced(priced) ? [{ side: name, part, why: priced.why }] : [];
    })),
    coverage: coverageOf(shown),
    budget: { monthlyUsd: shown.budgetMonthlyUsd, typicalUsd: typical(after), passed: passes(after), passedBefore: passes(before) },
    nodes: shown.nodes,
    purchase: after ? purchaseRows(after, typical(after), book) : [],
    assumptions: distinctSentences(parts.flatMap((part) => part.assumptions)),
    priced: { before: PARTS.flatMap((part) => linesOf(before, part)), after: PARTS.flatMap((part) => linesOf(after, part)) },
  };
}

/** Sentences, each once; one that another continues is left out. */
function distinctSentences(sentences: readonly string[]): string[] {
  return [...new Set(sentences)].filter((each) => !sentences.some((other) => other !== each && other.startsWith(each)));
}

function partOf(side: PricedSide | undefined, part: Part): PricedPart | undefined {
  const found = side?.parts[part];
  return found && isPriced(found) ? found : undefined;
}

function linesOf(side: PricedSide | undefined, part: Part): readonly LevelLine[] {
  return partOf(side, part)?.lines ?? [];
}

function unpricedOf(side: PricedSide | undefined): readonly Unpriced[] {
  return PARTS.flatMap((part) => partOf(side, part)?.unpriced ?? []);
}

/**
 * What became of each line. Lines are the same if they charge the same for the same; what is left of a resource's lines is taken, in order, as one charge that became another.
 */
export function changesOf(before: readonly LevelLine[], after: readonly LevelLine[]): LineChange[] {
  const pairs: [LevelLine | undefined, LevelLine | undefined][] = [];
  let [left, right] = [[...before], [...after]];
  for (const keyOfLine of [
    (line: LevelLine) => [line.part, line.stack, line.resource, line.sku || line.description, line.unit],
    (line: LevelLine) => [line.part, line.stack, line.resource, line.service, line.unit],
  ]) {
    const waiting = new Map<string, LevelLine[]>();
    for (const line of left) {
      const key = JSON.stringify(keyOfLine(line));
      waiting.set(key, [...(waiting.get(key) ?? []), line]);
    }
    const unmatched: LevelLine[] = [];
    for (const line of right) {
      const other = waiting.get(JSON.stringify(keyOfLine(line)))?.shift();
      if (other) pairs.push([other, line]);
      else unmatched.push(line);
    }
    left = left.filter((line) => waiting.get(JSON.stringify(keyOfLine(line)))?.includes(line));
    right = unmatched;
  }
  pairs.push(...left.map((line): [LevelLine, undefined] => [line, undefined]), ...right.map((line): [undefined, LevelLine] => [undefined, line]));
  return pairs.flatMap(([old, now]) => changeOf(old, now) ?? []);
}

const NOTHING: PerLevel<Usd> = { minimum: 0, typical: 0, maximum: 0 };

function changeOf(before: LevelLine | undefined, after: LevelLine | undefined): LineChange | undefined {
  const line = (after ?? before) as LevelLine;
  if (before && after && before.description === after.description && before.sku === after.sku
    && LEVELS.every((level) => before.cost[level] === after.cost[level] && before.focus[level]?.PricingQuantity === after.focus[level]?.PricingQuantity)) return undefined;
  const [old, now] = [before?.cost ?? NOTHING, after?.cost ?? NOTHING];
  const workloads = [...new Set([...Object.keys(before?.behind ?? {}), ...Object.keys(after?.behind ?? {})])];
  return {
    change: before && after ? 'changed' : after ? 'added' : 'removed',
    part: line.part, stack: line.stack ?? null, resource: line.resource, description: line.description,
    was: before && after && before.description !== after.description ? before.description : null,
    before: old, after: now,
    difference: perLevel((level) => subtract(now[level], old[level])),
    because: workloads.filter((name) => before?.behind[name] !== after?.behind[name]).sort().map((name) => `${name}: ${before?.behind[name] ?? 0} → ${after?.behind[name] ?? 0} pods`),
  };
}

function subtract(after: Usd, before: Usd): Usd {
  return after === null || before === null ? null : Money.usd(after).minus(Money.usd(before)).toUsd();
}

function sum(amounts: readonly number[]): number {
  return Money.sum(amounts.map((amount) => Money.usd(amount))).toUsd();
}

/** Sum of the known costs; null if there are lines and none is known. */
function sumOf(lines: readonly LevelLine[], level: (typeof LEVELS)[number]): Usd {
  const known = lines.flatMap((line) => line.cost[level] ?? []);
  return known.length === 0 && lines.length > 0 ? null : sum(known);
}

function sumsOf(side: PricedSide): Sums {
  const of = (part: Part): PerLevel<Usd> => perLevel((level) => (isPriced(side.parts[part]) ? sumOf(linesOf(side, part), level) : null));
  const [aws, kubernetes] = [of('aws'), of('kubernetes')];
  return { aws, kubernetes, total: perLevel((level) => together(aws[level], kubernetes[level])) };
}

function differenceOf(lines: readonly LineChange[], comparable: (part: Part) => boolean): Sums {
  const of = (part: Part): PerLevel<Usd> => {
    const own = lines.filter((line) => line.part === part);
    return perLevel((level) => (comparable(part) ? sum(own.flatMap((line) => line.difference[level] ?? [])) : null));
  };
  const [aws, kubernetes] = [of('aws'), of('kubernetes')];
  return { aws, kubernetes, total: perLevel((level) => together(aws[level], kubernetes[level])) };
}

function together(a: Usd, b: Usd): Usd {
  return a === null || b === null ? null : sum([a, b]);
}

function coverageOf(side: PricedSide): EnvironmentChange['coverage'] {
  const of = (part: Part): Coverage => partOf(side, part)?.coverage ?? { counted: 0, known: 0 };
  const [aws, kubernetes] = [of('aws'), of('kubernetes')];
  const counted = aws.counted + kubernetes.counted;
  return { aws, kubernetes, share: counted === 0 ? 1 : (aws.known + kubernetes.known) / counted };
}

/** What was decided otherwise of workloads and pools. */
function decisionsBetween(before: PricedSide | undefined, after: PricedSide | undefined): string[] {
  if (!before?.model || !after?.model) return [];
  return [
    ...between('workload', before.model.workloads, after.model.workloads, keyOf, workloadText),
    ...between('node pool', before.model.nodePools, after.model.nodePools, (pool) => pool.name, poolText),
    ...(before.budgetMonthlyUsd === after.budgetMonthlyUsd ? [] : [`budget: ${before.budgetMonthlyUsd} → ${after.budgetMonthlyUsd} USD`]),
  ];
}

function between<T>(what: string, before: readonly T[], after: readonly T[], name: (each: T) => string, text: (each: T) => string): string[] {
  const old = new Map(before.map((each) => [name(each), text(each)]));
  const now = new Map(after.map((each) => [name(each), text(each)]));
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((each) => {
    if (old.get(each) === now.get(each)) return [];
    return [`${what} ${each}: ${old.get(each) ?? 'none'} → ${now.get(each) ?? 'none'}`];
  });
}

function workloadText(workload: PricedWorkload): string {
  const { minReplicas, maxReplicas, perNode, cpuMillicores, memoryMiB } = workload;
  const replicas = perNode ? 'one a node' : minReplicas === maxReplicas ? `${minReplicas} replicas` : `${minReplicas} to ${maxReplicas} replicas`;
  return `${replicas} of ${cpuMillicores}m and ${memoryMiB}Mi`;
}

function poolText(pool: PricedNodePool): string {
  return `${pool.minNodes} to ${pool.maxNodes} nodes, ${pool.capacity}, ${pool.instanceTypes.join(' or ')}`;
}
