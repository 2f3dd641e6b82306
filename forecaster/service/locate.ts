import type { Fault } from '../../base/faults';
import { type ForecastMetric, recordingRules } from '../contract';
import { metricNames } from './schemas';
import { misdirected, type Shard, WHOLE } from './shards';
import type { Entry, Store } from './store';

/** Why a series cannot be told. */
export interface NotFound {
  readonly status: 400 | 404 | 421 | 503;
  readonly code: string;
  readonly message: string;
  readonly fault?: Fault;
}

/** Where series are looked for. */
export interface Known {
  readonly store: Store;
  /** A refresh has got through: before it, not to know a service says nothing about it. */
  readonly refresher: { readonly ready: boolean };
  /** @default - this process has every service */
  readonly shard?: Shard;
}

/** The namespace of a service, or why there is none. */
export function locateService({ store, refresher, shard = WHOLE }: Known, service: string, namespace: string | undefined): { readonly namespace: string } | NotFound {
  const namespaces = store.namespacesOf(service);
  if (namespace !== undefined ? namespaces.includes(namespace) : namespaces.length === 1) return { namespace: namespace ?? namespaces[0]! };
  if (namespace === undefined && namespaces.length > 1) {
    return {
      status: 400,
      code: 'ambiguous_service',
      message: 'the service is in several namespaces',
      fault: { where: 'query namespace', got: 'nothing', allowed: shorten(namespaces), do: 'name one of them' },
    };
  }
  const elsewhere = namespace === undefined ? undefined : misdirected(shard, namespace, service);
  if (elsewhere) return elsewhere;
  if (!refresher.ready) return { status: 503, code: 'not_ready', message: 'no refresh from Prometheus has got through yet' };
  const guess = shard.count > 1 && namespace === undefined ? ', or name its namespace to learn which shard has it' : '';
  return {
    status: 404,
    code: 'unknown_service',
    message: 'no such service has a request rate',
    fault: {
      where: 'path service',
      got: (namespace === undefined ? service : `${namespace}/${service}`).slice(0, 200),
      allowed: shorten(store.services()),
      do: `ask for one of these, or make Prometheus record ${recordingRules.requests} for it${guess}`,
    },
  };
}

/** The series of one metric of a service, or why there is none. */
export function locate(known: Known, service: string, namespace: string | undefined, metric: ForecastMetric): { readonly entry: Entry } | NotFound {
  const found = locateService(known, service, namespace);
  if ('status' in found) return found;
  const entry = known.store.find({ service, namespace: found.namespace, metric });
  if (entry?.forecaster.ready) return { entry };
  return {
    status: 404,
    code: 'no_data',
    message: 'the service is known, but nothing of this metric',
    fault: {
      where: 'metric',
      got: metric,
      allowed: shorten(metricNames.filter((name) => known.store.find({ service, namespace: found.namespace, metric: name })?.forecaster.ready)),
      do: `ask for one of these, or make Prometheus record ${recordingRules[metric]} for it`,
    },
  };
}

/** At most 50 names: an answer does not grow with the cluster. */
function shorten(names: readonly string[]): string {
  if (names.length === 0) return 'none is known yet';
  return names.length > 50 ? `${names.slice(0, 50).join(', ')} and ${names.length - 50} more` : names.join(', ');
}
