import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { environments } from '../../config';
import { STACKS } from '../../config/facts';
import { parseReport } from '../../rehearsal/report';
import { ensureTools } from '../../rehearsal/tools';
import { RehearsalRun } from './run-rehearsal';

const runs: RehearsalRun[] = [];
const newRun = (): RehearsalRun => {
  const run = new RehearsalRun();
  runs.push(run);
  return run;
};

afterEach(async () => {
  for (const run of runs.splice(0)) {
    run.signal('SIGKILL');
    await run.untilNoProcess(20_000);
    run.remove();
  }
});

describe('level simulate', () => {
  it('writes the three views of one report and passes', async () => {
    const run = newRun();
    expect(await run.start(['--level', 'simulate', '--hours', '6']), run.output).toBe(0);
    const report = run.report();
    expect(() => parseReport(readFileSync(join(run.out, 'report.json'), 'utf8'))).not.toThrow();
    expect(report).toMatchObject({ version: 1, level: 'simulate', environment: 'dev', trace: { hours: 6, speed: 1 }, teardown: { leftovers: [] }, agreement: { simulatorVsHpa: null } });
    expect(report.fallback).toBeUndefined();
    expect(report.policies.map((policy) => policy.name)).toEqual(['reactive', 'predictive']);
    expect(report.demand).toHaveLength(360);
    for (const policy of report.policies) expect(policy.series.replicas).toHaveLength(360);
    expect(report.synth.stacks).toBe(environments().length * STACKS.length);
    expect(report.checks.filter((check) => check.status === 'fail')).toEqual([]);
    expect(report.price.monthlyUsd).toBeGreaterThan(0);
    expect(readdirSync(run.out).sort()).toEqual(['report.html', 'report.json', 'report.md']);
  });

  it('gives the same report twice, but for times', async () => {
    const [one, two] = [newRun(), newRun()];
    await one.start(['--level', 'simulate', '--hours', '2', '--environment', 'staging']);
    await two.start(['--level', 'simulate', '--hours', '2', '--environment', 'staging']);
    const timeless = ({ startedAt: _startedAt, stages: _stages, synth: _synth, ...rest }: ReturnType<RehearsalRun['report']>) => rest;
    expect(timeless(one.report())).toEqual(timeless(two.report()));
  });

  it('is what is left without Go and without programs, and says so', async () => {
    const run = newRun();
    const bare = join(run.folder, 'bare');
    mkdirSync(bare);
    expect(await run.start(['--hours', '1'], { PATH: bare, TIDELINE_CACHE: join(run.folder, 'cache'), KUBEBUILDER_ASSETS: '' }), run.output).toBe(0);
    expect(run.output).toContain('level control-plane cannot run here, falling to simulate');
    const report = run.report();
    expect(report.level).toBe('simulate');
    expect(report.fallback).toMatchObject({ asked: 'control-plane' });
    expect(report.fallback?.why).toMatch(/Go/);
    expect(existsSync(join(run.folder, 'cache'))).toBe(false);
  });

  it.each([
    ['an unknown environment', ['--environment', 'mars'], ['--environment', 'mars', 'dev, staging, prod'], 2],
    ['two unusable flags at once', ['--speed', 'fast', '--levle', 'x'], ['--speed', '--levle'], 2],
    ['a trace that is not there', ['--trace', 'no-such.csv'], ['no-such.csv'], 1],
  ])('refuses %s without a stack trace', async (_what, args, said, code) => {
    const run = newRun();
    expect(await run.start(['--level', 'simulate', ...args])).toBe(code);
    for (const text of said) expect(run.output).toContain(text);
    expect(run.output).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(existsSync(run.out)).toBe(false);
  });

  it.each([
    ['empty', '', /:1/],
    ['non-numeric', 'timestamp,value\n0,1\n60,many\n', /:3/],
    ['unsorted', 'timestamp,value\n0,1\n120,2\n60,3\n', /:4/],
    ['duplicate timestamps', 'timestamp,value\n0,1\n60,2\n60,3\n', /:4/],
    ['NaN', 'timestamp,value\n0,1\n60,NaN\n', /:3/],
    ['negative', 'timestamp,value\n0,1\n60,-4\n', /:3/],
  ])('rejects a trace that is %s, with its line number', async (_what, content, line) => {
    const run = newRun();
    const file = join(run.folder, 'trace.csv');
    writeFileSync(file, content);
    expect(await run.start(['--level', 'simulate', '--trace', file])).toBe(1);
    expect(run.output).toMatch(new RegExp(`trace\\.csv${line.source}`));
    expect(run.output).not.toMatch(/\n\s+at .*:\d+:\d+/);
  });

  it('says which folder refuses the report', async () => {
    const run = newRun();
    writeFileSync(run.out, 'a file where the folder should be');
    expect(await run.start(['--level', 'simulate', '--hours', '1'])).toBe(1);
    expect(run.output).toContain(run.out);
    expect(run.output).toMatch(/allowed: .*; do: /);
    chmodSync(run.out, 0o600);
  });
});

