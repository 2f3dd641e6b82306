import { describe, expect, it } from 'vitest';
import { POSTGRES_VERSIONS, PostgresDatabase, PostgresDatabaseProps, postgresLogGroups } from '../../../components/cloud';
import { Block, only, reference, resources, synthIn, SynthesizedStack } from '../../support/synth-stack';

const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/1';
const props: PostgresDatabaseProps = {
  identifier: 'demo', databaseName: 'shop', instanceClass: 'db.t4g.medium', storageGiB: 50, vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'],
  clients: { securityGroups: { cluster: 'sg-cluster' } }, keyArn: KEY,
};
const synth = (more: Partial<PostgresDatabaseProps> = {}) => synthIn((stack) => void new PostgresDatabase(stack, 'database', { ...props, ...more }));
const instance = (more?: Partial<PostgresDatabaseProps>) => only(synth(more), 'aws_db_instance');
const parameters = (json: SynthesizedStack) => Object.fromEntries((only(json, 'aws_db_parameter_group').parameter as Block[]).map(({ name, value }) => [name as string, value as string]));

describe('PostgreSQL on RDS', () => {
  it('has no password anywhere: RDS makes it and keeps it', () => {
    const json = synth();
    const database = only(json, 'aws_db_instance');
    expect(database).toMatchObject({ username: 'postgres', manage_master_user_password: true, master_user_secret_kms_key_id: KEY, iam_database_authentication_enabled: true });
    expect(Object.keys(database).filter((key) => /password/.test(key))).toEqual(['manage_master_user_password']);
    expect(resources(json, 'random_password')).toEqual([]);
    expect(resources(json, 'aws_secretsmanager_secret_version')).toEqual([]);
  });

  it('refuses connections without TLS', () => {
    const json = synth();
    expect(parameters(json)['rds.force_ssl']).toBe('1');
    expect(only(json, 'aws_db_instance').parameter_group_name).toBe(reference(json, 'aws_db_parameter_group', only(json, 'aws_db_parameter_group'), 'name'));
    expect(only(json, 'aws_db_parameter_group').lifecycle).toEqual({ create_before_destroy: true });
  });

  it('is encrypted by the given key in storage, insights and logs', () => {
    const json = synth();
    expect(only(json, 'aws_db_instance')).toMatchObject({ storage_encrypted: true, kms_key_id: KEY, performance_insights_enabled: true, performance_insights_kms_key_id: KEY });
    expect(resources(json, 'aws_cloudwatch_log_group').map(({ kms_key_id }) => kms_key_id as string)).toEqual([KEY, KEY]);
  });

  it('is reached on its port by its clients, and by nobody else, and reaches nobody', () => {
    const json = synth({ clients: { securityGroups: { cluster: 'sg-cluster' }, cidrs: ['10.10.0.0/20'] } });
    const group = only(json, 'aws_security_group');
    expect(group).not.toHaveProperty('ingress');
    expect(resources(json, 'aws_vpc_security_group_egress_rule')).toEqual([]);
    const port = { from_port: 5432, to_port: 5432, ip_protocol: 'tcp', security_group_id: reference(json, 'aws_security_group', group, 'id') };
    expect(resources(json, 'aws_vpc_security_group_ingress_rule')).toEqual(expect.arrayContaining([
      expect.objectContaining({ ...port, referenced_security_group_id: 'sg-cluster' }), expect.objectContaining({ ...port, cidr_ipv4: '10.10.0.0/20' }),
    ]));
    expect(resources(json, 'aws_vpc_security_group_ingress_rule')).toHaveLength(2);
    expect(only(json, 'aws_db_instance')).toMatchObject({ publicly_accessible: false, vpc_security_group_ids: [port.security_group_id] });
  });

  it('survives by default: protected, with backups, a standby and a last snapshot', () => {
    expect(instance()).toMatchObject({
      deletion_protection: true, skip_final_snapshot: false, final_snapshot_identifier: 'demo-final', delete_automated_backups: false, backup_retention_period: 7, multi_az: true,
      copy_tags_to_snapshot: true, lifecycle: { prevent_destroy: true },
    });
  });

  it('leaves nothing where it need not survive', () => {
    const database = instance({ retain: false, multiAz: false, backupDays: 1 });
    expect(database).toMatchObject({ deletion_protection: false, skip_final_snapshot: true, delete_automated_backups: true, backup_retention_period: 1, multi_az: false });
    expect(database).not.toHaveProperty('final_snapshot_identifier');
    expect(database).not.toHaveProperty('lifecycle');
  });

  it('runs a version in standard support, takes minor ones by itself and no major one', () => {
    const newest = Object.keys(POSTGRES_VERSIONS).sort().at(-1)!;
    expect(instance()).toMatchObject({ engine: 'postgres', engine_version: newest, auto_minor_version_upgrade: true, allow_major_version_upgrade: false });
    expect(only(synth({ version: '16' }), 'aws_db_parameter_group')).toMatchObject({ family: 'postgres16', name: 'demo-postgres16' });
    for (const { standardUntil } of Object.values(POSTGRES_VERSIONS)) expect(new Date(standardUntil).getTime()).toBeGreaterThan(Date.UTC(2026, 10, 21));
  });

  it('writes its logs where they end, once those places are there', () => {
    const json = synth({ logDays: 90 });
    const groups = resources(json, 'aws_cloudwatch_log_group');
    expect(groups.map(({ name, retention_in_days }) => [name as string, retention_in_days as number])).toEqual(postgresLogGroups('demo').map((name) => [name, 90]));
    expect(postgresLogGroups('demo')).toEqual(['/aws/rds/instance/demo/postgresql', '/aws/rds/instance/demo/upgrade']);
    const database = only(json, 'aws_db_instance');
    expect(database.enabled_cloudwatch_logs_exports).toEqual(['postgresql', 'upgrade']);
    expect(database.depends_on).toEqual(expect.arrayContaining(groups.map((group) => reference(json, 'aws_cloudwatch_log_group', group, 'x').slice(2, -3))));
    expect(parameters(json).log_statement).toBe('ddl'); // `all` would write what people store
  });

  it('is watched from inside by a role that can do nothing else', () => {
    const json = synth();
    const role = only(json, 'aws_iam_role');
    expect(only(json, 'aws_db_instance')).toMatchObject({ monitoring_interval: 60, monitoring_role_arn: reference(json, 'aws_iam_role', role, 'arn') });
    expect(resources(json, 'aws_iam_role_policy_attachment').map(({ policy_arn }) => policy_arn as string)).toEqual(['arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole']);
  });

  it('grows by itself to twice of what it has, or as told', () => {
    expect(instance()).toMatchObject({ allocated_storage: 50, max_allocated_storage: 100, storage_type: 'gp3' });
    expect(instance({ maxStorageGiB: 500 })).toMatchObject({ max_allocated_storage: 500 });
  });

  it('can be changed in what its props do not say', () => {
    expect(instance({ transform: (config) => ({ ...config, iops: 12000 }) })).toMatchObject({ iops: 12000, identifier: 'demo' });
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => synth({
      identifier: 'Demo', databaseName: 'my-shop', instanceClass: 'm7g.large', storageGiB: 5, maxStorageGiB: 6, backupDays: 0, version: '12', subnetIds: ['subnet-1'], keyArn: 'alias/x', username: 'admin',
      logDays: 8, clients: {},
    })).toThrow(/clients\] got: nobody[^]*identifier\] got: "Demo"[^]*databaseName\] got: "my-shop"[^]*instanceClass\] got: "m7g.large"[^]*storageGiB\] got: 5[^]*maxStorageGiB\] got: 6; allowed: 7 to[^]*backupDays\] got: 0[^]*version\] got: "12"; allowed: 15, 16, 17[^]*subnetIds\][^]*keyArn\] got: "alias\/x"[^]*username\] got: "admin"[^]*logDays\] got: 8/);
  });

  it.each(['0.0.0.0/0', '10.0.0.0/8', '203.0.113.0/24', '10.10.0.1/20', 'everywhere'])('is not opened to %s', (block) => {
    expect(() => synth({ clients: { cidrs: [block] } })).toThrow(/clients.cidrs\] got: .*; allowed: a private IPv4 block of \/16 or smaller/);
  });
});
