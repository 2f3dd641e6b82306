import { join } from 'node:path';
import { FaultError, formatFault } from '../base/faults';
import { environment as environmentOf, type Environment } from '../config';
import { createForecaster } from '../forecaster/engine';
import { createTrustedForecaster } from '../forecaster/ladder/trusted-forecaster';
import { priceEnvironment } from '../pricing/environment';
import { priceBook } from '../pricing/price-book';
import { priceReplicaTimeline } from '../pricing/replica-timeline';
import { isBootstrapped, loadObjects, verifyAll } from '../verify';
import { compareStrategies, comparisonTable } from './comparison';
import { costModel, priceOf, usd } from './cost-model';
import { readPolicy, ScalingPolicy, simulate, Simulation } from './levels';
import type { KindResult } from './levels/kind/rehearse';
import { costServiceCheck, kedaCheck, onControlPlane } from './on-control-plane';
import { kindParts, kindPlay, onKind } from './on-kind';
import { EVERY_TRACE, type Options } from './options';
import { Play, playOf, requestsPerReplica } from './play';
import { policySentence } from './report';
import type { Check, Level, Report } from './report/schema';
import { reasonOf, Stages } from './stages';
import { checkCommitted, synthesize } from './synth';
import type { Terminal } from './terminal';
import { ensureTools, toolsAvailable, Toolbox } from './tools';
import { catalogue, loadTrace } from './traces';

/** What a rehearsal needs of its surroundings. */
export interface Surroundings {
  /** Folder of the project. */
  readonly root: string;
  /** Folder of this run, for everything that is not the report. */
  readonly runFolder: string;
  /** Folder that outlives the run: what is known of a cluster that stays is kept there. */
  readonly workFolder: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds, monotonic. */
  readonly monotonic: () => number;
  /** Resolves at the next Ctrl-C, which then ends this wait and not the rehearsal. */
  readonly untilInterrupted: () => Promise<void>;
}

/** Hours that each level replays unless asked otherwise: a day costs the simulator nothing, a real control plane has to live through them. */
const HOURS: Readonly<Record<Level, number>> = { simulate: 24, 'control-plane': 6, kind: 0.5 };
const SERVICE = 'catalog';

/**
 * One rehearsal from synthesis to report.
 *
 * Building the tools is begun first and runs beside synthesis, proofs, price and simulation, whose results are on the screen long before it ends.
 *
 * @returns the report; whether the rehearsal passed is what `outcome` says of it
 * @throws FaultError or AbortError; nothing is left running
 */
