import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STACKS } from '../../config/facts';
import { awsCommandLine } from '../../delivery/aws';
import { destroy } from '../../delivery/destroy';
import { SmallPlatform, TERRAFORM } from './support/platform';

let platform: SmallPlatform;
beforeEach(async () => { platform = await SmallPlatform.create('dev'); });
afterEach(async () => { await platform.remove(); });

const deployed = async () => {
  const { code, output } = await platform.run(['deploy', 'dev', '--auto-approve']);
  expect([code, output]).toEqual([0, expect.stringContaining('deployed dev')]);
};
const planned = (output: string) => [...output.matchAll(/plan of dev-(\w+): 0 to create, 0 to update, 0 to replace, 1 to destroy/g)].map(([, name]) => name);

describe.runIf(TERRAFORM)('destroy, with the real Terraform', { timeout: 300_000 }, () => {
  it('goes through the stacks in reverse, and keeps the foundation', async () => {
    await deployed();
    const { code, output } = await platform.run(['destroy', 'dev', '--auto-approve']);
    expect([code, output]).toEqual([0, expect.stringContaining('destroyed dev')]);
    expect(planned(output)).toEqual([...STACKS].reverse().filter((name) => name !== 'foundation'));
    expect(STACKS.filter((name) => platform.holds(name).length > 0)).toEqual(['foundation']);
    expect([platform.locks(), platform.leftovers()]).toEqual([[], []]);

    const again = await platform.run(['destroy', 'dev', '--auto-approve']);
    expect([again.code, again.output]).toEqual([0, expect.stringContaining('network: nothing to destroy')]);
  });

  it('destroys the foundation when that is said, its state kept here meanwhile, and leaves nothing', async () => {
    await deployed();
    const { code, output } = await platform.run(['destroy', 'dev', '--auto-approve', '--with-foundation']);
    expect([code, output]).toEqual([0, expect.stringMatching(/foundation\n {2}its state is kept in .*kept\.tfstate now/)]);
    expect(planned(output)).toEqual([...STACKS].reverse());
    expect([existsSync(platform.store.bucket(platform.bucket)), platform.leftovers()]).toEqual([false, []]);
    await deployed(); // and back again
  });

  it('goes on with a foundation whose destroy was interrupted', async () => {
    const wait = `touch ${join(platform.folder, 'began')}; while ! test -e ${join(platform.folder, 'go')}; do sleep 0.05; done`;
    platform.stack('foundation', { ...platform.makesBucket(), role: { depends_on: ['terraform_data.bucket'] }, last: { depends_on: ['terraform_data.role'], provisioner: [{ 'local-exec': { when: 'destroy', command: wait } }] } });
    await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'foundation']);
    const run = platform.start(['destroy', 'dev', '--auto-approve', '--with-foundation']);
    while (!existsSync(join(platform.folder, 'began'))) await new Promise((next) => setTimeout(next, 50));
    run.process.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    expect(platform.leftovers()).toContain('dev-foundation/kept.tfstate');

    writeFileSync(join(platform.folder, 'go'), '');
    const { code, output } = await platform.run(['destroy', 'dev', '--auto-approve', '--with-foundation']);
    expect([code, output]).toEqual([0, expect.stringContaining('destroyed dev')]);
    expect([existsSync(platform.store.bucket(platform.bucket)), platform.leftovers()]).toEqual([false, []]);
  });

  it('takes no stack from under another', async () => {
    await deployed();
    const { code, output } = await platform.run(['destroy', 'dev', '--auto-approve', '--stack', 'network', '--stack', 'observability']);
    expect(code).toBe(1);
    expect(output).toContain('[stack dev-bootstrap] got: 1 resources in its state; allowed: none, before observability is destroyed; do: destroy it first: --stack bootstrap');
    expect(STACKS.filter((name) => platform.holds(name).length > 0)).toEqual([...STACKS]);
  });

  it('stops where a destroy fails, and the command it gives goes on', async () => {
    platform.stack('data', { data: { provisioner: [{ 'local-exec': { when: 'destroy', command: `test -e ${join(platform.folder, 'go')}` } }] } });
    await deployed();
    const { code, output } = await platform.run(['destroy', 'dev', '--auto-approve']);
    expect(code).toBe(1);
    expect(output).toContain('done:      bootstrap (1 destroyed), observability (1 destroyed), identity (1 destroyed)');
    expect(output).toContain('not done:  data, cluster, network');
    writeFileSync(join(platform.folder, 'go'), '');
    const [, command] = /to go on: {2}npx projen (.*)/.exec(output)!;
    const next = await platform.run([...command!.split(' '), '--auto-approve']);
    expect([next.code, planned(next.output)]).toEqual([0, ['data', 'cluster', 'network']]);
  });

  it.each([['dev', 0, []], ['prod', 1, ['network']], ['', 1, ['network']]])('is begun by whoever types the name of the environment: "%s"', async (typed, code, left) => {
    await platform.run(['deploy', 'dev', '--auto-approve', '--stack', 'foundation', '--stack', 'network']);
    const session = await platform.session('destroy', [], { person: { say: () => undefined, ask: async (question) => (question.includes('Type its name') ? typed : 'y') } });
    const ended = await destroy(session).catch((error: Error) => (expect(error.message).toBe('dev was not touched: its name was not typed'), 1));
    expect([ended, platform.holds('network')]).toEqual([code, left]);
  });
});

