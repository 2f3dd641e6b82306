import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DbInstance, DbInstanceConfig } from '@cdktf/provider-aws/lib/db-instance';
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group';
import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { POSTGRES_VERSION, POSTGRES_VERSIONS } from './database-versions';
import { exempt } from './exempt';
import { logRetentionFaults } from './log-retention';
import { clientFaults, PrivateAccess, PrivateClients } from './private-access';
import { ServiceRole } from './service-role';

/** Port PostgreSQL listens on. */
export const POSTGRES_PORT = 5432;

/** What PostgreSQL itself writes, and what its upgrades write. */
const LOGS = ['postgresql', 'upgrade'] as const;

/** Names of the log groups that RDS writes to, for a key that encrypts them. */
export function postgresLogGroups(identifier: string): string[] {
  return LOGS.map((log) => `/aws/rds/instance/${identifier}/${log}`);
}

/** Props of {@link PostgresDatabase}. */
export interface PostgresDatabaseProps {
  /** Identifier of the instance; prefixes everything of it. */
  readonly identifier: string;
  /** Name of the database in it. */
  readonly databaseName: string;
  /** RDS instance class, e.g. `db.t4g.medium`. */
  readonly instanceClass: string;
  /** GiB at first, 20 to 65536. */
  readonly storageGiB: number;
  /** GiB it may grow to by itself. @default - twice of what it has at first */
  readonly maxStorageGiB?: number;
  /** Whether a standby in another zone takes over. @default true */
  readonly multiAz?: boolean;
  /** Days that automatic backups are kept, 1 to 35: it can be brought back to any second of them. @default 7 */
  readonly backupDays?: number;
  /** Major version. @default - the newest of {@link POSTGRES_VERSIONS} */
  readonly version?: string;
  readonly vpcId: string;
  /** Subnets of two zones or more, without a way in from the internet. */
  readonly subnetIds: readonly string[];
  readonly clients: PrivateClients;
  /** ARN of the key of KMS for storage, backups, logs, insights and the secret of the password. It cannot be changed later. */
  readonly keyArn: string;
  /** Name of the user that RDS makes. Its password is RDS' own: made, kept in Secrets Manager and changed every week by it. @default postgres */
  readonly username?: string;
  /** Days that logs are kept, a number CloudWatch knows. @default 30 */
  readonly logDays?: number;
  /** Whether neither Terraform nor anybody else can delete it by mistake, and a last snapshot is taken if somebody does. @default true */
  readonly retain?: boolean;
  /** Tags of the instance itself, e.g. one by which backups choose it. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  /** The way out: gets the finished configuration of the instance and returns the one to use. @default - as built here */
  readonly transform?: (config: DbInstanceConfig) => DbInstanceConfig;
}

/**
 * PostgreSQL on RDS: private, encrypted, TLS only, its password known to nobody who deploys it, its own roles let in by IAM.
 *
 * No password is in the configuration, the plan or the state: RDS makes it. Services log in with a token of IAM (`rds-db:connect`), for which a user needs
 * `GRANT rds_iam` once.
 */
