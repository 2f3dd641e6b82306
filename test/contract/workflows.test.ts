import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { githubSubject } from '../../components/cloud';
import { environment, environments } from '../../config';
import { MARKER } from '../../pricing/change/render-markdown';
import { factsOf, STACKS } from '../../config/facts';
import { FoundationStack } from '../../stacks/foundation/foundation-stack';
import { synthStack } from '../support/synth-stack';

const ROOT = resolve(__dirname, '../..');
const FOLDER = join(ROOT, '.github/workflows');

interface Step { readonly name?: string; readonly uses?: string; readonly run?: string; readonly with?: Record<string, unknown> }
interface Job {
  readonly 'runs-on': string;
  readonly permissions?: Record<string, string>;
  readonly environment?: string;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly needs?: string[] | string;
  readonly if?: string;
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix: { readonly include: readonly Record<string, string>[] } };
  readonly env?: Record<string, string>;
  readonly steps: readonly Step[];
}
interface Workflow { readonly on: Record<string, unknown>; readonly permissions?: unknown; readonly jobs: Record<string, Job> }

const files = readdirSync(FOLDER).sort();
const texts = new Map(files.map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')]));
const workflows = new Map([...texts].map(([file, text]) => [file, parse(text) as Workflow]));
const jobs = [...workflows].flatMap(([file, workflow]) => Object.entries(workflow.jobs).map(([name, job]) => ({ at: `${file} ${name}`, file, name, job, workflow })));
const steps = jobs.flatMap(({ at, job, file }) => job.steps.map((step) => ({ at: `${at}: ${step.name}`, file, step })));
const tasks = (JSON.parse(readFileSync(join(ROOT, '.projen/tasks.json'), 'utf8')) as { tasks: Record<string, unknown> }).tasks;

/** What the trust of a role asks of a token, in the foundation as it is synthesized. */
const trustOf = (name: string, roleName: string) => {
  const { resource } = synthStack((app) => new FoundationStack(app, environment(name)));
  const role = Object.values(resource.aws_iam_role!).find((each) => each.name === roleName)!;
  const [statement] = (JSON.parse(role.assume_role_policy as string) as { Statement: { Condition: Record<string, Record<string, string | string[]>> }[] }).Statement;
  const claim = (of: string) => Object.values(statement!.Condition).map((claims) => claims[`token.actions.githubusercontent.com:${of}`]).find((value) => value !== undefined);
  return { sub: [claim('sub')].flat()[0], ref: [claim('ref')].flat()[0], seconds: role.max_session_duration as number };
};

/** The job of an environment's deploy. */
const deployOf = (name: string) => {
  const found = jobs.filter(({ job }) => job.environment === name);
  expect(found.map(({ at }) => at)).toHaveLength(1);
  return found[0]!;
};
const roleOf = (job: Job) => job.steps.map((step) => step.with?.['role-to-assume']).filter((role) => role !== undefined);

describe('the workflows', () => {
  test('are those of a pull request, of a branch and of a tag', () => {
    expect(files).toEqual(['deploy-main.yml', 'pull-request.yml', 'release.yml']);
    expect([...workflows.values()].map(({ on }) => on)).toEqual([{ push: { branches: ['main'] } }, { pull_request: {} }, { push: { tags: ['v*'] } }]);
  });

  test('run on nothing that gives a pull request of a stranger our rights', () => {
    for (const [file, text] of texts) expect([file, /pull_request_target|workflow_run|issue_comment/.exec(text)?.[0]]).toEqual([file, undefined]);
  });

  test('name every action by the full commit', () => {
    const used = steps.flatMap(({ step }) => (step.uses ? [step.uses] : []));
    expect(used.length).toBeGreaterThan(10);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    const commits = new Map<string, Set<string>>();
    for (const [action, commit] of used.map((each) => each.split('@') as [string, string])) commits.set(action, new Set([...commits.get(action) ?? [], commit]));
    for (const [action, named] of commits) expect([action, named.size]).toEqual([action, 1]);
  });

  test('hold no secret: AWS is entered with a token of the run', () => {
    for (const [file, text] of texts) expect([file, /secrets\.|aws-access-key-id|aws-secret-access-key|AWS_SECRET|AKIA/i.exec(text)?.[0]]).toEqual([file, undefined]);
  });

  test('leave no credentials of git behind', () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(4);
    for (const { at, step } of checkouts) expect([at, step.with?.['persist-credentials']]).toEqual([at, false]);
  });

  test('put nothing into a script that somebody outside can choose', () => {
    const scripts = steps.filter(({ step }) => step.run !== undefined);
    expect(scripts.length).toBeGreaterThan(8);
    for (const { at, step } of scripts) expect([at, /\$\{\{.*?\}\}/.exec(step.run!)?.[0]]).toEqual([at, undefined]); // values come as variables of the environment
  });

  test('name tasks and stacks that exist', () => {
    const named = steps.flatMap(({ at, step }) => [...(step.run ?? '').matchAll(/npx (?:--yes )?projen ([a-z][\w:-]*)/g)].map(([, task]) => ({ at, task: task! })));
    expect(named.map(({ task }) => task)).toEqual(expect.arrayContaining(['synth', 'verify', 'test', 'lint', 'rehearse', 'price', 'deploy', 'terraform:validate']));
    expect(named.filter(({ task }) => !(task in tasks))).toEqual([]);
    const stacks = steps.flatMap(({ step }) => [...(step.run ?? '').matchAll(/--stack (\S+)/g)].map(([, stack]) => stack));
    expect(new Set(stacks)).toEqual(new Set(STACKS.filter((name) => name !== 'foundation')));
  });
});

