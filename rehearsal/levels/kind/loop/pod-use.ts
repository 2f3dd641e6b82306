import type { ClusterService } from './cluster-service';
import { onGrid, PodMetrics } from './measure';
import { TARGET } from './trace';

const PODS = `namespace="${TARGET.namespace}",pod=~"${TARGET.name}-.+"`;

/** What the rehearsed pods used, as the real Prometheus knows it. */
export class PodUse {
  /** @param speed trace seconds per second */
  constructor(private readonly prometheus: ClusterService, private readonly speed: number, private readonly signal: AbortSignal) {}

  /** What a replica uses while nobody asks for anything, millicores; null where it is not known. */
  async idleCpuMillicores(): Promise<number | null> {
    const form = { query: this.cpuQuery };
    const answer = await this.prometheus.json<{ data: { result: { value: [number, string] }[] } }>('/api/v1/query', { method: 'POST', form, signal: this.signal }).catch(() => undefined);
    this.signal.throwIfAborted();
    const value = Number(answer?.data.result[0]?.value[1] ?? NaN);
    return Number.isFinite(value) ? value : null;
  }

  /** CPU and memory of a replica in each minute of the trace. @param ends of the minutes, by the cluster's clock, unix seconds */
  async inMinutes(ends: readonly number[]): Promise<PodMetrics> {
    const step = 60 / this.speed;
    const ask = async (query: string): Promise<(number | null)[]> => {
      const form = { query, start: ends[0]!.toFixed(3), end: (ends.at(-1)! + 0.001).toFixed(3), step: step.toFixed(3) };
      const { data } = await this.prometheus.json<{ data: { result: unknown } }>('/api/v1/query_range', { method: 'POST', form, signal: this.signal });
      return onGrid(data.result, ends, step / 2);
    };
    // What a process counts itself is there at every scrape; the kubelet measures every 10 to 15 s, which is longer than a compressed minute.
    const cpuMillicoresPerReplica = await ask(this.cpuQuery);
    const memoryBytesPerReplica = await ask(`avg(container_memory_working_set_bytes{${PODS},container="${TARGET.name}"}) or avg(process_resident_memory_bytes{${PODS}})`);
    return { cpuMillicoresPerReplica, memoryBytesPerReplica };
  }

  /** Over a minute of the trace, and four scrapes at least. */
  private get cpuQuery(): string {
    const seconds = Math.max(60 / this.speed, 4 * Math.max(1, 15 / this.speed));
    return `1000 * avg(rate(process_cpu_seconds_total{${PODS}}[${Math.round(seconds * 1000)}ms]))`;
  }
}
