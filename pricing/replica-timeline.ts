import { Fault, FaultError, refuse, show } from '../base/faults';
import type { EnvironmentModel, PricedWorkload } from './contract';
import { allWorkloads, environmentModelFaults, keyOf } from './model';
import { Money } from './money';
import { chooseNode, packNodes } from './node-packing';
import { nodeHourly } from './node-price';
import type { PriceBook } from './price-book';

/**
 * How the cost of replicas is told apart from the cost of the cluster.
 *
 * - `slot`: the price of the node that would be bought for one more replica, with its root volume, divided by the replicas that fit on it. Linear
 *   in replica-hours, so two scaling policies compare by what they asked for; and what the bill tends to as a service grows.
 * - `marginal-nodes`: the bill with the replicas minus the bill without them, every other workload at its minimum, minute by minute. It has
 *   steps, and is 0 while replicas fit on nodes that run anyway.
 */
export type TimelineMethod = 'slot' | 'marginal-nodes';

interface TimelineCommon {
  readonly model: EnvironmentModel;
  /** `namespace/name` of a workload of the model. */
  readonly workload: string;
  /** @default 'slot' */
  readonly method?: TimelineMethod;
}

/** Replicas over time: one count per minute, or the seconds at which the count changed. */
export type ReplicaTimeline = TimelineCommon & (
  | { readonly replicasPerMinute: readonly number[] }
  | { readonly steps: readonly { readonly second: number; readonly replicas: number }[]; readonly endSecond: number }
);

/** What replicas over time cost. */
export interface ReplicaTimelinePrice {
  /** US dollars; null where it is not known, which is not 0. */
  readonly usd: number | null;
  /** US dollars an hour of one replica, on average; null where it is not known or no replica ran. */
  readonly usdPerReplicaHour: number | null;
  readonly replicaHours: number;
  readonly method: TimelineMethod;
  /** Why the cost is not known. */
  readonly unknown: readonly Fault[];
}

/**
 * Prices replicas of one workload over time.
 *
 * @throws FaultError if the model cannot be priced, the workload is not in it, or the timeline is no timeline
 */
export function priceReplicaTimeline(timeline: ReplicaTimeline, book: PriceBook): ReplicaTimelinePrice {
  const { model, method = 'slot' } = timeline;
  const workloads = allWorkloads(model);
  const workload = workloads.find((each) => keyOf(each) === timeline.workload && !each.perNode);
  refuse('the replicas cannot be priced', [...environmentModelFaults(model), ...timelineFaults(timeline)]);
  if (!workload) {
    throw new FaultError('the replicas cannot be priced', [{
      where: `${model.name}.workloads`, got: timeline.workload, allowed: workloads.filter((each) => !each.perNode).map(keyOf).join(', '), do: 'name a workload of the model as namespace/name',
    }]);
  }
  const spans = spansOf(timeline);
  const replicaHours = spans.reduce((sum, span) => sum + span.replicas * span.seconds, 0) / 3600;
  return method === 'slot' ? bySlot(model, workload, replicaHours, book) : byNodes(model, workload, spans, replicaHours, book);
}

function bySlot(model: EnvironmentModel, workload: PricedWorkload, replicaHours: number, book: PriceBook): ReplicaTimelinePrice {
  const choice = chooseNode(workload, model.nodePools, perNodeOf(model), nodeHourly(model, book));
  if (!choice || !choice.hourly) {
    const where = `${model.name}.workloads.${keyOf(workload)}`;
    const unknown: Fault = choice
      ? { where: `price book ${model.region}`, got: `no price for ${choice.type.name}, ${choice.pool.capacity}, or its volume`, allowed: book.regions.join(', '), do: 'add the price to pricing/prices/' }
      : { where, got: 'a pod that fits on no node of its pools', allowed: 'pods that fit on the nodes that may be bought', do: 'lower its requests or add a larger instance type' };
    return { usd: null, usdPerReplicaHour: null, replicaHours, method: 'slot', unknown: [unknown] };
  }
  const perHour = choice.hourly.toUsd() / choice.slots;
  return { usd: toMicro(perHour * replicaHours), usdPerReplicaHour: toMicro(perHour), replicaHours, method: 'slot', unknown: [] };
}