describe('every job', () => {
  test.each(jobs.map((each) => [each.at, each] as const))('%s says its rights, and when it has taken too long', (_, { job, workflow }) => {
    expect(workflow.permissions).toBeUndefined(); // each job says its own
    expect(job.permissions).toBeDefined();
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    expect(job['timeout-minutes']).toBeLessThanOrEqual(120);
    const writes = Object.entries(job.permissions!).filter(([, right]) => right !== 'read').map(([what]) => what);
    expect(['', 'id-token', 'pull-requests']).toContain(writes.join(' '));
  });

  test('asks for a token of AWS only to deploy and to plan, and then to assume one role', () => {
    const withToken = jobs.filter(({ job }) => job.permissions?.['id-token'] !== undefined);
    expect(withToken.map(({ name }) => name).sort()).toEqual(['deploy-dev', 'deploy-prod', 'deploy-staging', 'plan']);
    for (const { at, job } of jobs) expect([at, roleOf(job).length]).toEqual([at, job.permissions?.['id-token'] === 'write' ? 1 : 0]);
  });

  test('that may write to a pull request runs nothing the pull request brings', () => {
    const writing = jobs.filter(({ job }) => job.permissions?.['pull-requests'] === 'write');
    expect(writing.map(({ at }) => at)).toEqual(['pull-request.yml price-comment']);
    for (const { job } of writing) {
      expect(job.permissions).toEqual({ 'pull-requests': 'write' });
      expect(job.steps.flatMap((step) => (step.uses ? [step.uses.split('@')[0]] : []))).toEqual(['actions/download-artifact']);
      expect(job.steps.map((step) => step.run ?? '').join('\n')).not.toMatch(/npx|npm|node /);
    }
  });

  test('that needs a token or a right to write is for pull requests from the repository itself', () => {
    const ours = 'github.event.pull_request.head.repo.full_name == github.repository';
    expect(jobs.filter(({ file, job }) => file === 'pull-request.yml' && Object.values(job.permissions!).includes('write')).map(({ name, job }) => [name, job.if])).toEqual([['price-comment', ours], ['plan', ours]]);
  });
});

describe('the price of a change', () => {
  test('is one comment, found again by its marker', () => {
    const scripts = steps.filter(({ file }) => file === 'pull-request.yml').map(({ step }) => step.run ?? '');
    const comment = scripts.find((script) => script.includes('gh api'))!;
    expect(comment).toContain(`startswith("${MARKER}")`);
    expect(comment).toContain('-X PATCH');
    expect(scripts.join('\n')).toContain('npx projen price --against "origin/$BASE" --format markdown --out price.md');
  });
});

describe('the deploys', () => {
  test.each(environments().map(({ name }) => name))('%s is one job, alone, never cancelled, after checks, as the role that trusts it', (name) => {
    const target = environment(name);
    const { job, workflow } = deployOf(name);
    expect(job.concurrency).toEqual({ group: `deploy-${name}`, 'cancel-in-progress': false });
    expect(roleOf(job)).toEqual([factsOf(target).deployRoleArn]);
    expect(job.steps.find((step) => step.with?.['role-to-assume'])!.with!['aws-region']).toBe(target.region);
    expect(workflow.on).toEqual({ push: target.github.deploysFrom.branch ? { branches: [target.github.deploysFrom.branch] } : { tags: [target.github.deploysFrom.tag] } });
    expect([job.needs].flat()).toEqual([name === 'prod' ? 'deploy-staging' : 'check']);
    const script = job.steps.map((step) => step.run ?? '').join('\n');
    expect(script).toContain(`npx --yes projen deploy ${name} --auto-approve`);
    expect(script.includes('--confirm')).toBe(name === 'prod');
    expect(script).not.toContain('foundation'); // a pipeline does not apply the roles it comes in with
    expect((workflow as unknown as { concurrency?: unknown }).concurrency).toBeUndefined(); // of the workflow: it would cancel a deploy that waits for its reviewer
    // The role's own word on who may take it, as it is synthesized.
    const { sub, ref, seconds } = trustOf(name, `tideline-${name}-deploy`);
    expect(sub).toBe(githubSubject(target.github, { environment: job.environment! }));
    expect(ref).toBe(target.github.deploysFrom.branch ? `refs/heads/${target.github.deploysFrom.branch}` : `refs/tags/${target.github.deploysFrom.tag}`);
    expect(job.steps.find((step) => step.with?.['role-to-assume'])!.with!['role-duration-seconds']).toBe(seconds);
  });

  test('plans of pull requests assume the role that reads, of every environment, and change nothing', () => {
    const { job } = jobs.find(({ name }) => name === 'plan')!;
    expect(job.environment).toBeUndefined(); // its subject is that of a pull request
    expect(job.strategy!.matrix.include.map(({ environment: name, role, region }) => ({ name, role, region })))
      .toEqual(environments().map((target) => ({ name: target.name, role: factsOf(target).planRoleArn, region: target.region })));
    for (const target of environments()) expect(trustOf(target.name, `tideline-${target.name}-plan`).sub).toBe(githubSubject(target.github, { pullRequest: true }));
    const deploys = job.steps.filter((step) => step.run?.includes('projen deploy'));
    expect(deploys.map((step) => step.run!.includes('--plan-only') && !step.run!.includes('--auto-approve'))).toEqual([true]);
  });
});
