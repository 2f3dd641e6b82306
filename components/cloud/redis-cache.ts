import { ElasticacheReplicationGroup, ElasticacheReplicationGroupConfig } from '@cdktf/provider-aws/lib/elasticache-replication-group';
import { ElasticacheSubnetGroup } from '@cdktf/provider-aws/lib/elasticache-subnet-group';
import { ElasticacheUser } from '@cdktf/provider-aws/lib/elasticache-user';
import { ElasticacheUserGroup } from '@cdktf/provider-aws/lib/elasticache-user-group';
import { Construct } from 'constructs';
import { Fault, needInto, refuse, show } from '../../base/faults';
import { CACHE_ENGINE } from './database-versions';
import { exempt } from './exempt';
import { clientFaults, PrivateAccess, PrivateClients } from './private-access';

/** Port Valkey and Redis listen on. */
export const CACHE_PORT = 6379;

/** What a user may do who is given nothing else: every key and channel, no command that manages the cache or stops it for others. */
const DEFAULT_ACCESS = 'on ~* &* +@all -@admin -@dangerous';

/** Somebody who logs in. */
export interface CacheUser {
  /** Lower-case letters, digits and '-', unique in the account and region. */
  readonly name: string;
  /** Keys, channels and commands, as the ACLs of Valkey write them; never a password. @default - every key, no command that manages the cache */
  readonly access?: string;
}

/** Props of {@link RedisCache}. */
export interface RedisCacheProps {
  /** Id of the replication group; prefixes everything of it. */
  readonly id: string;
  /** ElastiCache node type, e.g. `cache.t4g.small`. */
  readonly nodeType: string;
  /** Copies besides the primary, 0 to 5, in other zones; with one or more, one of them takes over. @default 1 */
  readonly replicas?: number;
  /** Who may log in, each with a token of IAM. */
  readonly users: readonly CacheUser[];
  readonly vpcId: string;
  /** Subnets without a way in from the internet, of two zones or more if there are replicas. */
  readonly subnetIds: readonly string[];
  readonly clients: PrivateClients;
  /** ARN of the key of KMS for what it stores and backs up. It cannot be changed later. */
  readonly keyArn: string;
  /** Days that daily snapshots are kept, 0 to 35. @default 7 */
  readonly snapshotDays?: number;
  /** Whether Terraform refuses to destroy it, and a last snapshot is taken if somebody does. @default true */
  readonly retain?: boolean;
  /** The way out: gets the finished configuration of the replication group and returns the one to use. @default - as built here */
  readonly transform?: (config: ElasticacheReplicationGroupConfig) => ElasticacheReplicationGroupConfig;
}

/**
 * A cache that speaks Redis (Valkey on ElastiCache): private, encrypted at rest and in transit, without a password.
 *
 * A token for AUTH would stand in the state. Here users log in as IAM roles do: with a signed request that is good for a quarter of an hour, made by a role that may
 * `elasticache:Connect` to both the cache and the user.
 */
export class RedisCache extends Construct {
  readonly access: PrivateAccess;
  readonly group: ElasticacheReplicationGroup;

