import { requestsScale, TraceWindow } from '../../../traces';

/** CPU that a request costs the whole machine: the catalog service, its database, the load generator, the ways between. Assumed; a report says what the service itself took. */
const CPU_SECONDS_PER_REQUEST = 0.005;
/** Share of the cores that the load may take at its peak; Argo CD, KEDA, Prometheus and Kubernetes itself need the rest. */
const SHARE_OF_CORES = 0.5;

/**
 * What to multiply a trace's values with at the level with real containers: as at the other levels, but no more than the machine's cores bear at the peak of the
 * replay. Beyond that one would measure the machine and not the service.
 *
 * @param o `requestsPerReplica`: requests per second one replica is meant to take; `cores`: of the machine
 */
export function kindScale(o: { readonly window: TraceWindow; readonly requestsPerReplica: number; readonly cores: number; readonly maxReplicas: number }): number {
  const { window: { history, replay } } = o;
  const wanted = requestsScale({ history, maxReplicas: o.maxReplicas, requestsPerReplica: o.requestsPerReplica });
  const peak = replay.reduce((most, value) => Math.max(most, value), 0);
  return peak > 0 ? Math.min(wanted, (SHARE_OF_CORES * o.cores) / CPU_SECONDS_PER_REQUEST / peak) : wanted;
}
