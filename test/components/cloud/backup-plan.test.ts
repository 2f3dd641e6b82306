import { describe, expect, it } from 'vitest';
import { BACKUP_TAG, BackupPlan, BackupPlanProps } from '../../../components/cloud';
import { Block, only, reference, resources, synthIn } from '../../support/synth-stack';

const props: BackupPlanProps = { name: 'demo', keyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1' };
const synth = (more: Partial<BackupPlanProps> = {}) => synthIn((stack) => void new BackupPlan(stack, 'backups', { ...props, ...more }));

describe('a backup plan', () => {
  it('keeps a backup of every day for 35 days, and of every month where asked', () => {
    const rules = (more?: Partial<BackupPlanProps>) => (only(synth(more), 'aws_backup_plan').rule as Block[]).map(({ rule_name, lifecycle }) => [rule_name as string, lifecycle.delete_after as number]);
    expect(rules()).toEqual([['daily', 35]]);
    expect(rules({ dailyDays: 14, monthlyDays: 365 })).toEqual([['daily', 14], ['monthly', 365]]);
  });

  it('chooses what carries its tag, with a role that AWS Backup alone may take', () => {
    const json = synth({ selects: 'databases' });
    expect(only(json, 'aws_backup_selection')).toMatchObject({
      selection_tag: [{ type: 'STRINGEQUALS', key: BACKUP_TAG, value: 'databases' }], plan_id: reference(json, 'aws_backup_plan', only(json, 'aws_backup_plan'), 'id'),
      iam_role_arn: reference(json, 'aws_iam_role', only(json, 'aws_iam_role'), 'arn'),
    });
    expect(JSON.parse(only(json, 'aws_iam_role').assume_role_policy as string)).toMatchObject({ Statement: [{ Principal: { Service: 'backup.amazonaws.com' }, Action: ['sts:AssumeRole'] }] });
    expect(only(synth(), 'aws_backup_selection').selection_tag[0].value).toBe('demo');
  });

  it('keeps its vault, encrypted, unless told that it may go with what it holds', () => {
    expect(only(synth(), 'aws_backup_vault')).toMatchObject({ name: 'demo', kms_key_arn: props.keyArn, force_destroy: false, lifecycle: { prevent_destroy: true } });
    expect(only(synth({ retain: false }), 'aws_backup_vault')).toMatchObject({ force_destroy: true });
    expect(only(synth({ retain: false }), 'aws_backup_vault')).not.toHaveProperty('lifecycle');
  });

  it('locks its vault where asked, and for ever only where that is said', () => {
    expect(resources(synth(), 'aws_backup_vault_lock_configuration')).toEqual([]);
    const open = only(synth({ lock: { minDays: 7 }, monthlyDays: 365 }), 'aws_backup_vault_lock_configuration');
    expect(open).toMatchObject({ min_retention_days: 7, max_retention_days: 365 });
    expect(open).not.toHaveProperty('changeable_for_days');
    expect(only(synth({ lock: { minDays: 7, graceDays: 3 } }), 'aws_backup_vault_lock_configuration')).toMatchObject({ changeable_for_days: 3 });
  });

  it('can be changed in what its props do not say', () => {
    expect(only(synth({ transform: (config) => ({ ...config, name: 'other' }) }), 'aws_backup_plan').name).toBe('other');
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => synth({ name: 'a b', keyArn: 'alias/x', dailyDays: 0, monthlyDays: 20, lock: { minDays: 40, graceDays: 1 }, retain: false }))
      .toThrow(/name\] got: "a b"[^]*keyArn\] got: "alias\/x"[^]*dailyDays\] got: 0[^]*monthlyDays\] got: 20[^]*lock.minDays\] got: 40[^]*lock.graceDays\] got: 1[^]*retain\] got: false/);
  });
});
