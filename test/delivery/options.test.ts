import { describe, expect, it } from 'vitest';
import { FaultError } from '../../base/faults';
import { STACKS } from '../../config/facts';
import { readDeliveryOptions, USAGE } from '../../delivery/options';
import { deliverySettings } from '../../delivery/settings';

const read = (command: 'deploy' | 'destroy', ...argv: readonly string[]) => readDeliveryOptions(command, argv, ['dev', 'prod']);
const faultsOf = (command: 'deploy' | 'destroy', ...argv: readonly string[]) => {
  try {
    read(command, ...argv);
  } catch (error) {
    expect(error).toBeInstanceOf(FaultError);
    return (error as FaultError).faults.map(({ where, got }) => `${where} | ${got}`);
  }
  return [];
};

describe('the command line', () => {
  it('means every stack when none is named; a destroy keeps the foundation', () => {
    expect(read('deploy', 'dev')).toEqual({ environment: 'dev', stacks: STACKS, autoApprove: false, confirm: undefined, planOnly: false, allowReplace: [], withFoundation: false, waitMinutes: 10 });
    expect(read('destroy', 'dev')).toMatchObject({ stacks: STACKS.filter((name) => name !== 'foundation') });
    expect(read('destroy', 'dev', '--with-foundation')).toMatchObject({ stacks: STACKS, withFoundation: true });
  });

  it('takes stacks in the order they are applied, however they are named', () => {
    expect(read('deploy', 'dev', '--stack', 'cluster', '--stack=network', '--stack', 'cluster')).toMatchObject({ stacks: ['network', 'cluster'] });
  });

  it('takes what it is told', () => {
    expect(read('deploy', 'prod', '--auto-approve', '--confirm', 'prod', '--allow-replace', 'aws_s3_bucket.a["x"]', '--allow-replace=b.c')).toMatchObject({ autoApprove: true, confirm: 'prod', allowReplace: ['aws_s3_bucket.a["x"]', 'b.c'] });
    expect(read('destroy', 'dev', '--wait-minutes', '0')).toMatchObject({ waitMinutes: 0 });
    expect(read('deploy', '--help')).toBe('help');
  });

  it.each<[readonly string[], readonly string[]]>([
    [[], ['environment | nothing']],
    [['qa'], ['environment | "qa"']],
    [['dev', 'prod'], ['environment | "dev prod"']],
    [['dev', '--stack', 'netwrok'], ['--stack | "netwrok"']],
    [['dev', '--stack'], ['--stack | nothing']],
    [['dev', '--force'], ['--force | an option that is not known']],
    [['dev', '--with-foundation'], ['--with-foundation | an option that is not known']],
    [['prod', '--confirm', 'dev'], ['--confirm | "dev"']],
    [['dev', '--auto-approve=no', '--stack', 'x'], ['--auto-approve | "no"', '--stack | "x"']],
  ])('refuses deploy %j, everything at once', (argv, faults) => {
    expect(faultsOf('deploy', ...argv)).toEqual(faults);
  });

  it.each<[readonly string[], readonly string[]]>([
    [['dev', '--stack', 'foundation'], ['--stack | foundation']],
    [['dev', '--wait-minutes', 'long', '--plan-only'], ['--plan-only | an option that is not known', '--wait-minutes | "long"']],
    [['dev', '--allow-replace', 'a.b'], ['--allow-replace | an option that is not known']],
  ])('refuses destroy %j', (argv, faults) => {
    expect(faultsOf('destroy', ...argv)).toEqual(faults);
  });

  it('is described whole', () => {
    for (const option of ['--stack', '--plan-only', '--auto-approve', '--confirm', '--allow-replace']) expect(USAGE.deploy).toContain(`  ${option}`);
    for (const option of ['--stack', '--with-foundation', '--auto-approve', '--confirm', '--wait-minutes']) expect(USAGE.destroy).toContain(`  ${option}`);
  });
});

describe('the settings', () => {
  it('leave out what would lead Terraform to another state, and name it', () => {
    const { environment, ignored } = deliverySettings({ PATH: '/bin', TF_WORKSPACE: 'x', TF_CLI_ARGS: '-x', TF_CLI_ARGS_plan: '-y', TF_DATA_DIR: '/d', TF_VAR_password: 'hunter2', TF_CLI_CONFIG_FILE: '/etc/tf', AWS_PROFILE: 'dev' });
    expect(environment).toMatchObject({ PATH: '/bin', TF_CLI_CONFIG_FILE: '/etc/tf', AWS_PROFILE: 'dev', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' });
    expect(Object.keys(environment).filter((name) => ignored.includes(name))).toEqual([]);
    expect(ignored).toEqual(['TF_CLI_ARGS', 'TF_CLI_ARGS_plan', 'TF_DATA_DIR', 'TF_VAR_password', 'TF_WORKSPACE']);
  });

  it('refuse a folder that is not absolute', () => {
    expect(() => deliverySettings({ TIDELINE_DELIVERY_DIR: 'here' })).toThrow(/\[TIDELINE_DELIVERY_DIR\] got: "here"; allowed: an absolute path/);
  });
});