export async function rehearse(options: Options, around: Surroundings): Promise<Report> {
  const { terminal, signal, root, runFolder } = around;
  const stages = new Stages(around.monotonic);
  const startedAt = new Date(around.now()).toISOString();
  const environment = environmentOf(options.environment);
  const trace = loadTrace(options.trace === EVERY_TRACE ? undefined : options.trace);

  const tools = await prepareTools(options, around, stages);
  const level: Level = options.level === 'kind' ? 'kind' : tools.toolbox ? 'control-plane' : 'simulate';
  try {
    const synthStep = terminal.step('synthesize every environment');
    const synthesis = await stages.run('synthesize', () => synthesize({ root, folder: join(runFolder, 'synth'), environment: environment.name, signal }))
      .catch((error) => { synthStep.fail(reasonOf(error)); throw error; });
    const synthSeconds = stages.list.at(-1)!.seconds;
    synthStep.succeed(`${synthesis.counts.stacks} stacks, ${synthesis.counts.applications} applications, ${synthesis.counts.objects} objects of ${environment.name} in ${synthSeconds} s`);

    const manifests = loadObjects(synthesis.manifests, { stacks: synthesis.stacks });
    const checks = await stages.run('check', () => [checkCommitted(join(root, 'dist'), synthesis.manifests), ...verifyAll(manifests)], (found) => `${found.length} checks`);
    showChecks(terminal, checks);

    const ours = manifests.objects.filter((each) => each.environment === environment.name && !isBootstrapped(each)); // what Argo CD would sync
    const model = costModel(ours, environment.name);
    const price = await stages.run('price', () => priceOf(manifests, environment), (found) => found.monthlyUsd === null ? 'unknown' : `${found.monthlyUsd.toFixed(0)} USD a month`);
    terminal.line(`price of ${environment.name}: ${price.monthlyUsd === null ? 'unknown' : `${price.monthlyUsd.toFixed(2)} USD a month`} at typical replicas (${usd(price.minimumMonthlyUsd)} to ${usd(price.maximumMonthlyUsd)}), budget ${price.budgetMonthlyUsd}, ${Math.round(price.coverage * 100)} % of what is counted has a price`);

    const policy = readPolicy(ours.filter((each) => each.application === SERVICE).map((each) => each.object), { service: SERVICE });
    const priceReplicas = (replicas: readonly number[], stepSeconds: number): number => {
      const steps = replicas.map((count, index) => ({ second: index * stepSeconds, replicas: count }));
      const { usd: cost, unknown } = priceReplicaTimeline({ model, workload: `${SERVICE}/${SERVICE}`, steps, endSecond: replicas.length * stepSeconds }, priceBook);
      if (cost === null) throw new FaultError(`the replicas of ${SERVICE} cannot be priced, and an unknown price is not 0`, unknown);
      return cost;
    };
    const play = playOf(trace, options.hours ?? HOURS.simulate, policy, environment);
    const simulation = await stages.run('simulate', () => simulateOn(play, policy, environment, priceReplicas), (done) => policySentence(done.policies));
    terminal.line(`simulated ${play.window.hours} h: ${policySentence(simulation.policies)}`);
    // On a control plane the cores belong to the programs that are being prepared.
    const comparison = level === 'simulate' ? await stages.run('compare strategies', () => compareOn(play, policy, priceReplicas, simulation.tuned)) : undefined;
    if (comparison) terminal.line(comparisonTable([{ trace: trace.name, hours: play.window.hours, ...comparison }]));
    if (options.trace === EVERY_TRACE) {
      const rows = await stages.run('compare strategies on every trace', () => catalogue.map(({ name }) => {
        const each = playOf(loadTrace(name), options.hours ?? HOURS.simulate, policy, environment);
        return { trace: name, hours: each.window.hours, ...(name === trace.name && comparison ? comparison : compareOn(each, policy, priceReplicas)) };
      }));
      terminal.line(comparisonTable(rows));
    }

    let real: (Awaited<ReturnType<typeof onControlPlane>> & Simulated) | undefined;
    let contained: ContainerRun | undefined;
    let failure: unknown;
    if (level === 'kind') {
      try {
        contained = await inContainers(options, around, stages, { environment, synthesized: join(runFolder, 'synth'), policy, priceReplicas, trace });
        failure = contained.result.failure;
      } catch (error) {
        if (signal.aborted) throw error;
        failure = error;
        if (!stages.list.some(({ status }) => status === 'failed')) stages.fail('real containers', 0, reasonOf(error));
      }
      if (failure !== undefined) terminal.line(failure instanceof FaultError ? failure.message : reasonOf(failure));
    }
    if (tools.toolbox) {
      try {
        const toolbox = await tools.toolbox;
        const hours = playOf(trace, options.hours ?? HOURS['control-plane'], policy, environment);
        const same = simulateOn(hours, policy, environment, priceReplicas);
        const done = await onControlPlane(options, around, stages, {
          toolbox, environment, manifests: ours, policy, priceReplicas, trace: trace.name, play: hours, simulation: same,
        });
        real = { ...done, play: hours, simulation: same };
      } catch (error) {
        if (signal.aborted) throw error;
        // The simulated results stand; the report says what failed and the run does not pass.
        failure = error;
        terminal.line(error instanceof FaultError ? error.message : reasonOf(error));
      }
    }

    // What was played for real is compared with the simulation of the same hours.
    const played = contained?.result.played;
    const shown = real ?? (played ? contained! : { play, simulation });
    const programs = real ?? contained;
    return {
      version: 1,
      level: real ? 'control-plane' : contained ? 'kind' : 'simulate',
      ...(options.level !== 'simulate' && !programs ? { fallback: { asked: options.level, why: failure ? reasonOf(failure) : tools.why } } : {}),
      environment: environment.name,
      seed: options.seed,
      startedAt,
      trace: {
        name: trace.name, source: trace.source, licence: trace.licence, samples: trace.samples, stepSeconds: trace.stepSeconds,
        replayedFrom: shown.play.window.from, replayedTo: shown.play.window.to, hours: shown.play.window.hours, speed: real || played ? options.speed : 1, scale: shown.play.scale,
      },
      stages: stages.list,
      synth: { ...synthesis.counts, seconds: synthSeconds },
      checks: real ? [...checks, costServiceCheck(real.result.costServiceMonthlyUsd, priceEnvironment(model, priceBook).monthlyUsd), ...kedaCheck(real.result.kedaCalls)] : checks,
      price,
      demand: shown.simulation.demand,
      policies: real ? real.result.policies : played ? [played.policy] : simulation.policies,
      simulated: shown.simulation.policies,
      hindsight: shown.simulation.hindsight,
      ...(comparison && !programs ? { comparison } : {}),
      forecast: real ? real.result.forecast : played?.forecast ?? simulation.forecast,
      agreement: real ? real.agreement : { simulatorVsHpa: null, ...(played ? { plantVsKind: played.plantVsKind } : {}) },
      ...(contained ? kindParts(contained.result) : {}),
      substitutions: programs?.result.substitutions ?? [],
      programs: programs?.result.programs ?? [],
      events: programs?.result.events ?? simulation.events,
      teardown: { leftovers: programs?.result.leftovers ?? [] },
    };
  } finally {
    tools.cancel();
    if (level === 'simulate') stages.skip('control plane', tools.why);
  }
}

