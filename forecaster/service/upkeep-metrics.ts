import { Counter, Gauge, type Registry } from 'prom-client';
import { forecasterMetrics } from '../contract';
import type { RefresherLoad } from './refresher';
import type { Shard } from './shards';
import type { LoadReport, SaveReport } from './state-store';

/** Metrics of how the service keeps itself up to date and what it learned. */
export interface UpkeepMetrics {
  setLoaded(report: LoadReport): void;
  setSaved(report: SaveReport): void;
  countFailedSave(): void;
}

/** Adds them to a registry. */
export function upkeepMetrics(registry: Registry, refresher: { readonly load: RefresherLoad }, shard: Shard): UpkeepMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number | undefined) => new Gauge({
    name,
    help,
    registers,
    collect() {
      const present = value();
      if (present !== undefined) this.set(present);
    },
  });
  gauge(forecasterMetrics.lag, "Seconds, by the metrics' clock, that the series furthest behind lags", () => refresher.load.lagSeconds);
  gauge(forecasterMetrics.queue, 'Series that wait for an answer of Prometheus', () => refresher.load.queue);
  gauge(forecasterMetrics.concurrency, 'Questions to Prometheus that may be under way at once', () => refresher.load.concurrency);
  gauge(forecasterMetrics.refreshSeconds, 'How long the last refresh took, seconds', () => refresher.load.refreshSeconds);
  new Gauge({ name: forecasterMetrics.shard, help: 'Which shard this is, always 1', labelNames: ['shard', 'shards'], registers })
    .set({ shard: String(shard.index), shards: String(shard.count) }, 1);
  const loaded = new Gauge({ name: forecasterMetrics.stateLoaded, help: 'Series in the state at the start, by what became of them', labelNames: ['outcome'], registers });
  const problem = new Gauge({ name: forecasterMetrics.stateProblem, help: 'Why the state at the start was not wholly taken up', labelNames: ['reason'], registers });
  const writes = new Counter({ name: forecasterMetrics.stateWrites, help: 'Writings of the state', labelNames: ['outcome'], registers });
  const bytes = new Gauge({ name: forecasterMetrics.stateBytes, help: 'Length of the newest state file, bytes', registers });
  return {
    setLoaded: ({ restored, elsewhere, refused, problem: reason }) => {
      loaded.set({ outcome: 'restored' }, restored);
      loaded.set({ outcome: 'elsewhere' }, elsewhere);
      loaded.set({ outcome: 'refused' }, refused);
      if (reason) problem.set({ reason }, 1);
    },
    setSaved: ({ bytes: written, leftOut }) => {
      writes.inc({ outcome: leftOut > 0 ? 'partial' : 'ok' });
      bytes.set(written);
    },
    countFailedSave: () => writes.inc({ outcome: 'failed' }),
  };
}
