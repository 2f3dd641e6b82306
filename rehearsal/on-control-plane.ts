import { resolve } from 'node:path';
import { FaultError } from '../base/faults';
import type { Environment } from '../config';
import type { ManifestObject } from '../verify';
import type { KubeObject } from './control-plane';
import { costModels, usd } from './cost-model';
import { agreement, compressedTiming, policyParameters, reactivePolicy, ScalingPolicy, simulateLike, Simulation, tunedParameters } from './levels';
import { ControlPlaneResult, rehearseOnControlPlane } from './levels/control-plane';
import { ApplicationManifests, objectsOfYaml } from './levels/deploy';
import { compress } from './levels/manifests';
import { nodesOf } from './nodes';
import type { Options } from './options';
import { catalogWorkload } from './plant';
import type { Play } from './play';
import { policySentence } from './report';
import type { Check, Report } from './report/schema';
import type { Surroundings } from './rehearse';
import { reasonOf, Stages } from './stages';
import type { Toolbox } from './tools';

/** Rehearses on a real control plane, and compares it with the simulation of the same hours. */
export async function onControlPlane(options: Options, around: Surroundings, stages: Stages, o: {
  readonly toolbox: Toolbox; readonly environment: Environment; readonly manifests: readonly ManifestObject[]; readonly policy: ScalingPolicy;
  readonly priceReplicas: (replicas: readonly number[], stepSeconds: number) => number; readonly trace: string;
  readonly play: Play; readonly simulation: Simulation;
}): Promise<{ result: ControlPlaneResult; agreement: Report['agreement'] }> {
  const { terminal, signal } = around;
  const { play, simulation: { tuned } } = o;
  const step = terminal.step(`rehearse ${o.environment.name} on a real control plane: ${play.window.hours} h of ${o.trace} at ${options.speed} times its speed`);
  try {
    const result = await stages.run('control plane', () => rehearseOnControlPlane({
      root: around.root, workDir: around.runFolder, toolbox: o.toolbox, environment: o.environment, signal, tuned,
      applications: applicationsOf(o.manifests, o.toolbox), costModels: costModels(o.manifests), nodes: nodesOf(o.environment),
      window: play.window, scale: play.scale, speed: options.speed, price: o.priceReplicas,
      parameters: {
        reactive: policyParameters(reactivePolicy(o.policy, tuned), tunedParameters(tuned)),
        predictive: policyParameters(o.policy, { demandQuantile: o.environment.scaling.demandQuantile, leadTimeSeconds: o.environment.scaling.leadTimeSeconds }),
      },
      stopForecasterAt: options.stopForecasterAt,
      onStep: (note, progress) => step.update(progress ? { done: progress.done, total: progress.total, note: `${note}: ${progress.note}` } : { note }),
      beforeTeardown: options.keep ? (plane) => keepUntilInterrupted(plane.kubeConfigPath, around) : undefined,
      now: () => around.now() / 1000,
    }), (done) => policySentence(done.policies));
    step.succeed(policySentence(result.policies));
    return { result, agreement: { simulatorVsHpa: agreementsOf(result, play, o.policy, tuned, options.speed, o.priceReplicas) } };
  } catch (error) {
    step.fail(reasonOf(error));
    throw error;
  }
}

/** Simulates what the control plane met and compares the replicas, minute by minute. */
function agreementsOf(
  result: ControlPlaneResult, play: Play, policy: ScalingPolicy, tuned: Simulation['tuned'], speed: number, price: (replicas: readonly number[], stepSeconds: number) => number,
): Report['agreement']['simulatorVsHpa'] {
  const demand = play.window.replay.map((value) => value * play.scale);
  return result.policies.map((real) => {
    const uncompressed = real.name === 'reactive' ? reactivePolicy(policy, tuned) : policy;
    const simulated = simulateLike({
      policy: { ...uncompressed, hpa: compressedHpa(uncompressed, speed) }, demand, start: play.window.from, price,
      timing: compressedTiming({ compression: result.compression, startupSeconds: catalogWorkload.startupSeconds, wallStart: result.replayStart }),
      signal: real.name === 'predictive' ? result.publishedDemand : undefined,
      initialReplicas: result.initialReplicas[real.name],
    });
    return agreement(real, simulated);
  });
}

function compressedHpa(policy: ScalingPolicy, speed: number): ScalingPolicy['hpa'] {
  const { objects } = compress([{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: policy.service }, spec: policy.hpa }], speed);
  return objects[0]!.spec as ScalingPolicy['hpa'];
}

/** What Argo CD would sync, by Application; definitions that come from upstream's repository are the files of the pinned Go module. */
function applicationsOf(manifests: readonly ManifestObject[], toolbox: Toolbox): ApplicationManifests[] {
  const byName = new Map<string, { wave: number; objects: KubeObject[] }>();
  for (const { application, wave, object } of manifests) {
    const entry = byName.get(application) ?? { wave: wave ?? 0, objects: [] };
    entry.objects.push(object);
    byName.set(application, entry);
  }
  const definitions = [...toolbox.assets.kedaCrds, ...toolbox.assets.karpenterCrds].flatMap(objectsOfYaml);
  for (const { object } of manifests) {
    const defines = object.kind === 'Application' ? object.metadata.annotations?.['tideline.dev/defines']?.split(',') : undefined;
    if (defines === undefined) continue;
    const objects = definitions.filter(({ spec }) => defines.includes(String(spec?.group)));
    if (objects.length === 0) {
      throw new FaultError('an application cannot be rehearsed', [{
        where: `Application ${object.metadata.name}`, got: `definitions of ${defines.join(', ')}, which no pinned module holds`, allowed: 'groups of the modules in rehearsal/tools/catalogue.ts', do: 'add the module there and to tools/',
      }]);
    }
    byName.set(object.metadata.name, { wave: Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0), objects });
  }
  return [...byName].map(([name, { wave, objects }]) => ({ name, wave, objects }));
}

/** The running cost service must state what the model is priced at here. */
export function costServiceCheck(stated: number | null, priced: number | null): Check {
  const agrees = stated !== null && priced !== null && Math.abs(stated - priced) < 0.01;
  return {
    id: 'cost-service', title: 'the running cost service states the price that its model has here', status: agrees ? 'pass' : 'fail', applied: 1,
    findings: agrees ? [] : [{ where: 'GET /cost/environments/:env', got: usd(stated), allowed: usd(priced), do: 'see logs/cost.log in the run folder' }],
  };
}

/** Where dist/ has KEDA ask the forecaster itself, it must have done so. */
export function kedaCheck(calls: ControlPlaneResult['kedaCalls']): Check[] {
  if (calls === null) return [];
  const { 'GetMetrics OK': answered = 0 } = calls;
  const told = Object.entries(calls).map(([call, count]) => `${call} ${count}`).join(', ') || 'no call';
  return [{
    id: 'keda-scaler', title: "KEDA's operator took demand from the forecaster's external scaler", status: answered > 0 ? 'pass' : 'fail', applied: answered,
    findings: answered > 0 ? [] : [{ where: 'calls to externalscaler.ExternalScaler', got: told, allowed: 'GetMetrics OK', do: 'see logs/keda-operator.log in the run folder' }],
  }];
}

async function keepUntilInterrupted(kubeConfigPath: string, { terminal, untilInterrupted }: Surroundings): Promise<void> {
  terminal.line(`the control plane stays up until Ctrl-C, then it is torn down and the report written: KUBECONFIG=${resolve(kubeConfigPath)}`);
  await untilInterrupted();
}
