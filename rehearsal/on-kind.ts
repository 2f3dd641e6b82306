import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import type { Environment } from '../config';
import { policyParameters, ScalingPolicy } from './levels';
import type { KindProgress } from './levels/kind/loop/run';
import { kindScale } from './levels/kind/loop/scale';
import { KindResult, rehearseOnKind } from './levels/kind/rehearse';
import type { Options } from './options';
import type { Play } from './play';
import type { Report } from './report/schema';
import { reasonOf, Stages } from './stages';
import type { Surroundings } from './rehearse';
import { loadTrace, window } from './traces';

/** The hours that are played, with a load that the cores of this machine bear. */
export function kindPlay(trace: ReturnType<typeof loadTrace>, hours: number, policy: ScalingPolicy, requestsPerReplica: number): Play {
  const part = window(trace, hours);
  return { window: part, scale: kindScale({ window: part, requestsPerReplica, cores: availableParallelism(), maxReplicas: policy.hpa.maxReplicas }) };
}

/** Rehearses in real containers, and tells how far it has come. */
export async function onKind(options: Options, around: Surroundings, stages: Stages, o: {
  readonly environment: Environment;
  /** Folder that holds `dist/` as it was synthesized. */
  readonly synthesized: string;
  readonly policy: ScalingPolicy;
  readonly play: Play;
  readonly price: (replicas: readonly number[], stepSeconds: number) => number;
}): Promise<KindResult> {
  const { terminal, signal } = around;
  const { name, scaling } = o.environment;
  // Two lines, because each has its own time left: what brings everything up, and the trace.
  let step = terminal.step(`bring up ${name} in real containers`);
  let replaying = false;
  const replay = (progress: KindProgress): void => {
    if (!replaying) {
      replaying = true;
      step.succeed();
      step = terminal.step(`replay ${o.play.window.hours} h of the trace at ${options.speed} times its speed`);
    }
    step.update({ done: progress.minute, total: progress.minutes, note: replayed(progress) });
  };
  try {
    const result = await rehearseOnKind({
      environment: o.environment, synthesized: o.synthesized, images: options.images, nodes: options.nodes, keep: options.keep, seed: options.seed,
      trace: { ...o.play, speed: options.speed }, price: o.price,
      parameters: policyParameters(o.policy, { demandQuantile: scaling.demandQuantile, leadTimeSeconds: scaling.leadTimeSeconds }),
      workDir: join(around.runFolder, 'kind'), keptFolder: around.workFolder, stages, signal, now: () => around.now() / 1000,
      onStep: (note) => step.update({ note }),
      onProgress: ({ step: what, done, total, detail }) => step.update({ note: `${what}: ${done} of ${total}${detail ? `, ${detail}` : ''}` }),
      onReplay: replay,
    });
    if (result.failure === undefined) step.succeed();
    else step.fail(reasonOf(result.failure));
    for (const line of result.registries) terminal.line(line);
    for (const { what, why } of result.leftOut) terminal.line(`left out: ${what}: ${why}`);
    for (const line of result.kept ?? []) terminal.line(line);
    return result;
  } catch (error) {
    step.fail(reasonOf(error));
    throw error;
  }
}

/** What a rehearsal in real containers gives the report. */
export function kindParts(result: KindResult): Pick<Report, 'images' | 'gitops' | 'cluster' | 'leftOut'> {
  const { images, gitops, cluster, leftOut } = result;
  return { images, leftOut, ...(gitops ? { gitops } : {}), ...(cluster ? { cluster } : {}) };
}

function replayed({ demand, replicas, ready, latencyP95 }: KindProgress): string {
  return `${demand.toFixed(1)} requests/s, ${ready} of ${replicas} replicas ready, p95 ${latencyP95 === null ? 'not yet known' : `${(latencyP95 * 1000).toFixed(0)} ms`}`;
}
