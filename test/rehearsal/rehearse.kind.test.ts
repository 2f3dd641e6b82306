import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseReport } from '../../rehearsal/report';
import { ProjectCopy } from './project-copy';
import { RehearsalRun } from './run-rehearsal';

const NODE = 'tideline-dev-control-plane';
const KIND = ['--level', 'kind', '--images', 'build'];
const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
/** What a rehearsal of dev may leave in the engine: containers, networks. */
const ours = () => [docker('ps', '--all', '--filter', 'name=^tideline-dev-', '--format', '{{.Names}}'), docker('network', 'ls', '--filter', 'name=^tideline-dev$', '--format', '{{.Name}}')].filter(Boolean);

const cleanups: (() => void)[] = [];
afterEach(() => { for (const clean of cleanups.splice(0).reverse()) clean(); });

function newRun(root?: string): RehearsalRun {
  const run = new RehearsalRun(root);
  cleanups.push(() => run.remove());
  return run;
}

describe('level kind', () => {
  it('syncs dist/ from Git, heals drift, promotes a commit, closes the loop on real pods, and leaves nothing', async () => {
    const run = newRun();
    expect(await run.start([...KIND, '--hours', '0.5']), run.output).toBe(0);
    expect(() => parseReport(readFileSync(join(run.out, 'report.json'), 'utf8'))).not.toThrow();
    const report = run.report();
    expect(report).toMatchObject({ level: 'kind', trace: { hours: 0.5, speed: 6 }, teardown: { leftovers: [] }, cluster: { nodes: [NODE] } });
    expect(report.fallback).toBeUndefined();

    const applications = report.gitops!.applications;
    expect(applications.map(({ name }) => name)).toEqual(expect.arrayContaining(['catalog', 'cost', 'forecaster', 'keda', 'keda-crds', 'loadgen', 'namespaces', 'prometheus']));
    for (const each of applications) expect(each).toMatchObject({ sync: 'Synced', health: 'Healthy' });
    for (const later of applications) {
      for (const earlier of applications) if (earlier.wave < later.wave) expect(earlier.secondsToHealthy, `${earlier.name} before ${later.name}`).toBeLessThanOrEqual(later.secondsToHealthy!);
    }
    expect(report.gitops!.drift?.seconds).toBeGreaterThan(0);
    expect(report.gitops!.promotion).toMatchObject({ to: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(report.gitops!.promotion!.to).not.toBe(report.gitops!.promotion!.from);

    const [policy] = report.policies;
    expect(policy).toMatchObject({ name: 'predictive', level: 'kind' });
    expect(policy!.measured!.requests).toBeGreaterThan(1000);
    expect(policy!.measured!.failed / policy!.measured!.requests).toBeLessThan(0.05);
    expect(policy!.series.demandForecast.filter((value) => value !== null).length).toBeGreaterThan(20);
    expect(report.agreement.plantVsKind).toMatchObject({ minutes: 30, policy: 'predictive' });

    for (const image of report.images!) expect(image).toMatchObject({ digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), sizeBytes: expect.any(Number) });
    expect(report.leftOut!.map(({ what }) => what)).toContain('Application karpenter');
    expect(JSON.stringify(report)).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|postgres:\/\/[^"]*:[^"]*@/);
    expect(ours()).toEqual([]);
  });

  it('names the image that does not start, with its events and its log, and leaves nothing', async () => {
    const copy = new ProjectCopy();
    cleanups.push(() => copy.remove());
    const server = join(copy.folder, 'apps/cost/server.ts');
    writeFileSync(server, `console.error('a seeded fault of the cost service');\nprocess.exit(3);\n${readFileSync(server, 'utf8')}`);
    const run = newRun(copy.folder);
    expect(await run.start(KIND), run.output).toBe(1);
    expect(run.output).toContain('a seeded fault of the cost service');
    expect(run.output).toMatch(/cost-[a-z0-9-]+.*CrashLoopBackOff|CrashLoopBackOff.*cost-[a-z0-9-]+/s);
    expect(run.report().stages.filter(({ status }) => status === 'failed').map(({ name }) => name)).toEqual(['sync']);
    expect(ours()).toEqual([]);
  });

  it('says that a node has ended, as soon as it has, and leaves nothing', async () => {
    const run = newRun();
    const ended = run.start(KIND);
    await run.until(/\d+ of \d+ healthy; waiting for/, 20 * 60_000);
    docker('kill', NODE);
    expect(await ended, run.output).toBe(1);
    expect(run.output).toContain(NODE);
    expect(run.report().stages.some(({ status, detail }) => status === 'failed' && detail?.includes(NODE))).toBe(true);
    expect(ours()).toEqual([]);
  });

  it('leaves nothing when it is interrupted', async () => {
    const run = newRun();
    const ended = run.start(KIND);
    await run.until(/cluster: \d of \d, waiting for/, 20 * 60_000);
    run.signal('SIGINT');
    expect(await ended, run.output).toBe(130);
    expect(ours()).toEqual([]);
  });
});
