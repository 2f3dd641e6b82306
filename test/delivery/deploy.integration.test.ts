import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STACKS } from '../../config/facts';
import { deploy } from '../../delivery/deploy';
import { SmallPlatform, TERRAFORM } from './support/platform';

let platform: SmallPlatform;
beforeEach(async () => { platform = await SmallPlatform.create('dev'); });
afterEach(async () => { await platform.remove(); });

/** A resource that says it has begun, then waits until it is let go. */
const slow = () => ({
  input: 'slow', provisioner: [{ 'local-exec': { command: `touch ${join(platform.folder, 'began')}; while ! test -e ${join(platform.folder, 'go')}; do sleep 0.05; done` } }],
});
const modeOf = (path: string) => statSync(path).mode % 0o1000;
const letGo = () => writeFileSync(join(platform.folder, 'go'), '');
const until = async (holds: () => boolean) => { while (!holds()) await new Promise((next) => setTimeout(next, 50)); };
const hasBegun = async () => until(() => existsSync(join(platform.folder, 'began')));
const foundationOnly = async () => platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'foundation']);

it.runIf(!TERRAFORM)('deploys were NOT tried: no terraform on PATH', () => {
  process.stderr.write('deploy and destroy were NOT run: no terraform on PATH\n');
  expect(TERRAFORM).toBeUndefined();
});