interface Tools {
  /** @default - the level is simulate */
  readonly toolbox?: Promise<Toolbox>;
  /** Why there are none. */
  readonly why: string;
  readonly cancel: () => void;
}

/** Begins to find or build the programs, beside everything else. */
async function prepareTools(options: Options, around: Surroundings, stages: Stages): Promise<Tools> {
  const { terminal } = around;
  if (options.level !== 'control-plane') return { why: 'not asked for', cancel: () => undefined };
  const available = await toolsAvailable();
  if (!available.available) {
    const why = available.faults[0] ? formatFault(available.faults[0]) : 'the programs are missing';
    terminal.line(`level control-plane cannot run here, falling to simulate: ${why}`);
    return { why, cancel: () => undefined };
  }
  const cancelling = new AbortController();
  // One line per thing that is built: each has its own count, so each has its own time left.
  let shown = { what: '', step: terminal.step(available.ready ? 'find the programs of the control plane' : 'prepare to build the control plane, in the background; later runs find it built') };
  const toolbox = stages.run('tools', () => ensureTools({
    signal: AbortSignal.any([around.signal, cancelling.signal]),
    onProgress: ({ step: what, done, total, detail }) => {
      if (what !== shown.what) {
        shown.step.succeed();
        shown = { what, step: terminal.step(`build ${what}`) };
      }
      shown.step.update({ done, total, note: detail });
    },
  }), (found) => [...new Set([...found.programs.values()].map((program) => program.provenance))].join(', '));
  toolbox.then(() => shown.step.succeed(), (error) => shown.step.fail(reasonOf(error)));
  return { toolbox, why: '', cancel: () => cancelling.abort() };
}

/** Hours that are played for real, and their simulation. */
interface Simulated {
  readonly play: Play;
  readonly simulation: Simulation;
}

interface ContainerRun extends Simulated {
  readonly result: KindResult;
}

function simulateOn(play: Play, policy: ScalingPolicy, environment: Environment, price: (replicas: readonly number[], stepSeconds: number) => number): Simulation {
  return simulate({
    policy, window: play.window, scale: play.scale, price,
    leadTimeSeconds: environment.scaling.leadTimeSeconds, demandQuantile: environment.scaling.demandQuantile,
    forecaster: () => createTrustedForecaster({ stepSeconds: 60 }),
  });
}

function compareOn(play: Play, policy: ScalingPolicy, price: (replicas: readonly number[], stepSeconds: number) => number, tuned?: Simulation['tuned']) {
  return compareStrategies({ policy, window: play.window, scale: play.scale, price, tuned, forecaster: () => createForecaster({ stepSeconds: 60 }) });
}

/** Level kind: a load that the cores of this machine bear, simulated and then played for real. */
async function inContainers(options: Options, around: Surroundings, stages: Stages, o: {
  readonly environment: Environment; readonly synthesized: string; readonly policy: ScalingPolicy;
  readonly priceReplicas: (replicas: readonly number[], stepSeconds: number) => number; readonly trace: ReturnType<typeof loadTrace>;
}): Promise<ContainerRun> {
  const play = kindPlay(o.trace, options.hours ?? HOURS.kind, o.policy, requestsPerReplica(o.policy, o.environment));
  const simulation = simulateOn(play, o.policy, o.environment, o.priceReplicas);
  const result = await onKind(options, around, stages, { environment: o.environment, synthesized: o.synthesized, policy: o.policy, play, price: o.priceReplicas });
  return { result, play, simulation };
}

function showChecks(terminal: Terminal, checks: readonly Check[]): void {
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  terminal.line(`checks: ${count('pass')} passed, ${count('fail')} failed, ${count('open')} open`);
  for (const check of checks) {
    if (check.status !== 'fail') continue;
    terminal.line(`  ${check.id}: ${check.title}`);
    for (const finding of check.findings.slice(0, 5)) terminal.line(`    ${formatFault(finding)}`);
    if (check.findings.length > 5) terminal.line(`    and ${check.findings.length - 5} more: npx projen verify`);
  }
}
