import { describe, expect, it } from 'vitest';
import { RedisCache, RedisCacheProps } from '../../../components/cloud';
import { only, reference, resources, synthIn } from '../../support/synth-stack';

const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/1';
const props: RedisCacheProps = {
  id: 'demo', nodeType: 'cache.t4g.small', users: [{ name: 'demo-services' }], vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'], clients: { securityGroups: { cluster: 'sg-cluster' } }, keyArn: KEY,
};
const synth = (more: Partial<RedisCacheProps> = {}) => synthIn((stack) => void new RedisCache(stack, 'cache', { ...props, ...more }));
const group = (more?: Partial<RedisCacheProps>) => only(synth(more), 'aws_elasticache_replication_group');

describe('a cache', () => {
  it('has no password and no token anywhere: IAM says who logs in', () => {
    const json = synth({ users: [{ name: 'demo-services' }, { name: 'demo-reports', access: 'on ~report:* +@read' }] });
    const users = resources(json, 'aws_elasticache_user');
    expect(users).toHaveLength(2);
    for (const user of users) {
      expect(user).toMatchObject({ engine: 'valkey', authentication_mode: { type: 'iam' }, user_id: user.user_name as string });
      expect(Object.keys(user)).not.toContain('passwords');
      expect(Object.keys(user)).not.toContain('no_password_required');
    }
    expect(users.map(({ access_string }) => access_string as string).sort()).toEqual(['on ~* &* +@all -@admin -@dangerous', 'on ~report:* +@read']);
    const cache = only(json, 'aws_elasticache_replication_group');
    const userGroup = only(json, 'aws_elasticache_user_group');
    expect(cache.user_group_ids).toEqual([reference(json, 'aws_elasticache_user_group', userGroup, 'user_group_id')]);
    expect(userGroup.user_ids).toEqual(expect.arrayContaining(users.map((user) => reference(json, 'aws_elasticache_user', user, 'user_id'))));
    expect(Object.keys(cache).filter((key) => /auth_token|password/.test(key))).toEqual([]);
  });

  it('is encrypted at rest by the given key, and takes no connection without TLS', () => {
    expect(group()).toMatchObject({ at_rest_encryption_enabled: 'true', kms_key_id: KEY, transit_encryption_enabled: true, transit_encryption_mode: 'required' });
  });

  it('is reached on its port by its clients only', () => {
    const json = synth();
    const security = reference(json, 'aws_security_group', only(json, 'aws_security_group'), 'id');
    expect(only(json, 'aws_vpc_security_group_ingress_rule')).toMatchObject({ security_group_id: security, from_port: 6379, to_port: 6379, referenced_security_group_id: 'sg-cluster' });
    expect(only(json, 'aws_elasticache_replication_group').security_group_ids).toEqual([security]);
  });

  it('has another zone take over where it has replicas, and asks for that nowhere else', () => {
    expect(group({ replicas: 2 })).toMatchObject({ num_cache_clusters: 3, automatic_failover_enabled: true, multi_az_enabled: true });
    expect(group({ replicas: 0 })).toMatchObject({ num_cache_clusters: 1, automatic_failover_enabled: false, multi_az_enabled: false });
  });

  it('survives by default, and leaves nothing where it need not', () => {
    expect(group()).toMatchObject({ snapshot_retention_limit: 7, final_snapshot_identifier: 'demo-final', lifecycle: { prevent_destroy: true } });
    const fleeting = group({ retain: false, snapshotDays: 0 });
    expect(fleeting.snapshot_retention_limit).toBe(0);
    for (const key of ['final_snapshot_identifier', 'snapshot_window', 'lifecycle']) expect(fleeting).not.toHaveProperty(key);
  });

  it('can be changed in what its props do not say', () => {
    expect(group({ transform: (config) => ({ ...config, parameterGroupName: 'mine' }) })).toMatchObject({ parameter_group_name: 'mine', replication_group_id: 'demo' });
  });

  it('refuses everything that is wrong at once', () => {
    expect(() => synth({
      id: 'Demo', nodeType: 'db.t4g.micro', replicas: 6, subnetIds: [], keyArn: 'alias/x', snapshotDays: 36, clients: {},
      users: [{ name: 'default' }, { name: 'a-user', access: 'on ~* +@all >hunter2' }, { name: 'a-user' }],
    })).toThrow(/clients\] got: nobody[^]*id\] got: "Demo"[^]*nodeType\] got: "db.t4g.micro"[^]*replicas\] got: 6[^]*subnetIds\][^]*keyArn\] got: "alias\/x"[^]*snapshotDays\] got: 36[^]*names that differ[^]*users\] got: "default"[^]*users a-user\] got: "an access string with a password rule"/);
    expect(() => synth({ users: [] })).toThrow(/users\] got: \[\]; allowed: a user, at least/);
  });

  it('does not repeat a password that was given by mistake', () => {
    for (const access of ['on ~* +@all >hunter2', '#5e884898 on ~* +@all', 'on nopass ~* +@all']) {
      expect(() => synth({ users: [{ name: 'a-user', access }] })).toThrow(/leave passwords out/);
      expect(() => synth({ users: [{ name: 'a-user', access }] })).not.toThrow(/hunter2|5e884898/);
    }
  });
});