/** Stacks with resources that only AWS's provider knows: here alone Terraform is a script that keeps count of what it is told. */
describe('destroy, of what Terraform cannot see', { timeout: 300_000 }, () => {
  const LISTED: Readonly<Record<string, string>> = { 'describe-instances': 'i-0123', 'describe-network-interfaces': 'eni-0123', 'describe-log-groups': '/aws/eks/tideline-dev/cluster' };
  const log = () => join(platform.folder, 'told');

  beforeEach(() => {
    platform.stack('network', {}, { provider: { aws: [{ region: 'us-east-1' }] }, resource: { aws_subnet: { a: {} } } });
    platform.stack('cluster', {}, { provider: { aws: [{ region: 'us-east-1' }] }, resource: { aws_eks_cluster: { main: { name: 'tideline-dev', deletion_protection: true } } } });
    platform.program('terraform', [
      'case "$1" in',
      '  version) echo "Terraform v1.11.4";;',
      '  show) echo \'{"format_version":"1.2","resource_changes":[{"address":"a.b","mode":"managed","type":"a","change":{"actions":["delete"],"before":{},"after":null}}]}\';;',
      '  state) if test -e gone; then echo \'{"lineage":"x","serial":2,"resources":[]}\'; else echo \'{"lineage":"x","serial":1,"resources":[{"mode":"managed"}]}\'; fi;;',
      `  apply) echo "destroyed $PWD" >> ${log()}; touch gone;;`,
      'esac',
    ].join('\n'));
  });

  /** An AWS command line that lists something until it was asked so often. */
  const aws = (times: number) => platform.program('aws', [
    'case "$*" in',
    '  *get-caller-identity*) echo 111111111111;;',
    ...Object.entries(LISTED).map(([call, found]) => [
      `  *${call}*)`, `    echo x >> ${platform.folder}/${call}`,
      `    n=0; while read -r _; do n=$((n+1)); done < ${platform.folder}/${call}; if test "$n" -le ${times}; then echo ${found}; fi;;`,
    ].join('\n')),
    'esac',
  ].join('\n'));

  it('says it before anything is asked, with the commands that list and remove it, and what protects itself', async () => {
    const { code, output } = await platform.run(['destroy', 'dev', '--auto-approve']);
    expect(code).toBe(0);
    const order = ['Terraform does not know of these', 'nodes, made by Karpenter', 'list:    aws ec2 describe-instances', 'load balancers, made by', 'network interfaces, made by the VPC CNI', 'no AWS command line here',
      'cluster: aws_eks_cluster.main is protected by deletion_protection', '\nbootstrap\n'].map((text) => output.indexOf(text));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(order).not.toContain(-1);
  });

  it('waits until controllers have removed what would stop the stack, and says at the end what is left', async () => {
    aws(3);
    const session = await platform.session('destroy', ['--auto-approve', '--stack', 'bootstrap', '--stack', 'observability', '--stack', 'identity', '--stack', 'data', '--stack', 'cluster'], { aws: awsCommandLine({ PATH: join(platform.folder, 'bin') }) });
    let slept = 0;
    expect(await destroy({ ...session, sleep: async (ms) => { slept += ms; } })).toBe(0);
    const said = session.said.join('\n');
    expect(said).toContain('there now, unseen by Terraform:\n  nodes: 1 (i-0123)');
    expect(said).toMatch(/cluster\n {2}waiting for what Terraform cannot see: 1 nodes/);
    expect(said).toMatch(/left in the account(, unseen by Terraform:|: nothing)/);
    expect(slept).toBeGreaterThan(0);
  });

  it('destroys nothing that would orphan them, once it has waited long enough', async () => {
    aws(1_000_000);
    const session = await platform.session('destroy', ['--auto-approve', '--wait-minutes', '1'], { aws: awsCommandLine({ PATH: join(platform.folder, 'bin') }) });
    let slept = 0;
    expect(await destroy({ ...session, sleep: async (ms) => { slept += ms; } })).toBe(1);
    const said = session.said.join('\n');
    expect(slept).toBe(60_000);
    expect(said).toContain('[cluster: nodes] got: 1: i-0123; allowed: none, before cluster is destroyed; do: the root Application');
    expect(said).toContain('not done:  cluster, network');
  });
});