describe.runIf(TERRAFORM)('deploy, with the real Terraform', { timeout: 300_000 }, () => {
  it('applies every stack in order, the foundation first with a state of its own that then moves into the bucket it made', async () => {
    const { code, output } = await platform.run(['deploy', 'dev', '--auto-approve']);
    expect([code, output]).toEqual([0, expect.stringContaining('deployed dev')]);
    expect([...output.matchAll(/plan of dev-(\w+): 1 to create, 0 to update, 0 to replace, 0 to destroy/g)].map(([, name]) => name)).toEqual([...STACKS]);
    expect(STACKS.map((name) => platform.holds(name))).toEqual(STACKS.map((name) => (name === 'foundation' ? ['bucket'] : [name])));
    expect([platform.locks(), platform.leftovers()]).toEqual([[], []]);

    const again = await platform.run(['deploy', 'dev', '--auto-approve']);
    expect(again.code).toBe(0);
    expect([...again.output.matchAll(/ {2}(\w+): nothing to change/g)].map(([, name]) => name)).toEqual([...STACKS]);
    expect(again.output).not.toContain('first time');
  });

  it('says before the question what is replaced, updated and destroyed, and why', async () => {
    await foundationOnly();
    platform.stack('network', { gone: { input: 'x' }, kept: { input: 'one' }, moved: { triggers_replace: 'one' } });
    await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'network']);
    platform.stack('network', { kept: { input: 'two' }, moved: { triggers_replace: 'two' }, added: {} });
    const { code, output } = await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'network']);
    expect(code).toBe(0);
    expect(output).toContain([
      '  plan of dev-network: 1 to create, 1 to update, 1 to replace, 1 to destroy',
      '    - destroys terraform_data.gone (no longer in the stack)',
      '    ± replaces terraform_data.moved (triggers_replace)',
      '    ~ updates terraform_data.kept (input, output)',
      '    + creates 1 terraform_data',
    ].join('\n'));
    expect(platform.holds('network')).toEqual(['added', 'kept', 'moved']);
  });

  it.each([
    [['y'], 0, ['network']],
    [['d', 'yes'], 0, ['network']],
    [[''], 1, []],
    [['n'], 1, []],
    [['nonsense'], 1, []],
  ])('asks, and applies after yes only: %j', async (answers, code, holds) => {
    await foundationOnly();
    const left = [...answers];
    const questions: string[] = [];
    const session = await platform.session('deploy', ['--stack', 'network'], {
      person: { say: () => undefined, ask: async (question) => { questions.push(question); return left.shift()!; } },
    });
    expect(await deploy(session)).toBe(code);
    expect([left, platform.holds('network')]).toEqual([[], holds]);
    expect(questions[0]).toContain('apply these changes to dev-network? [y/N, d for details]');
    if (answers[0] === 'd') expect(session.said.join('\n')).toContain('# terraform_data.network will be created');
    if (code === 1) expect(session.said.join('\n')).toContain('you did not say yes; dev-network is as it was');
  });

  it('refuses a plan that loses what cannot be made again, unless its address is named', async () => {
    await foundationOnly();
    platform.stack('data', { database: { triggers_replace: 'one' } });
    await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'data']);
    platform.stack('data', { database: { triggers_replace: 'two' } });
    const before = platform.state('data')!;
    const precious = { terraform_data: 'the rows' };
    const session = await platform.session('deploy', ['--auto-approve', '--stack', 'data'], { precious });
    expect(await deploy(session)).toBe(1);
    expect(session.said.join('\n')).toMatch(/\[dev-data terraform_data\.database\] got: the plan replaces it because of triggers_replace, and with it goes the rows; .*--allow-replace 'terraform_data\.database'/);
    expect(platform.state('data')).toEqual(before);

    expect(await deploy(await platform.session('deploy', ['--auto-approve', '--stack', 'data', '--allow-replace', 'terraform_data.database'], { precious }))).toBe(0);
    expect(platform.state('data')!.serial).toBeGreaterThan(before.serial);
  });

  it('stops at the first stack that fails, says what was done and what not, and the command it gives goes on', async () => {
    platform.stack('cluster', { cluster: { provisioner: [{ 'local-exec': { command: 'echo no room for it >&2; exit 3' } }] } });
    const { code, output } = await platform.run(['deploy', 'dev', '--auto-approve']);
    expect(code).toBe(1);
    expect(output).toContain('stopped at cluster: Error: local-exec provisioner error');
    expect(output).toContain('no room for it');
    expect(output).toContain('done:      foundation (1 created, 0 updated, 0 replaced, 0 destroyed), network (');
    expect(output).toMatch(/not done: {2}cluster, data, identity, observability, bootstrap \(of cluster a part may be done/);
    expect(platform.holds('data')).toEqual([]);
    expect([platform.locks(), platform.leftovers()]).toEqual([[], []]);

    platform.stack('cluster', { cluster: {} });
    const [, command] = /to go on: {2}npx projen (.*)/.exec(output)!;
    const next = await platform.run([...command!.split(' '), '--auto-approve']);
    expect([next.code, next.output]).toEqual([0, expect.not.stringContaining('\nnetwork\n')]);
    expect(STACKS.map((name) => platform.holds(name).length)).toEqual(STACKS.map(() => 1));
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on once, however often it comes: the lock is released, the state written, no plan left', async (signal) => {
    await foundationOnly();
    platform.stack('network', { first: { input: 'x' }, network: { ...slow(), depends_on: ['terraform_data.first'] } });
    const run = platform.start(['deploy', 'dev', '--auto-approve', '--stack', 'network']);
    await hasBegun();
    expect(platform.locks()).toEqual(['dev/network.tfstate.tflock']);
    run.process.kill(signal);
    await run.until('interrupted: Terraform, if it is at work');
    run.process.kill(signal);
    const { code, output } = await run.ended;
    expect(code).toBe(130);
    expect(output).toContain('interrupted at network; Terraform has ended and released its lock');
    expect(output).toMatch(/to go on: {2}npx projen deploy dev --stack network\n/);
    expect(platform.holds('network')).toContain('first');
    expect([platform.locks(), platform.leftovers()]).toEqual([[], []]);
  });

  it('keeps plans where nobody else can read them; killed, it leaves Terraform to finish, and the next run removes them', async () => {
    await foundationOnly();
    platform.stack('network', { network: slow() });
    const run = platform.start(['deploy', 'dev', '--auto-approve', '--stack', 'network']);
    await hasBegun();
    const plans = join(platform.work, readdirSync(platform.work).find((name) => name.startsWith('plans-'))!);
    expect(modeOf(plans)).toBe(0o700);
    expect(readdirSync(plans).map((name) => [name, modeOf(join(plans, name))])).toEqual(expect.arrayContaining([['dev-network.tfplan', 0o600]]));
    expect(new Set(readdirSync(plans).map((name) => modeOf(join(plans, name))))).toEqual(new Set([0o600]));

    run.process.kill('SIGKILL');
    await new Promise((gone) => run.process.once('exit', gone));
    letGo();
    await until(() => platform.locks().length === 0 && platform.holds('network').length === 1);
    const again = await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'network']);
    expect([again.code, again.output]).toEqual([0, expect.stringContaining('network: nothing to change')]);
    expect(platform.leftovers()).toEqual([]);
  });

  it('says who holds a lock and how it is taken from one who runs no more', async () => {
    await foundationOnly();
    const lock = { ID: '6b1c', Operation: 'OperationTypeApply', Info: '', Who: 'robin@desk', Version: '1.11.4', Created: '2026-01-02T03:04:05Z', Path: 'x' };
    platform.store.write(platform.bucket, 'dev/network.tfstate.tflock', JSON.stringify(lock));
    const { code, output } = await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'network']);
    expect(code).toBe(1);
    expect(output).toMatch(/\[state of dev-network\] got: locked by robin@desk for apply since 2026-01-02 03:04:05 \+0000 UTC; allowed: .*; do: wait until that has ended; .* force-unlock 6b1c/);
    const looked = await platform.run(['deploy', 'dev', '--plan-only', '--stack', 'network']);
    expect([looked.code, looked.output]).toEqual([0, expect.stringContaining('network: 1 to create')]);
  });

  it('only plans where that is asked, also before there is anything', async () => {
    const first = await platform.run(['deploy', 'dev', '--plan-only']);
    expect([first.code, first.output]).toEqual([0, expect.stringContaining('network: not planned: the bucket of states does not exist; deploy the foundation first')]);
    await foundationOnly();
    const { code, output } = await platform.run(['deploy', 'dev', '--plan-only']);
    expect([code, output]).toEqual([0, expect.stringContaining('planned dev')]);
    expect(platform.store.keys(platform.bucket)).toEqual(['dev/foundation.tfstate']);
    expect(platform.leftovers()).toEqual([]);
  });

  it('only plans: what fails after a stack with changes may need them, what fails alone is wrong', async () => {
    await foundationOnly();
    platform.stack('cluster', { cluster: { lifecycle: { precondition: [{ condition: '${terraform.workspace == "elsewhere"}', error_message: 'there is no network' }] } } });
    const after = await platform.run(['deploy', 'dev', '--plan-only', '--stack', 'network', '--stack', 'cluster']);
    expect([after.code, after.output]).toEqual([0, expect.stringContaining('cluster: not planned: it may need changes of network that are not applied')]);
    expect(after.output).toContain('there is no network');
    const alone = await platform.run(['deploy', 'dev', '--plan-only', '--stack', 'cluster']);
    expect([alone.code, alone.output]).toEqual([1, expect.stringContaining('stopped at cluster')]);
  });

  it('shows no secret, and leaves none behind', async () => {
    await foundationOnly();
    platform.stack('data', { data: { input: '${sensitive("hunter2-first")}' } });
    const first = await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'data']);
    platform.stack('data', { data: { input: '${sensitive("hunter2-next")}' } });
    const next = await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'data']);
    expect([first.code, next.code]).toEqual([0, 0]);
    expect(next.output).toContain('~ updates terraform_data.data (input, output)');
    expect(first.output + next.output).not.toContain('hunter2');
    expect(platform.leftovers()).toEqual([]);
  });

  it('leaves variables out that would lead to another state', async () => {
    await foundationOnly();
    const { code, output } = await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'network'], { TF_WORKSPACE: 'other', TF_CLI_ARGS_plan: '-lock=false', TF_DATA_DIR: '/nowhere' });
    expect([code, output]).toEqual([0, expect.stringContaining("left out of Terraform's environment: TF_CLI_ARGS_plan, TF_DATA_DIR, TF_WORKSPACE")]);
    expect(platform.holds('network')).toEqual(['network']);
  });

  it('asks for the foundation where the states have no bucket', async () => {
    const { code, output } = await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'network']);
    expect([code, output]).toEqual([1, expect.stringContaining('do: deploy the foundation first: --stack foundation')]);
  });
});

