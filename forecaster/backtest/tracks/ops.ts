import { availableParallelism } from 'node:os';
import { type Fault, FaultError, refuse } from '../../../base/faults';
import { methodsOf, plotsOf, tablesOf } from '../ops-report';
import { OURS, type Scored } from '../evaluate';
import { sideBySide } from '../compare/side-by-side';
import { readManifest, selectSeries } from '../manifest';
import { askPool } from '../pool';
import type { OpsTrack } from '../protocol';
import type { Track, TrackOptions, TrackResult } from '../track';

const DESCRIPTIONS: Record<OpsTrack, string> = {
  ops5m: 'operational series of a week or more at 5-minute steps, one hour ahead',
  short: 'operational series of a day or two at 5-minute steps, one hour ahead: cold start',
};

/** The track of long series and that of short ones: same replay, different calibration. */
export function opsTrack(name: OpsTrack): Track {
  return { name, description: DESCRIPTIONS[name], run: (options) => run(name, options) };
}

async function run(track: OpsTrack, options: TrackOptions): Promise<TrackResult> {
  const selected = select(track, options);
  const scored: Scored[] = [];
  const skipped: { id: string; reason: string }[] = [];
  const faults: Fault[] = [];
  options.onProgress?.(0, selected.length, 'starting');
  const requests = selected.map((series) => ({ dataDir: options.dataDir, track, series }));
  await askPool(requests, options.jobs ?? availableParallelism(), (reply, index) => {
    if ('bug' in reply) throw new Error(reply.bug);
    if ('faults' in reply) {faults.push(...reply.faults);}
    else if ('skipped' in reply.evaluation) {skipped.push({ id: reply.evaluation.id, reason: reply.evaluation.skipped });}
    else {
      reply.evaluation.lines.forEach((line) => options.onForecast?.(line));
      scored.push({ ...reply.evaluation, lines: reply.evaluation.lines.slice(-24) }); // a day for the report; all of them would be gigabytes on a large set
    }
    options.onProgress?.(index + 1, selected.length, selected[index]!.id);
  });
  refuse('some series files are not usable', faults);
  const methods = methodsOf(scored);
  const compared = options.compare ? [await sideBySide(track, selected, scored, options)] : [];
  return { track, tables: [...tablesOf(scored, methods), ...compared], series: scored.map(perSeries), skipped, plots: plotsOf(scored, methods) };
}

function select(track: OpsTrack, { dataDir, only }: TrackOptions) {
  const manifest = readManifest(dataDir);
  const selected = selectSeries(manifest, track);
  if (selected.length === 0) {
    throw new FaultError('there is nothing to backtest', [{
      where: '--track', got: `${track}, which no series of the manifest names`, allowed: [...new Set(manifest.map((series) => series.track))].slice(0, 10).join(', '), do: 'choose a track of the manifest, or set "track" there',
    }]);
  }
  if (!only) return selected;
  const inTrack = manifest.filter((series) => series.track === track);
  refuse('there is nothing to backtest', only.filter((id) => !inTrack.some((series) => series.id === id)).map((id) => ({
    where: '--only', got: id, allowed: `ids of track ${track}, for example ${selected[0]!.id}`, do: 'correct the id',
  })));
  return inTrack.filter((series) => only.includes(series.id)).sort((a, b) => (a.id < b.id ? -1 : 1)); // named ones are scored even beyond the cap
}

function perSeries({ id, dataset, kind, steps, methods, cpu }: Scored) {
  return {
    id, dataset, kind, steps, cpu, methods,
    relMAE: methods[OURS]!.path60.MAE / methods.naive!.path60.MAE,
    relPL: methods[OURS]!.path60.sPL / methods.naive!.path60.sPL,
  };
}
