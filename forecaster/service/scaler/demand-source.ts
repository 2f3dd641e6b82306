import { type Fault } from '../../../base/faults';
import type { Refresher } from '../refresher';
import type { ForecasterSettings } from '../settings';
import { misdirected, type Shard, WHOLE } from '../shards';
import { type Entry, MAX_HORIZON_SECONDS, type SeriesKey, type Store } from '../store';
import type { Trigger } from './trigger';

/** Demand to provision for, or why there is none to be had. */
export type DemandAnswer =
  /** In the metric's unit; finite, from 0. */
  | { readonly value: number }
  | { readonly missing: 'unknown' | 'withdrawn'; readonly fault: Fault };

/** What the scaler asks. */
export interface DemandSource {
  demand(trigger: Pick<Trigger, 'namespace' | 'service' | 'metric' | 'quantile' | 'leadTimeSeconds'>): DemandAnswer;
  /** True only if nothing is asked of the service now and the forecast leaves no room for anything within the next hour. */
  surelyIdle(key: SeriesKey): boolean;
}

/** What demand is made from. */
export interface DemandSourceOptions {
  readonly store: Pick<Store, 'find' | 'now'>;
  readonly refresher: Pick<Refresher, 'ready' | 'silentSeconds'>;
  readonly settings: Pick<ForecasterSettings, 'intervalSeconds' | 'staleAfterSeconds'>;
  /** Which services this replica forecasts. @default - every one */
  readonly shard?: Shard;
  /** Whether forecasts of a series may scale anything. @default - those of every series may */
  readonly mayScale?: (entry: Entry) => boolean;
}

/** Refreshes missed in a row after which nothing is known about the metrics' clock any more; the same as for the published metric. */
const MISSED_REFRESHES = 5;
/** The highest quantile that is still asked of the models. */
const NEARLY_CERTAIN = 0.99;

/**
 * Demand from the series that this replica forecasts. What is unknown, old or not trusted is said to be missing: a low number would be believed,
 * an error hands scaling back to the reactive metrics.
 */
export function demandSource({ store, refresher, settings, shard = WHOLE, mayScale = () => true }: DemandSourceOptions): DemandSource {
  const missing = (kind: 'unknown' | 'withdrawn', { namespace, service, metric }: SeriesKey, got: string, allowed: string, todo: string): DemandAnswer => (
    { missing: kind, fault: { where: `${metric} of ${namespace}/${service}`, got, allowed, do: todo } }
  );
  const fresh = (entry: Entry): { readonly entry: Entry; readonly now: number } | DemandAnswer => {
    const { now } = store;
    const silent = refresher.silentSeconds;
    if (now === undefined || !(silent <= MISSED_REFRESHES * Math.max(settings.intervalSeconds, 1))) {
      return missing('withdrawn', entry, `no refresh from Prometheus for ${Number.isFinite(silent) ? `${Math.round(silent)} s` : 'as long as this process runs'}`, `${MISSED_REFRESHES} missed refreshes`, 'see why Prometheus does not answer');
    }
    const age = now - entry.forecaster.lastTime;
    if (!(age <= settings.staleAfterSeconds)) return missing('withdrawn', entry, `a newest value that is ${Math.round(age)} s old`, `${settings.staleAfterSeconds} s`, 'see why Prometheus records no new value');
    return { entry, now };
  };

  return {
    demand(trigger) {
      const entry = store.find(trigger);
      if (!entry?.forecaster.ready) {
        const other = misdirected(shard, trigger.namespace, trigger.service);
        if (other) return { missing: 'withdrawn', fault: { ...other.fault, where: `${trigger.metric} of ${trigger.namespace}/${trigger.service}` } };
        if (!refresher.ready) return missing('withdrawn', trigger, 'no refresh from Prometheus yet', 'one that got through', 'wait, or see why Prometheus does not answer');
        return missing('unknown', trigger, 'no values', 'a series that is recorded and forecast', 'correct service, namespace and metric, or make Prometheus record the series');
      }
      const state = fresh(entry);
      if (!('entry' in state)) return state;
      if (!mayScale(entry)) return missing('withdrawn', entry, 'forecasts that are not trusted yet, or no more', 'forecasts that have proven themselves', 'see /models/status; until then the other triggers decide');
      const { value } = entry.forecaster.demand({ leadTimeSeconds: trigger.leadTimeSeconds, quantile: trigger.quantile, now: state.now });
      if (!Number.isFinite(value) || value < 0) return missing('withdrawn', entry, `a demand of ${value}`, 'a finite number from 0', 'see /models/status');
      return { value };
    },
    surelyIdle(key) {
      const entry = store.find(key);
      if (!entry?.forecaster.ready || entry.lastValue !== 0 || !mayScale(entry)) return false;
      const state = fresh(entry);
      return 'entry' in state && entry.forecaster.demand({ leadTimeSeconds: MAX_HORIZON_SECONDS, quantile: NEARLY_CERTAIN, now: state.now }).value === 0;
    },
  };
}
