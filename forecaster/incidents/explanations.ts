import type { AnomalyFlag, Change, Explanation, Incident, ServiceView } from './incident';
import type { Risk } from './risks';
import type { ServiceWatch } from './service-watch';

/** A neighbour that is in trouble. */
export interface NeighbourTrouble {
  /** `namespace/service`. */
  readonly name: string;
  readonly since: number;
  readonly what: string;
}

/** What an explanation is looked for in. */
export interface ExplanationContext {
  /** Seconds. */
  readonly now: number;
  /** When the risk was first seen, seconds. */
  readonly onset: number;
  readonly view: ServiceView;
  readonly watch: ServiceWatch;
  readonly neighbours: readonly NeighbourTrouble[];
}

/** An explanation below this is left out. */
const LEAST = 0.1;
/** A deploy loses 1/e of its weight in so many seconds: most that break something break it within minutes. */
const DEPLOY_SECONDS = 1800;
/** A neighbour must have been first by no more than this, seconds. */
const NEIGHBOUR_SECONDS = 3600;
/** Requests this many times the usual explain trouble in full. */
const FULL_LOAD = 2;

/** Candidate causes of a risk, the likeliest first: told from timing and size, not proven. */
export function explain(risk: Risk, context: ExplanationContext): Explanation[] {
  const found = [deploy(context), leak(risk, context), load(risk, context), neighbour(context)];
  return found.filter((each) => each !== undefined && each.weight >= LEAST).sort((a, b) => b!.weight - a!.weight).map((each) => ({ ...each!, weight: Math.min(1, each!.weight) }));
}

/** Neighbours in trouble: anomalies under way and open incidents. */
export function troubles(flags: readonly AnomalyFlag[], incidents: readonly Incident[], now: number): NeighbourTrouble[] {
  return [
    ...incidents.map(({ namespace, service, kind, openedAt }) => ({ name: `${namespace}/${service}`, since: openedAt, what: `a ${kind} incident` })),
    ...flags.filter(({ until }) => now - until <= NEIGHBOUR_SECONDS).map(({ namespace, service, metric, since }) => ({ name: `${namespace}/${service}`, since, what: `an anomaly of ${metric}` })),
  ];
}

function deploy({ now, onset, watch }: ExplanationContext): Explanation | undefined {
  const anomaly = Math.min(onset, ...watch.flags.map(({ since }) => since));
  const weighed = watch.changes.map((change) => ({ change, weight: weightOf(change, Math.max(anomaly, change.time), now) * (change.time <= onset ? 1 : 0.3) }));
  const best = weighed.sort((a, b) => b.weight - a.weight)[0];
  if (best === undefined) return undefined;
  const { kind, detail, time } = best.change;
  const what = kind === 'version' ? `version ${detail} was deployed` : kind === 'start' ? `it was started anew (${detail})` : `replicas went ${detail}`;
  return { kind: 'deploy', weight: best.weight, text: `${what} ${minutes(Math.max(0, onset - time))} before it began` };
}

function weightOf({ kind, detail, time }: Change, began: number, now: number): number {
  const [before, after] = detail.split(' -> ').map(Number);
  // Fewer replicas may bring trouble about; more are rather the answer to it.
  const base = kind === 'version' ? 1 : kind === 'start' ? 0.8 : after! < before! ? 0.7 : 0.1;
  return time > now ? 0 : base * Math.exp(-(began - time) / DEPLOY_SECONDS);
}

function leak(risk: Risk, { view }: ExplanationContext): Explanation | undefined {
  const worst = [...(view.memory ?? [])].filter(({ probability }) => Number.isFinite(probability)).sort((a, b) => b.probability - a.probability)[0];
  if (worst === undefined) return undefined;
  const share = worst.workingSetBytes / worst.limitBytes;
  const full = Number.isFinite(share) ? `, ${Math.round(100 * share)} % of the limit now` : '';
  // Memory that runs out slows a service down long before it ends it, but slowness has other causes too.
  const weight = Math.max(0, Math.min(1, worst.probability)) * (risk.kind === 'memory' ? 1 : 0.6);
  return { kind: 'leak', weight, text: `${worst.container} meets its memory limit within the hour with probability ${worst.probability.toFixed(2)}${full}` };
}

function load(risk: Risk, { view, watch }: ExplanationContext): Explanation | undefined {
  const signal = view.signals.requests;
  const usual = watch.usualRequests;
  if (signal === undefined || usual === null || !(usual > 0)) return undefined;
  const expected = Math.max(signal.value ?? 0, ...(signal.forecast?.quantiles['0.5'] ?? []));
  const ratio = expected / usual;
  if (!Number.isFinite(ratio) || ratio <= 1) return undefined;
  const weight = Math.min(1, (ratio - 1) / (FULL_LOAD - 1)) * (risk.kind === 'memory' ? 0.5 : 1);
  return { kind: 'load', weight, text: `${expected.toPrecision(3)} requests/s are expected, ${ratio.toFixed(1)} times the usual ${usual.toPrecision(3)}` };
}

function neighbour({ onset, neighbours }: ExplanationContext): Explanation | undefined {
  const earlier = neighbours.filter(({ since }) => since < onset && onset - since <= NEIGHBOUR_SECONDS);
  const [first] = earlier.sort((a, b) => b.since - a.since);
  if (first === undefined) return undefined;
  const weight = 0.6 * Math.exp(-(onset - first.since) / NEIGHBOUR_SECONDS);
  const others = new Set(earlier.map(({ name }) => name)).size - 1;
  return { kind: 'neighbour', weight, text: `${first.name} had ${first.what} ${minutes(onset - first.since)} before${others > 0 ? `, and ${others} more neighbours are in trouble` : ''}` };
}

function minutes(seconds: number): string {
  return `${Math.round(seconds / 60)} min`;
}
