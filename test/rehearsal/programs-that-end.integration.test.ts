import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureTools, isAlive, ProcessIdentity } from '../../rehearsal/tools';
import { RehearsalRun } from './run-rehearsal';

const runs: RehearsalRun[] = [];
afterEach(async () => {
  for (const run of runs.splice(0)) {
    run.signal('SIGKILL');
    await run.untilNoProcess(20_000);
    run.remove();
  }
});

/** The programs that a run has noted as its own. */
function programsOf(run: RehearsalRun): Map<string, ProcessIdentity> {
  const files = readdirSync(run.work, { recursive: true }).map(String).filter((path) => path.endsWith('processes.json'));
  return new Map(files.flatMap((file) => (JSON.parse(readFileSync(join(run.work, file), 'utf8')) as { processes: (ProcessIdentity & { name: string })[] }).processes.map((each) => [each.name, each])));
}

/** Starts a run and kills one of its programs once the trace is being replayed. */
async function killDuringReplay(name: string): Promise<{ readonly run: RehearsalRun; readonly code: number; readonly programs: readonly ProcessIdentity[] }> {
  const run = new RehearsalRun();
  runs.push(run);
  const ended = run.start(['--hours', '0.5']);
  await run.until(/replay the trace/);
  const programs = programsOf(run);
  expect([...programs.keys()]).toContain(name);
  await new Promise((done) => setTimeout(done, 3000)); // some minutes into it
  process.kill(programs.get(name)!.pid, 'SIGKILL');
  return { run, code: await ended, programs: [...programs.values()] };
}

describe('a program that ends in the middle of a replay', () => {
  beforeAll(async () => {
    await ensureTools(); // on a fresh machine this builds them
  });

  it('if it is the forecaster, is a fault to live with: scaling goes on by CPU, and the report says when and for how long', async () => {
    const { run, code, programs } = await killDuringReplay('forecaster');
    expect(code, run.output).toBe(0);
    const report = run.report();
    expect(report.events.map((event) => event.what).join('\n')).toContain('the service forecaster ended by SIGKILL: scaling goes on reactively');
    const predictive = report.policies.find((policy) => policy.name === 'predictive')!;
    expect(predictive.fallbackMinutes).toBeGreaterThan(0);
    expect(predictive.series.demandForecast.at(-1)).toBeNull();
    expect(Math.min(...predictive.series.replicas)).toBeGreaterThanOrEqual(Number(predictive.parameters.minReplicas));
    expect(report.teardown.leftovers).toEqual([]);
    expect(programs.filter(isAlive)).toEqual([]);
  });

  it('if it is KEDA, fails the rehearsal in words; the simulated results stand and nothing stays', async () => {
    const { run, code, programs } = await killDuringReplay('keda-operator');
    expect(code, run.output).toBe(1);
    expect(run.output).toMatch(/\[keda-operator\] got: it ended by SIGKILL.*/);
    expect(run.output).not.toMatch(/\n\s+at .*:\d+:\d+/);
    const report = run.report();
    expect(report).toMatchObject({ level: 'simulate', fallback: { asked: 'control-plane', why: expect.stringContaining('keda-operator') } });
    expect(report.stages.find((stage) => stage.status === 'failed')?.name).toBe('control plane');
    expect(programs.filter(isAlive)).toEqual([]);
    expect(existsSync(join(run.work, 'running.json'))).toBe(false);
    expect(readdirSync(run.work, { recursive: true }).map(String).filter((path) => /\/(pki|data)(\/|$)/.test(path))).toEqual([]);
  });
});