describe('level control-plane', () => {
  beforeAll(async () => {
    await ensureTools(); // on a fresh machine this builds them
  });

  it('closes the loop, agrees with the simulator, and leaves nothing', async () => {
    const run = newRun();
    expect(await run.start(['--hours', '1', '--trace', 'mongodb-queries']), run.output).toBe(0);
    const report = run.report();
    expect(report).toMatchObject({ level: 'control-plane', trace: { hours: 1, speed: 120 }, teardown: { leftovers: [] } });
    expect(report.programs.map((program) => program.name)).toEqual(expect.arrayContaining(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'keda-operator', 'keda-adapter']));
    expect(report.agreement.simulatorVsHpa?.map((each) => each.policy)).toEqual(['reactive', 'predictive']);
    for (const each of report.agreement.simulatorVsHpa ?? []) {
      expect(each.minutes).toBe(60);
      expect(each.meanAbsoluteDifference).toBeLessThan(1.5);
    }
    const predictive = report.policies.find((policy) => policy.name === 'predictive')!;
    expect(predictive.series.demandForecast.filter((value) => value !== null).length).toBeGreaterThan(50);
    expect(Math.max(...predictive.series.ready)).toBeGreaterThan(2);
    expect(report.forecast.series.time.length).toBeGreaterThan(10);
    expect(report.checks.find((check) => check.id === 'cost-service')).toMatchObject({ status: 'pass' });
    expect(report.substitutions.length).toBeGreaterThan(0);
    expect(run.processes()).toEqual([]);
    // Keys and data are gone; logs stay for whoever wants to read them.
    const left = readdirSync(run.work, { recursive: true }).map(String);
    expect(left.filter((path) => /\.(key|kubeconfig)$|\/data\/|\/pki\//.test(path))).toEqual([]);
    expect(left.some((path) => path.endsWith('kube-apiserver.log'))).toBe(true);
  });

  it('goes on reactively when the forecaster ends, and counts the minutes', async () => {
    const run = newRun();
    expect(await run.start(['--hours', '1', '--stop-forecaster-at', '20']), run.output).toBe(0);
    const report = run.report();
    const predictive = report.policies.find((policy) => policy.name === 'predictive')!;
    expect(predictive.fallbackMinutes).toBeGreaterThan(20);
    expect(predictive.series.demandForecast.slice(0, 15).every((value) => value !== null)).toBe(true);
    expect(predictive.series.demandForecast.slice(30).every((value) => value === null)).toBe(true);
    expect(report.events.map((event) => event.what).join()).toContain('the forecaster was ended at minute 20');
    // CPU alone still follows the load: never fewer than the load needs at full use of its replicas.
    const capacityPerReplica = predictive.series.capacity[0]! / predictive.series.ready[0]!;
    for (let minute = 35; minute < 60; minute += 1) expect(predictive.series.replicas[minute]).toBeGreaterThanOrEqual(Math.floor(report.demand[minute]! / capacityPerReplica));
  });

  it('ends everything on Ctrl-C, and the next run works', async () => {
    const run = newRun();
    const ended = run.start(['--hours', '2']);
    await run.until('replay the trace');
    expect(run.processes().length).toBeGreaterThan(5);
    run.signal('SIGINT');
    expect(await ended).toBe(130);
    await run.untilNoProcess(10_000);
    expect(run.processes()).toEqual([]);
    expect(existsSync(run.out)).toBe(false);
    expect(await run.start(['--level', 'simulate', '--hours', '1']), run.output).toBe(0);
  });

  it('leaves no process when it is killed, refuses a second run while it lives, and the next run cleans up', async () => {
    const run = newRun();
    const ended = run.start(['--hours', '2']);
    await run.until('on a real control plane');
    // The terminal tells a step at most every few seconds; the processes themselves say when they run.
    for (let waited = 0; waited < 60_000 && run.processes().length < 4; waited += 200) await new Promise((done) => setTimeout(done, 200));
    expect(run.processes().length).toBeGreaterThanOrEqual(4);
    const second = newRun();
    expect(await second.start(['--level', 'simulate', '--hours', '1'], { TIDELINE_WORK_DIR: run.work })).toBe(1);
    expect(second.output).toContain('another rehearsal is running');
    run.signal('SIGKILL');
    expect(await ended).toBe(137);
    await run.untilNoProcess(20_000);
    expect(run.processes()).toEqual([]);
    expect(await run.start(['--level', 'simulate', '--hours', '1']), run.output).toBe(0);
    expect(readdirSync(run.work).filter((entry) => entry.startsWith('run-'))).toHaveLength(1);
  });
});
