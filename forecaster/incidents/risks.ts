import type { ReasonCode } from '../reasons';
import type { BreachCalibration } from './breach-calibration';
import { breachProbability } from './breach-probability';
import type { Evidence, IncidentKind, IncidentReason, MemoryRisk, ServiceView, Signal, SignalMetric } from './incident';

/** What threatens a service, before it is an incident. */
export interface Risk {
  readonly kind: IncidentKind;
  /** The metric it is read from. */
  readonly metric: SignalMetric;
  readonly probability: number;
  readonly probabilitySoon: number;
  readonly bounds: readonly [lower: number, upper: number];
  /** Seconds; null when it cannot be told. */
  readonly expectedAt: number | null;
  readonly reasons: readonly IncidentReason[];
  readonly evidence: readonly Evidence[];
  /** Who found it asks for it to be told at once. */
  readonly urgent: boolean;
}

/** What risks are seen with. */
export interface RiskContext {
  /** Seconds. */
  readonly now: number;
  readonly horizonSeconds: number;
  readonly staleAfterSeconds: number;
  /** How errors of the metric follow each other; see `breachProbability`. */
  readonly persistence: (metric: SignalMetric, stepSeconds: number) => number;
  /** What is known of how far probabilities of a kind are to be believed. */
  readonly calibration: (kind: IncidentKind) => BreachCalibration;
}

/** Half an hour: the time in which somebody can still do something. */
export const SOON_SECONDS = 1800;

const UNCERTAIN: readonly ReasonCode[] = ['insufficient_history', 'bands_uncalibrated', 'regime_change', 'gaps_filled'];

/** What can be told of each kind; a kind that cannot be told (no threshold, no signal, stale) is absent. */
export function risksOf(view: ServiceView, context: RiskContext): Risk[] {
  const { thresholds, signals } = view;
  const found = [
    crossing(view, 'latency', 'latency', thresholds.latencySeconds, 'seconds', context),
    crossing(view, 'cpu', 'cpu', thresholds.cpu, 'of what is requested', context),
    crossing(view, 'capacity', 'requests', thresholds.requestsPerSecond, 'requests/s', context),
    outOfMemory(view.memory ?? [], signals.memory, context),
  ];
  return found.filter((risk) => risk !== undefined);
}

/** The signal is recent enough to say something about now. */
export function isFresh(signal: Signal | undefined, { now, staleAfterSeconds }: Pick<RiskContext, 'now' | 'staleAfterSeconds'>): boolean {
  const time = signal?.time;
  return time !== null && time !== undefined && Number.isFinite(time) && now - time <= staleAfterSeconds;
}

function crossing({ signals }: ServiceView, kind: IncidentKind, metric: SignalMetric, threshold: number | undefined, unit: string, context: RiskContext): Risk | undefined {
  const signal = signals[metric];
  if (signal === undefined || threshold === undefined || !Number.isFinite(threshold) || !isFresh(signal, context)) return undefined;
  const { forecast, value, series } = signal;
  const { now, horizonSeconds } = context;
  const crossed = value !== null && Number.isFinite(value) && value > threshold;
  const horizon = forecast === null ? 0 : now - forecast.origin + horizonSeconds;
  const breach = forecast === null ? undefined : breachProbability({
    forecast, threshold, horizonSeconds: horizon, from: now, persistence: context.persistence(metric, forecast.stepSeconds),
  });
  if (!crossed && (breach === undefined || breach.cumulative.length === 0)) return undefined;
  const soonSteps = forecast === null ? 0 : Math.floor((now - forecast.origin + SOON_SECONDS) / forecast.stepSeconds);
  const rawSoon = breach?.cumulative[Math.min(soonSteps, breach.cumulative.length) - 1] ?? 0;
  const calibration = context.calibration(kind);
  const adjust = (raw: number) => (crossed ? 1 : calibration.adjust(raw));
  const probability = breach === undefined ? 1 : adjust(breach.probability);
  if (value !== null && Number.isFinite(value)) calibration.value(signal.time!, value);
  if (!crossed) calibration.tell(signal.time!, rawSoon, threshold);
  const reasons: IncidentReason[] = [];
  if (crossed) reasons.push('breach_now');
  else reasons.push(kind === 'capacity' ? 'demand_above_capacity' : 'breach_expected');
  if (!crossed && signal.reasons?.some((reason) => UNCERTAIN.includes(reason))) reasons.push('forecast_uncertain');
  const evidence: Evidence[] = [{ series, what: `limit, ${unit}`, value: threshold }];
  if (value !== null) evidence.push({ series, what: `newest value, ${unit}`, value });
  for (const level of ['0.5', '0.9']) {
    const curve = forecast?.quantiles[level];
    if (curve?.length) evidence.push({ series, what: `highest ${level} quantile of the next hour, ${unit}`, value: Math.max(...curve) });
  }
  return {
    kind,
    metric,
    probability,
    probabilitySoon: Math.min(probability, adjust(rawSoon)),
    bounds: crossed ? [1, 1] : [Math.min(probability, breach!.lower), Math.max(probability, breach!.upper)],
    expectedAt: crossed ? now : breach!.expectedSeconds === null ? null : Math.max(now, forecast!.origin + breach!.expectedSeconds),
    reasons,
    evidence: finite(evidence),
    urgent: false,
  };
}

/** The worst container speaks for the service; the others at risk are evidence. */
function outOfMemory(risks: readonly MemoryRisk[], signal: Signal | undefined, { now, horizonSeconds }: RiskContext): Risk | undefined {
  const usable = risks.filter(({ probability }) => Number.isFinite(probability)).map((risk) => ({ ...risk, probability: Math.max(0, Math.min(1, risk.probability)) }));
  const [worst] = usable.sort((a, b) => b.probability - a.probability);
  if (worst === undefined) return undefined;
  const seconds = worst.minutesToOom === null || !Number.isFinite(worst.minutesToOom) ? null : Math.max(0, worst.minutesToOom * 60);
  const uncertain = signal?.reasons?.some((reason) => UNCERTAIN.includes(reason)) === true;
  const evidence = usable.slice(0, 5).flatMap(({ series, container, workingSetBytes, limitBytes, probability }) => [
    { series, what: `working set of ${container}, bytes`, value: workingSetBytes },
    { series, what: `limit of ${container}, bytes`, value: limitBytes },
    { series, what: `probability that ${container} meets its limit`, value: probability },
  ]);
  return {
    kind: 'memory',
    metric: 'memory',
    probability: worst.probability,
    probabilitySoon: seconds !== null && seconds > SOON_SECONDS ? worst.probability * Math.min(1, SOON_SECONDS / seconds) ** 2 : worst.probability,
    bounds: [worst.probability, worst.probability],
    expectedAt: seconds === null || seconds > horizonSeconds ? null : now + seconds,
    reasons: uncertain ? ['out_of_memory_expected', 'forecast_uncertain'] : ['out_of_memory_expected'],
    evidence: finite(evidence),
    urgent: worst.alarm,
  };
}

function finite(evidence: readonly Evidence[]): Evidence[] {
  return evidence.filter(({ value }) => Number.isFinite(value));
}
