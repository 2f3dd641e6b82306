import { FaultError, type Fault } from '../../base/faults';
import { type Evaluation, evaluateSeries } from './evaluate';
import type { ManifestSeries } from './manifest';
import type { OpsTrack } from './protocol';

/** Asks a worker for one series. */
export interface WorkerRequest {
  readonly dataDir: string;
  readonly track: OpsTrack;
  readonly series: ManifestSeries;
}

/** What a worker says: the evaluation, what is wrong with the file, or what went wrong with us. */
export type WorkerReply = { readonly evaluation: Evaluation } | { readonly faults: readonly Fault[] } | { readonly bug: string };

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function answer(request: WorkerRequest): WorkerReply {
  try {
    return { evaluation: evaluateSeries(request.dataDir, request.series, request.track, cpu) };
  } catch (error) {
    if (error instanceof FaultError) return { faults: error.faults };
    return { bug: `${request.series.id}: ${(error as Error).stack ?? String(error)}` };
  }
}

process.on('message', (request: WorkerRequest) => {
  process.send!(answer(request));
});
process.on('disconnect', () => process.exit(0)); // whoever asked has gone
