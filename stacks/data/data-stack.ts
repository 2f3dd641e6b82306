import { DataAwsEksCluster } from '@cdktf/provider-aws/lib/data-aws-eks-cluster';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import type { Construct } from 'constructs';
import { BACKUP_TAG, BackupPlan, CostExport, EncryptionKey, ImageRepository, PostgresDatabase, postgresLogGroups, PrivateClients, RedisCache, SecretEntry } from '../../components/cloud';
import { Environment, servicesOf } from '../../config';
import { NetworkLookup } from '../network-lookup';
import { PlatformStack } from '../platform-stack';

/**
 * What an environment keeps outside its cluster: bills, images, databases, their backups, and places for secrets. Where `protect` is set, what holds data can be destroyed by nobody's
 * mistake; elsewhere it goes with the environment and leaves nothing.
 */
export class DataStack extends PlatformStack {
  /** Encrypts databases, images, secrets and backups. */
  readonly key: EncryptionKey;
  readonly costExport?: CostExport;
  readonly postgres?: PostgresDatabase;
  readonly redis?: RedisCache;

  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'data');
    const { postgres, redis, billingExport } = environment.data;
    this.key = this.addKey();
    this.addRepositories();
    this.addSecrets();
    if (billingExport) this.costExport = this.addCostExport();
    if (!postgres && !redis) return;
    const network = new NetworkLookup(this, 'network', this.facts.network);
    const cluster = new DataAwsEksCluster(this, 'cluster', { name: this.facts.cluster.name });
    const place = {
      vpcId: network.vpcId, subnetIds: network.subnetIds('intra'), keyArn: this.key.arn, retain: environment.protect,
      clients: { securityGroups: { nodes: cluster.vpcConfig.get(0).clusterSecurityGroupId } } satisfies PrivateClients, // which every node has, whoever started it
    };
    if (postgres) this.postgres = this.addPostgres(postgres, place);
    if (redis) {
      this.redis = new RedisCache(this, 'redis', {
        ...place, id: this.facts.cache.id, nodeType: redis.nodeType, replicas: redis.replicas, users: [{ name: this.facts.cache.user }], snapshotDays: environment.protect ? 7 : 0,
      });
    }
  }

  private addKey(): EncryptionKey {
    const { account, region, data, name } = this.environment;
    return new EncryptionKey(this, 'key', {
      alias: `${this.facts.cluster.name}-data`, description: `Databases, images, secrets and backups of ${name}`, account, region,
      logGroups: data.postgres ? postgresLogGroups(this.facts.database.identifier) : [],
      uses: [
        // RDS and Secrets Manager act with the rights of whoever makes a database; repositories and vaults keep grants that only their maker may end.
        { sid: 'DeployerMakesWhatIsEncrypted', role: this.facts.deployRoleArn, actions: ['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt', 'kms:RetireGrant'] },
        ...servicesOf(this.environment).map((service) => ({
          sid: `SecretOf${service}`, role: `arn:aws:iam::${account}:role/${this.facts.services[service].role}`, actions: ['kms:Decrypt', 'kms:DescribeKey'],
        })),
      ],
    });
  }

  private addRepositories(): void {
    const { account, protect } = this.environment;
    for (const service of servicesOf(this.environment)) {
      new ImageRepository(this, `images-${service}`, {
        name: this.facts.services[service].repository, account, keyArn: this.key.arn, publishers: [this.facts.publishRoleArn], retain: protect, forceDelete: !protect,
      });
    }
  }

  private addSecrets(): void {
    for (const service of servicesOf(this.environment)) {
      new SecretEntry(this, `secret-${service}`, {
        name: this.facts.services[service].secret, description: `What ${service} reads as the Kubernetes Secret ${service}: one JSON object with its keys`, keyArn: this.key.arn,
        recoveryDays: this.environment.protect ? 30 : 0, // a name that waits for its recovery cannot be made again
      });
    }
  }

  private addCostExport(): CostExport {
    const { account, region, protect, data } = this.environment;
    const { bucket, results, database, workgroup } = this.facts.billing;
    return new CostExport(this, 'cost', {
      account, region, bucket, resultsBucket: results, database, workgroup, retain: protect, deliveries: data.billDeliveries ?? {},
      ...(region === 'us-east-1' ? {} : { billingProvider: new AwsProvider(this, 'aws-billing', { alias: 'billing', region: 'us-east-1', allowedAccountIds: [account] }) }),
    });
  }

  private addPostgres(postgres: NonNullable<Environment['data']['postgres']>, place: {
    readonly vpcId: string; readonly subnetIds: readonly string[]; readonly keyArn: string; readonly retain: boolean; readonly clients: PrivateClients;
  }): PostgresDatabase {
    const { protect, retention } = this.environment;
    const { identifier, name } = this.facts.database;
    if (protect) { // elsewhere RDS' own backups are enough, and go with the database
      new BackupPlan(this, 'backups', { name: identifier, keyArn: this.key.arn, dailyDays: 35, monthlyDays: 365, lock: { minDays: 7 } });
    }
    return new PostgresDatabase(this, 'postgres', {
      ...place, identifier, databaseName: name, instanceClass: postgres.instanceClass, storageGiB: postgres.storageGiB, multiAz: postgres.multiAz, backupDays: postgres.backupDays,
      logDays: retention.logsDays, ...(protect ? { tags: { [BACKUP_TAG]: identifier } } : {}),
    });
  }
}