export class PostgresDatabase extends Construct {
  readonly access: PrivateAccess;
  readonly instance: DbInstance;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, id: string, private readonly props: PostgresDatabaseProps) {
    super(scope, id);
    refuse(`the database ${show(props.identifier)} cannot be built`, databaseFaults(props, this.node.path));
    const { identifier, vpcId, clients, keyArn } = props;
    const retain = props.retain ?? true;
    this.access = new PrivateAccess(this, 'Access', { name: `${identifier}-postgres`, description: `Who connects to the database ${identifier}`, vpcId, port: POSTGRES_PORT, clients });
    const subnets = new DbSubnetGroup(this, 'Subnets', { name: identifier, description: `Subnets of the database ${identifier}`, subnetIds: [...props.subnetIds] });
    const monitoring = new ServiceRole(this, 'Monitoring', {
      name: `${identifier}-rds-monitoring`, description: `Writes what the operating system of ${identifier} does`, assumedBy: 'monitoring.rds.amazonaws.com',
      managedPolicies: ['arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole'],
    });
    // RDS would make them without an end and without the key.
    const logs = postgresLogGroups(identifier).map((name, index) => new CloudwatchLogGroup(this, `Logs ${LOGS[index]!}`, { name, retentionInDays: props.logDays ?? 30, kmsKeyId: keyArn }));
    const config: DbInstanceConfig = {
      ...this.engine(), ...this.storage(), ...this.login(), ...this.observation(monitoring.arn), ...this.upkeep(retain),
      dbSubnetGroupName: subnets.name, vpcSecurityGroupIds: [this.access.securityGroup.id], publiclyAccessible: false, port: POSTGRES_PORT,
      multiAz: props.multiAz ?? true,
      ...(props.tags ? { tags: { ...props.tags } } : {}),
      ...(retain ? { lifecycle: { preventDestroy: true } } : {}),
      dependsOn: [...logs, ...monitoring.permissions],
    };
    this.instance = new DbInstance(this, 'Resource', props.transform?.(config) ?? config);
    this.exempt(retain, logs);
  }

  private engine() {
    const { identifier, instanceClass, databaseName, version = POSTGRES_VERSION } = this.props;
    const parameters = new DbParameterGroup(this, 'Parameters', {
      name: `${identifier}-postgres${version}`, family: `postgres${version}`, description: `Settings of the database ${identifier}`,
      parameter: [
        { name: 'rds.force_ssl', value: '1' },
        { name: 'log_statement', value: 'ddl' }, // not more: statements hold what they write
        { name: 'log_min_duration_statement', value: '1000' }, // milliseconds
        { name: 'log_connections', value: '1' },
        { name: 'log_disconnections', value: '1' },
      ],
      lifecycle: { createBeforeDestroy: true }, // the instance holds the old one until it has the new one
    });
    return { identifier, engine: 'postgres', engineVersion: version, instanceClass, dbName: databaseName, parameterGroupName: parameters.name, caCertIdentifier: 'rds-ca-rsa2048-g1' };
  }

  private storage() {
    const { storageGiB, keyArn, maxStorageGiB = Math.min(2 * storageGiB, 65_536) } = this.props;
    return { allocatedStorage: storageGiB, maxAllocatedStorage: maxStorageGiB, storageType: 'gp3', storageEncrypted: true, kmsKeyId: keyArn };
  }

  private login() {
    const { username = 'postgres', keyArn } = this.props;
    return { username, manageMasterUserPassword: true, masterUserSecretKmsKeyId: keyArn, iamDatabaseAuthenticationEnabled: true };
  }

  private observation(monitoringRoleArn: string) {
    return {
      enabledCloudwatchLogsExports: [...LOGS], monitoringInterval: 60, monitoringRoleArn,
      performanceInsightsEnabled: true, performanceInsightsKmsKeyId: this.props.keyArn, performanceInsightsRetentionPeriod: 7, databaseInsightsMode: 'standard', // a week costs nothing
    };
  }

  private upkeep(retain: boolean) {
    return {
      backupRetentionPeriod: this.props.backupDays ?? 7, backupWindow: '01:00-02:00', maintenanceWindow: 'tue:02:30-tue:03:30', // UTC; on a day people are there the morning after
      copyTagsToSnapshot: true, deleteAutomatedBackups: !retain, deletionProtection: retain, skipFinalSnapshot: !retain,
      ...(retain ? { finalSnapshotIdentifier: `${this.props.identifier}-final` } : {}),
      autoMinorVersionUpgrade: true, allowMajorVersionUpgrade: false, applyImmediately: false,
    };
  }

  private exempt(retain: boolean, logs: readonly CloudwatchLogGroup[]): void {
    exempt(this.instance, {
      ...(retain ? {} : { CKV_AWS_293: 'what it holds may go with the environment, and destroying that must leave nothing' }),
      ...(this.props.multiAz ?? true ? {} : { CKV_AWS_157: 'a standby doubles the price; here an hour without the database costs less' }),
    });
    if ((this.props.logDays ?? 30) < 365) logs.forEach((group) => exempt(group, { CKV_AWS_338: 'logs are kept for as long as the environment decides; a year of them is for audits, which ask the trail' }));
  }
}

function databaseFaults(props: PostgresDatabaseProps, path: string): Fault[] {
  const faults = clientFaults(props.clients, path);
  const need = needInto(faults, path);
  const { identifier, databaseName, instanceClass, storageGiB, maxStorageGiB, backupDays = 7, version = POSTGRES_VERSION, subnetIds, keyArn, username = 'postgres', logDays = 30 } = props;
  const gibibytes = (value: number, least: number) => Number.isInteger(value) && value >= least && value <= 65_536;
  need(/^(?!.*--)[a-z][a-z0-9-]{0,45}[a-z0-9]$/.test(identifier), 'identifier', identifier, "2 to 47 lower-case letters, digits and single '-', a letter first", 'choose such a name: names of roles and groups follow from it');
  need(/^[a-z][a-z0-9_]{0,62}$/.test(databaseName), 'databaseName', databaseName, "lower-case letters, digits and '_', a letter first", 'choose such a name: in SQL, others need quotes');
  need(/^db\.[a-z]+[0-9]+[a-z]*\.[a-z0-9]+$/.test(instanceClass), 'instanceClass', instanceClass, 'an RDS instance class such as db.t4g.medium', 'name one');
  need(gibibytes(storageGiB, 20), 'storageGiB', storageGiB, '20 to 65536 whole GiB', 'set it');
  need(maxStorageGiB === undefined || gibibytes(maxStorageGiB, Math.ceil(storageGiB * 1.26)), 'maxStorageGiB', maxStorageGiB, `${Math.ceil(storageGiB * 1.26)} to 65536 whole GiB`,
    'set it, or leave it out: RDS grows by a quarter at least');
  need(Number.isInteger(backupDays) && backupDays >= 1 && backupDays <= 35, 'backupDays', backupDays, '1 to 35 whole days', 'set it, or leave it out for 7');
  need(version in POSTGRES_VERSIONS, 'version', version, Object.keys(POSTGRES_VERSIONS).join(', '), 'choose a major version in standard support');
  need(subnetIds.length >= 2 || (subnetIds.length === 1 && subnetIds[0]!.startsWith('#{')), 'subnetIds', subnetIds, 'subnets of two zones or more', 'name them: RDS wants two even without a standby');
  need(/^(arn:aws:kms:|\$\{)/.test(keyArn), 'keyArn', keyArn, 'the ARN of a key', 'give the ARN: RDS keeps it, and an alias may come to mean another key');
  need(/^[a-z][a-z0-9_]{0,62}$/.test(username) && !['rdsadmin', 'admin', 'rds_superuser'].includes(username), 'username', username, "lower-case letters, digits and '_', not one of RDS itself", 'choose such a name');
  return [...faults, ...logRetentionFaults(logDays, `${path} logDays`)];
}
