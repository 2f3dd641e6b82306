import { availableParallelism } from 'node:os';
import { type Fault, FaultError, refuse } from '../../../base/faults';
import { aggregate, datasetTable, methodTables } from '../aggregate';
import { BASELINES } from '../baselines';
import { type Evaluation, OURS } from '../evaluate';
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

type Scored = Extract<Evaluation, { methods: unknown }>;

async function run(track: OpsTrack, options: TrackOptions): Promise<TrackResult> {
  const selected = select(track, options);
  const scored: Scored[] = [];
  const skipped: { id: string; reason: string }[] = [];
  const faults: Fault[] = [];
  options.onProgress?.(0, selected.length, 'starting');
  const requests = selected.map((series) => ({ dataDir: options.dataDir, track, series }));
  await askPool(requests, options.jobs ?? availableParallelism(), (reply, index) => {
    if ('bug' in reply) throw new Error(reply.bug);
    if ('faults' in reply) faults.push(...reply.faults);
    else if ('skipped' in reply.evaluation) skipped.push({ id: reply.evaluation.id, reason: reply.evaluation.skipped });
    else {
      reply.evaluation.lines.forEach((line) => options.onForecast?.(line));
      scored.push({ ...reply.evaluation, lines: [] });
    }
    options.onProgress?.(index + 1, selected.length, selected[index]!.id);
  });
  refuse('some series files are not usable', faults);
  return { track, tables: tables(scored), series: scored.map(perSeries), skipped };
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

function tables(scored: readonly Scored[]) {
  const methods = [OURS, ...Object.keys(BASELINES)].filter((name) => scored.some((one) => one.methods[name]));
  const mean = (of: (one: Scored) => number) => (scored.length === 0 ? null : scored.reduce((sum, one) => sum + of(one), 0) / scored.length);
  return [
    ...methodTables(scored, methods),
    datasetTable(scored, methods),
    {
      title: 'Bands by dataset, steps 1 to 12',
      caption: `Coverage and pinball loss of ${OURS}; cov80 0.80 and cov95 0.95 are exact, under is 0.05 when exact.`,
      rows: [...new Set(scored.map((one) => one.dataset))].sort().map((name) => {
        const { series, relPL, cov80, cov95, under, over, over5, win } = aggregate(scored.filter((one) => one.dataset === name), OURS, 'path60') as Record<string, number>;
        return { name, scores: { series: series!, relPL: relPL!, cov80: cov80!, cov95: cov95!, under: under!, over: over!, over5: over5!, win: win! } };
      }),
    },
    {
      title: 'CPU',
      caption: 'CPU time of one forecast (12 steps, 6 quantiles; median of each series) and of one update, mean over the series. It differs from run to run and machine to machine.',
      rows: [{ name: OURS, scores: { 'ms per forecast': mean((one) => one.cpu.forecastMilliseconds), 'us per update': mean((one) => one.cpu.updateMicroseconds) } }],
    },
  ];
}

function perSeries({ id, dataset, kind, steps, methods, cpu }: Scored) {
  return {
    id, dataset, kind, steps, cpu, methods,
    relMAE: methods[OURS]!.path60.MAE / methods.naive!.path60.MAE,
    relPL: methods[OURS]!.path60.sPL / methods.naive!.path60.sPL,
  };
}