  /** @throws FaultError with every prop that is not usable */
  constructor(scope: Construct, constructId: string, props: RedisCacheProps) {
    super(scope, constructId);
    refuse(`the cache ${show(props.id)} cannot be built`, cacheFaults(props, this.node.path));
    const { id, vpcId, clients, keyArn, replicas = 1, snapshotDays = 7 } = props;
    const { engine, version } = CACHE_ENGINE;
    const retain = props.retain ?? true;
    this.access = new PrivateAccess(this, 'Access', { name: `${id}-cache`, description: `Who connects to the cache ${id}`, vpcId, port: CACHE_PORT, clients });
    const subnets = new ElasticacheSubnetGroup(this, 'Subnets', { name: id, description: `Subnets of the cache ${id}`, subnetIds: [...props.subnetIds] });
    // ElastiCache wants both names to be the same for a user that IAM lets in.
    const users = props.users.map(({ name, access }) => new ElasticacheUser(this, `User ${name}`, {
      userId: name, userName: name, engine, accessString: access ?? DEFAULT_ACCESS, authenticationMode: { type: 'iam' },
    }));
    const userGroup = new ElasticacheUserGroup(this, 'Users', { userGroupId: id, engine, userIds: users.map(({ userId }) => userId) });
    const config: ElasticacheReplicationGroupConfig = {
      replicationGroupId: id, description: `Cache of ${id}`, engine, engineVersion: version, nodeType: props.nodeType, port: CACHE_PORT,
      numCacheClusters: 1 + replicas, automaticFailoverEnabled: replicas > 0, multiAzEnabled: replicas > 0,
      subnetGroupName: subnets.name, securityGroupIds: [this.access.securityGroup.id], userGroupIds: [userGroup.userGroupId],
      transitEncryptionEnabled: true, transitEncryptionMode: 'required', atRestEncryptionEnabled: 'true', kmsKeyId: keyArn,
      snapshotRetentionLimit: snapshotDays, ...(snapshotDays > 0 ? { snapshotWindow: '01:00-02:00' } : {}), maintenanceWindow: 'tue:02:30-tue:03:30', // UTC
      autoMinorVersionUpgrade: 'true', applyImmediately: false,
      ...(retain ? { finalSnapshotIdentifier: `${id}-final`, lifecycle: { preventDestroy: true } } : {}),
    };
    this.group = new ElasticacheReplicationGroup(this, 'Resource', props.transform?.(config) ?? config);
    if (replicas === 0) exempt(this.group, { CKV2_AWS_50: 'nothing can take over where there is no replica; one doubles the price' });
  }
}

function cacheFaults(props: RedisCacheProps, path: string): Fault[] {
  const faults = clientFaults(props.clients, path);
  const need = needInto(faults, path);
  const { id, nodeType, replicas = 1, users, subnetIds, keyArn, snapshotDays = 7 } = props;
  const name = /^(?!.*--)[a-z][a-z0-9-]{0,38}[a-z0-9]$/;
  need(name.test(id), 'id', id, "2 to 40 lower-case letters, digits and single '-', a letter first", 'choose such an id');
  need(/^cache\.[a-z]+[0-9]+[a-z]*\.[a-z0-9]+$/.test(nodeType), 'nodeType', nodeType, 'an ElastiCache node type such as cache.t4g.small', 'name one');
  need(Number.isInteger(replicas) && replicas >= 0 && replicas <= 5, 'replicas', replicas, '0 to 5', 'set it, or leave it out for 1');
  need(subnetIds.length >= (replicas > 0 ? 2 : 1) || (subnetIds[0] ?? '').startsWith('#{'), 'subnetIds', subnetIds, replicas > 0 ? 'subnets of two zones or more' : 'a subnet', 'name them');
  need(/^(arn:aws:kms:|\$\{)/.test(keyArn), 'keyArn', keyArn, 'the ARN of a key', 'give the ARN: ElastiCache keeps it, and an alias may come to mean another key');
  need(Number.isInteger(snapshotDays) && snapshotDays >= 0 && snapshotDays <= 35, 'snapshotDays', snapshotDays, '0 to 35 whole days', 'set it, or leave it out for 7');
  need(users.length > 0, 'users', users, 'a user, at least', 'name who logs in: without users everybody may do everything');
  need(new Set(users.map((user) => user.name)).size === users.length, 'users', users.map((user) => user.name), 'names that differ', 'name each user once');
  users.forEach((user) => {
    need(name.test(user.name) && user.name !== 'default', 'users', user.name, "lower-case letters, digits and '-', not default", 'choose such a name: what calls itself default never logs in');
    // What follows > or # is a password, or its hash.
    need(!/(^|\s)(>|#|<|!|nopass\b|resetpass\b)/.test(user.access ?? DEFAULT_ACCESS), `users ${user.name}`, 'an access string with a password rule', 'keys, channels and commands', 'leave passwords out: IAM says who it is');
  });
  return faults;
}
