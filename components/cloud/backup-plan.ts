import { BackupPlan as BackupPlanResource, BackupPlanConfig } from '@cdktf/provider-aws/lib/backup-plan';
import { BackupSelection } from '@cdktf/provider-aws/lib/backup-selection';
import { BackupVault } from '@cdktf/provider-aws/lib/backup-vault';
import { BackupVaultLockConfiguration } from '@cdktf/provider-aws/lib/backup-vault-lock-configuration';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { ServiceRole } from './service-role';

/** Tag by which resources say that they are backed up. */
export const BACKUP_TAG = 'backup';

/** Props of {@link BackupPlan}. */
export interface BackupPlanProps {
  /** Name of vault and plan; its roles' names begin with it. */
  readonly name: string;
  /** ARN of the key of KMS that encrypts the vault. */
  readonly keyArn: string;
  /** Value of the tag `backup` that chooses what is backed up. @default - the name */
  readonly selects?: string;
  /** Days that a day's backup is kept. @default 35 */
  readonly dailyDays?: number;
  /** Days that a month's first backup is kept. @default - none is made for the month */
  readonly monthlyDays?: number;
  /**
   * Whether nobody may delete backups before their time, whatever their rights, unless they first take this lock away, which is seen in the trail. With `graceDays` (3 or more) the
   * lock can never be taken away once they are over: not by you, nor by AWS.
   *
   * @default - no lock
   */
  readonly lock?: { readonly minDays: number; readonly graceDays?: number };
  /** Whether Terraform refuses to destroy the vault. @default true */
  readonly retain?: boolean;
  /** The way out: gets the finished configuration of the plan and returns the one to use. @default - as built here */
  readonly transform?: (config: BackupPlanConfig) => BackupPlanConfig;
}

/** Backups that outlive what they are of: a vault, a plan of when, and a tag that says of what. */
export class BackupPlan extends Construct {
  readonly vault: BackupVault;
  readonly plan: BackupPlanResource;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, props: BackupPlanProps) {
    super(scope, id);
    refuse(`the backup plan ${show(props.name)} cannot be built`, planFaults(props, this.node.path));
    const { name, keyArn, lock, dailyDays = 35, monthlyDays } = props;
    const retain = props.retain ?? true;
    this.vault = new BackupVault(this, 'Vault', { name, kmsKeyArn: keyArn, forceDestroy: !retain, ...(retain ? { lifecycle: { preventDestroy: true } } : {}) });
    if (lock) {
      new BackupVaultLockConfiguration(this, 'Lock', {
        backupVaultName: this.vault.name, minRetentionDays: lock.minDays, maxRetentionDays: Math.max(dailyDays, monthlyDays ?? 0),
        ...(lock.graceDays === undefined ? {} : { changeableForDays: lock.graceDays }),
      });
    }
    const rule = (ruleName: string, schedule: string, deleteAfter: number) => ({
      ruleName, schedule, targetVaultName: this.vault.name, startWindow: 60, completionWindow: 360, lifecycle: { deleteAfter }, // minutes; days
    });
    const config: BackupPlanConfig = {
      name,
      rule: [
        rule('daily', 'cron(0 4 * * ? *)', dailyDays), // UTC, after the database's own
        ...(monthlyDays === undefined ? [] : [rule('monthly', 'cron(0 5 1 * ? *)', monthlyDays)]),
      ],
    };
    this.plan = new BackupPlanResource(this, 'Resource', props.transform?.(config) ?? config);
    const role = new ServiceRole(this, 'Role', {
      name: `${name}-backup`, description: `Backs up what carries the tag ${BACKUP_TAG} ${props.selects ?? name}`, assumedBy: 'backup.amazonaws.com',
      managedPolicies: ['arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup', 'arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores'],
    });
    new BackupSelection(this, 'Selection', {
      name, planId: this.plan.id, iamRoleArn: role.arn, selectionTag: [{ type: 'STRINGEQUALS', key: BACKUP_TAG, value: props.selects ?? name }], dependsOn: [...role.permissions],
    });
  }
}

function planFaults(props: BackupPlanProps, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  const days = (value: number, least: number) => Number.isInteger(value) && value >= least;
  const { name, keyArn, lock, dailyDays = 35, monthlyDays } = props;
  need(/^[A-Za-z0-9_-]{2,43}$/.test(name), 'name', name, "2 to 43 letters, digits, '_' and '-'", 'choose such a name');
  need(/^(arn:aws:kms:|\$\{)/.test(keyArn), 'keyArn', keyArn, 'the ARN of a key', 'give the ARN');
  need(days(dailyDays, 1), 'dailyDays', dailyDays, 'a whole number of days, 1 or more', 'set it, or leave it out for 35');
  need(monthlyDays === undefined || days(monthlyDays, 31), 'monthlyDays', monthlyDays, '31 whole days or more', 'set it, or leave it out: the daily ones cover less');
  if (!lock) return faults;
  const shortest = Math.min(dailyDays, monthlyDays ?? dailyDays);
  need(days(lock.minDays, 1) && lock.minDays <= shortest, 'lock.minDays', lock.minDays, `1 to ${shortest}`, 'set it to what is kept, at most: the vault refuses backups that end sooner');
  need(lock.graceDays === undefined || days(lock.graceDays, 3), 'lock.graceDays', lock.graceDays, '3 whole days or more', 'set it, or leave it out for a lock that can be taken away');
  need(props.retain ?? true, 'retain', props.retain, 'true where there is a lock', 'leave out the lock: a locked vault with backups cannot be destroyed');
  return faults;
}
