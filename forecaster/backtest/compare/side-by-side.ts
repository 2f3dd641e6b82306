import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { aggregate, CAPTION, type ScoredSeries } from '../aggregate';
import { BASELINES, withBands } from '../baselines';
import { readSeriesFile } from '../csv';
import { OURS, type Scored } from '../evaluate';
import { toGrid } from '../grid';
import type { ManifestSeries } from '../manifest';
import { type OpsTrack, type Plan, planSeries, sampleOrigins, STEP_SECONDS, truthAt } from '../protocol';
import { type Quantiles, scoreSeries, type SeriesScores } from '../scores';
import { readCompareSettings } from '../settings';
import type { ScoreTable, TrackOptions } from '../track';
import { askModels, type ModelReply, MODELS_SCRIPT } from './ask-models';
import { ensurePython } from './python-environment';

/** A series with everything a reply is scored with. */
interface Sample {
  readonly values: Float64Array;
  readonly observed: Uint8Array;
  readonly plan: Plan;
  /** Which origins of the plan. */
  readonly indices: readonly number[];
}

/**
 * Scores statsforecast's models at three origins of every series, beside everything else at the same origins.
 *
 * @throws FaultError when Python is missing or the models cannot be run
 */
export async function sideBySide(track: OpsTrack, entries: readonly ManifestSeries[], scored: readonly Scored[], options: TrackOptions): Promise<ScoreTable> {
  const python = await ensurePython(readCompareSettings(), (what) => options.onProgress?.(0, scored.length, what));
  const samples = new Map(scored.map((one) => [one.id, sampleOf(track, options.dataDir, entries.find((entry) => entry.id === one.id)!)]));
  const requests = [...samples].map(([id, { values, plan, indices }]) => ({ id, values: [...values], origins: indices.map((index) => plan.origins[index]!) }));
  const replies: ModelReply[] = [];
  const answered = new Set<string>();
  await askModels(python, MODELS_SCRIPT, requests, options.jobs ?? availableParallelism(), (reply) => {
    replies.push(reply);
    if (answered.has(reply.id)) return;
    answered.add(reply.id);
    options.onProgress?.(answered.size, scored.length, `statsforecast ${reply.id}`);
  });
  return tableOf(scored, samples, replies);
}

/** Lays out a series for the comparison. */
export function sampleOf(track: OpsTrack, dataDir: string, entry: ManifestSeries): Sample {
  const path = join(dataDir, entry.file);
  const { values, observed } = toGrid(readSeriesFile(path), STEP_SECONDS, path);
  const plan = planSeries({ stepSeconds: STEP_SECONDS, start: 0, values, observed }, track);
  if ('reason' in plan) throw new Error(`${entry.id} changed while it was scored: ${plan.reason}`);
  return { values, observed, plan, indices: sampleOrigins(plan.origins.length) };
}

/** Scores what the models said; where one failed, naive stands in and the failure is counted. */
export function tableOf(scored: readonly Scored[], samples: ReadonlyMap<string, Sample>, replies: readonly ModelReply[]): ScoreTable {
  const series = new Map(scored.map((one) => [one.id, { ...one, methods: { ...one.sampled } as Record<string, SeriesScores> }]));
  const models = [...new Set(replies.map((reply) => reply.method))];
  const costs = new Map<string, { spent: number; failed: number; series: number }>(models.map((name) => [name, { spent: 0, failed: 0, series: 0 }]));
  for (const { id, method, q, cpu_ms } of replies) {
    const { values, observed, plan, indices } = samples.get(id)!;
    const standIn: Quantiles = withBands(BASELINES.naive!, values, observed, indices.map((index) => plan.origins[index]!), plan.calibration);
    const scores = scoreSeries(truthAt(plan.truth, indices), q.map((rows, at) => rows ?? standIn[at]!));
    if (scores) series.get(id)!.methods[method] = scores;
    const cost = costs.get(method)!;
    cost.spent += cpu_ms;
    cost.failed += q.filter((rows) => rows === null).length;
    cost.series += 1;
  }
  const own = [OURS, ...Object.keys(BASELINES)].filter((name) => scored.some((one) => one.sampled[name]));
  const rows: ScoredSeries[] = [...series.values()];
  return {
    title: 'Beside statsforecast, at three origins of every series, steps 1 to 12',
    caption: `Every method at the same origins; statsforecast with its own bands. ${CAPTION} failed: forecasts a model could not make, naive's taken instead; ms CPU: per forecast with fit.`,
    rows: [...own, ...models].map((name) => {
      const cost = costs.get(name);
      return { name, scores: { ...aggregate(rows, name, 'path60'), failed: cost?.failed ?? 0, 'ms CPU': cost ? cost.spent / cost.series : null } };
    }),
  };
}