describe.runIf(TERRAFORM)('a first foundation that is killed half way', { timeout: 300_000 }, () => {
  it('goes on where it was interrupted, with the state it kept here', async () => {
    platform.stack('foundation', { ...platform.makesBucket(), role: { ...slow(), depends_on: ['terraform_data.bucket'] } });
    const run = platform.start(['deploy', 'dev', '--auto-approve', '--stack', 'foundation']);
    await hasBegun();
    run.process.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    expect(platform.leftovers()).toEqual(['dev-foundation/kept.tfstate']);
    expect(modeOf(join(platform.work, 'dev-foundation'))).toBe(0o700);

    letGo();
    const { code, output } = await foundationOnly();
    expect([code, output]).toEqual([0, expect.stringContaining('it has not arrived in its bucket')]);
    expect(platform.holds('foundation')).toEqual(['bucket', 'role']);
    expect([platform.locks(), platform.leftovers()]).toEqual([[], []]);
  });

  it('moves the state into the bucket although it was killed between the two', async () => {
    platform.stack('foundation', { ...platform.makesBucket(), role: { ...slow(), depends_on: ['terraform_data.bucket'] } });
    const run = platform.start(['deploy', 'dev', '--auto-approve', '--stack', 'foundation']);
    await hasBegun();
    run.process.kill('SIGKILL');
    letGo();
    await until(() => platform.read('dev-foundation/kept.tfstate').includes('"role"') && !existsSync(join(platform.work, 'dev-foundation/.kept.tfstate.lock.info')));
    expect(platform.state('foundation')).toBeUndefined();

    const { code, output } = await foundationOnly();
    expect([code, output]).toEqual([0, expect.stringContaining('its state is in the bucket now')]);
    expect(output).toContain('foundation: nothing to change');
    expect(platform.holds('foundation')).toEqual(['bucket', 'role']);
    expect(platform.leftovers()).toEqual([]);
  });

  it('finds that the state had arrived, and removes the copy', async () => {
    await foundationOnly();
    const state = platform.state('foundation')!;
    writeFileSync(join(platform.work, 'dev-foundation/kept.tfstate'), JSON.stringify({ ...state, lineage: 'the-first-copy-gets-another' }));
    const { code, output } = await foundationOnly();
    expect([code, output]).toEqual([0, expect.stringContaining('foundation: nothing to change')]);
    expect(platform.leftovers()).toEqual([]);
  });

  it('refuses to choose between two states', async () => {
    await foundationOnly();
    const state = platform.state('foundation')!;
    writeFileSync(join(platform.work, 'dev-foundation/kept.tfstate'), JSON.stringify({ ...state, lineage: 'another', resources: [] }));
    const { code, output } = await foundationOnly();
    expect([code, output]).toEqual([1, expect.stringContaining('there are two states of the foundation')]);
    expect(platform.state('foundation')).toEqual(state);
    expect(platform.leftovers()).toEqual(['dev-foundation/kept.tfstate']);
  });
});