function byNodes(model: EnvironmentModel, workload: PricedWorkload, spans: readonly Span[], replicaHours: number, book: PriceBook): ReplicaTimelinePrice {
  const hourly = nodeHourly(model, book);
  const others = allWorkloads(model).filter((each) => !each.perNode && keyOf(each) !== keyOf(workload)).map((each) => ({ workload: each, replicas: each.minReplicas }));
  const bill = (replicas: number): { readonly cost: Money } | { readonly why: string } => {
    const packing = packNodes({ pools: model.nodePools, perNode: perNodeOf(model), arrivals: [others, [{ workload, replicas }]] }, hourly);
    const missing = packing.unplaced.find((pods) => pods.workload === keyOf(workload));
    if (missing) return { why: `${missing.replicas} of ${replicas} pods fit on no node` };
    const prices: Money[] = [];
    for (const node of packing.nodes) {
      const pool = model.nodePools.find((each) => each.name === node.pool);
      const price = pool ? hourly(pool, node.type) : null;
      if (!price) return { why: `no price for ${node.type.name} in pool ${node.pool}` };
      prices.push(price);
    }
    return { cost: Money.sum(prices) };
  };

  const known = new Map<number, ReturnType<typeof bill>>(); // a day has few distinct counts, packing each once is enough
  const billed = (replicas: number) => {
    const found = known.get(replicas) ?? bill(replicas);
    known.set(replicas, found);
    return found;
  };
  const idle = billed(0);
  const faults = new Map<string, Fault>();
  let usd = 0;
  for (const span of spans) {
    const busy = billed(span.replicas);
    if ('cost' in idle && 'cost' in busy) {
      usd += (busy.cost.minus(idle.cost).toUsd() * span.seconds) / 3600;
      continue;
    }
    const got = 'why' in busy ? busy.why : 'why' in idle ? idle.why : '';
    faults.set(got, { where: `${model.name}.workloads.${keyOf(workload)}`, got, allowed: 'pods that fit on nodes with a price', do: 'raise maxNodes, or add the price to pricing/prices/' });
  }
  if (faults.size > 0) return { usd: null, usdPerReplicaHour: null, replicaHours, method: 'marginal-nodes', unknown: [...faults.values()] };
  return { usd: toMicro(usd), usdPerReplicaHour: replicaHours > 0 ? toMicro(usd / replicaHours) : null, replicaHours, method: 'marginal-nodes', unknown: [] };
}

interface Span {
  readonly replicas: number;
  readonly seconds: number;
}

function spansOf(timeline: ReplicaTimeline): Span[] {
  if ('replicasPerMinute' in timeline) return timeline.replicasPerMinute.map((replicas) => ({ replicas, seconds: 60 }));
  return timeline.steps.map((step, index) => ({ replicas: step.replicas, seconds: (timeline.steps[index + 1]?.second ?? timeline.endSecond) - step.second }));
}

function timelineFaults(timeline: ReplicaTimeline): Fault[] {
  const faults: Fault[] = [];
  const count = (replicas: number, where: string) => {
    if (!Number.isSafeInteger(replicas) || replicas < 0) faults.push({ where, got: show(replicas), allowed: 'a whole number from 0', do: 'give the replicas that ran' });
  };
  if ('replicasPerMinute' in timeline) {
    timeline.replicasPerMinute.forEach((replicas, minute) => count(replicas, `replicasPerMinute[${minute}]`));
    return faults;
  }
  timeline.steps.forEach((step, index) => {
    count(step.replicas, `steps[${index}].replicas`);
    const next = timeline.steps[index + 1]?.second ?? timeline.endSecond;
    if (!(Number.isFinite(step.second) && Number.isFinite(next) && next >= step.second)) {
      faults.push({ where: `steps[${index}].second`, got: `${step.second} before ${next}`, allowed: 'finite seconds in order, none after endSecond', do: 'sort the steps' });
    }
  });
  return faults;
}

function perNodeOf(model: EnvironmentModel): readonly PricedWorkload[] {
  return allWorkloads(model).filter((each) => each.perNode);
}

function toMicro(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}
