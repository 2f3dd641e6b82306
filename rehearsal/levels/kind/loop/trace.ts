import { contract as catalog } from '../../../../apps/catalog/contract';
import { recordingRules } from '../../../../forecaster/contract';
import { TIMEKEEPER, TraceBody } from '../../../stand-ins/timekeeper/contract';
import type { TraceWindow } from '../../../traces';
import type { KindCluster } from '../contract';
import { ClusterService } from './cluster-service';

/** A trace as it is played. */
export interface PlayedTrace {
  readonly window: TraceWindow;
  /** What the trace's values are multiplied with to become requests per second. */
  readonly scale: number;
  /** Trace seconds per second. */
  readonly speed: number;
}

/** The service that is scaled. */
export const TARGET = { namespace: 'catalog', name: catalog.name } as const;

/** What lies before the replay, as the timekeeper takes it. */
export function traceBody({ window, scale, speed }: PlayedTrace): TraceBody {
  return {
    traceStart: window.from, speed,
    // A rule evaluated at a minute's end holds that minute's mean, so the stamp is the end.
    history: [{
      name: recordingRules.requests, labels: { namespace: TARGET.namespace, service: TARGET.name }, start: window.from - (window.history.length - 1) * 60, stepSeconds: 60,
      values: window.history.map((value) => value * scale),
    }],
  };
}

/**
 * Tells the timekeeper of a cluster what lies before the replay. Its clock stands still at the start until the loop starts it; before this the forecaster has no
 * metrics to become ready with.
 *
 * @param o `token`: of the timekeeper; a secret
 * @throws FaultError if it does not take it
 */
export async function giveTrace(cluster: Pick<KindCluster, 'forward'>, o: PlayedTrace & { readonly token: string; readonly signal?: AbortSignal }): Promise<void> {
  const timekeeper = await ClusterService.open(cluster, { namespace: TIMEKEEPER.namespace, name: TIMEKEEPER.name, port: TIMEKEEPER.port, token: o.token });
  try {
    await timekeeper.json('/trace', { method: 'PUT', body: traceBody(o), ...(o.signal ? { signal: o.signal } : {}) });
  } finally {
    await timekeeper.close();
  }
}
