import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { environment as environmentOf, environments, servicesOf } from '../../config';
import type { Environment } from '../../config';
import { factsOf } from '../../config/facts';
import { DataStack } from '../../stacks/data/data-stack';
import { IdentityStack } from '../../stacks/identity/identity-stack';
import { Block, only, reference, resources, synthStack, SynthesizedStack } from '../support/synth-stack';

const synth = (environment: Environment) => synthStack((app: App) => new DataStack(app, environment));

/** Types whose destruction loses what people gave them. */
const HOLDS_DATA = ['aws_db_instance', 'aws_elasticache_replication_group', 'aws_ecr_repository', 'aws_backup_vault'];
const bills = (json: SynthesizedStack, facts = factsOf(environmentOf('dev'))) => only(json, 'aws_s3_bucket', { bucket: facts.billing.bucket });

/** Names of the Secrets that workloads of `dist/` refer to and nobody synthesizes, among those of our services. */
function expectedSecrets(environment: string): string[] {
  return servicesOf(environmentOf(environment)).filter((service) => {
    const folder = join('dist', environment, service);
    const annotations = readdirSync(folder).flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((each) => {
      return (each.toJS() as { metadata?: { annotations?: Record<string, string> } } | null)?.metadata?.annotations?.['tideline.dev/provided-elsewhere']?.split(',') ?? [];
    }));
    return annotations.flat().includes(`Secret/${service}`);
  });
}

describe.each(environments())('the data of $name', (environment) => {
  const json = synth(environment);
  const facts = factsOf(environment);
  const key = reference(json, 'aws_kms_key', only(json, 'aws_kms_key'), 'arn');

  it('has a database and a cache of the size that was decided, in the subnets without a way out', () => {
    const { postgres, redis } = environment.data;
    expect(only(json, 'aws_db_instance')).toMatchObject({
      identifier: facts.database.identifier, kms_key_id: key,
      instance_class: postgres!.instanceClass, allocated_storage: postgres!.storageGiB, multi_az: postgres!.multiAz, backup_retention_period: postgres!.backupDays,
    });
    expect(only(json, 'aws_elasticache_replication_group')).toMatchObject({ replication_group_id: facts.cache.id, node_type: redis!.nodeType, num_cache_clusters: 1 + redis!.replicas, kms_key_id: key });
    const subnets = Object.entries(json.data.aws_subnets!);
    expect(subnets.map(([, { tags }]) => Object.values(tags as object)[0] as string)).toEqual(['intra']);
    const ids = `\${data.aws_subnets.${subnets[0]![0]}.ids}`;
    for (const type of ['aws_db_subnet_group', 'aws_elasticache_subnet_group']) expect(only(json, type).subnet_ids).toBe(ids);
  });

  it('lets the nodes of the cluster connect, and nothing else', () => {
    const found = Object.keys(json.data.aws_eks_cluster!);
    expect(only({ ...json, resource: json.data as SynthesizedStack['resource'] }, 'aws_eks_cluster').name).toBe(facts.cluster.name);
    const rules = resources(json, 'aws_vpc_security_group_ingress_rule');
    expect(rules.map(({ from_port }) => from_port as number).sort()).toEqual([5432, 6379]);
    for (const rule of rules) {
      expect(rule.referenced_security_group_id).toBe(`\${data.aws_eks_cluster.${found[0]}.vpc_config[0].cluster_security_group_id}`);
      expect(rule).not.toHaveProperty('cidr_ipv4');
    }
  });

  it('has a repository for each service, where its image is pulled from', () => {
    expect(resources(json, 'aws_ecr_repository').map(({ name }) => name as string).sort()).toEqual(servicesOf(environment).map((service) => facts.services[service].repository).sort());
    for (const service of servicesOf(environment)) {
      expect(`${environment.images.repository}/${service}`).toBe(`${environment.account}.dkr.ecr.${environment.region}.amazonaws.com/${facts.services[service].repository}`);
    }
  });

  it('takes images of the role that publishes them, and of nobody else', () => {
    const publisher = only(synthStack((app) => new IdentityStack(app, environment)), 'aws_iam_role', { name: facts.publishRoleArn.split('/').at(-1) });
    expect(publisher.description).toMatch(/^Publishes images/);
    for (const { policy } of resources(json, 'aws_ecr_repository_policy')) {
      const pushes = (JSON.parse(policy as string) as { Statement: Block[] }).Statement.filter(({ Action }) => (Action as string[]).includes('ecr:PutImage'));
      expect(pushes).toEqual([expect.objectContaining({ Effect: 'Deny', Condition: { ArnNotEquals: { 'aws:PrincipalArn': [facts.publishRoleArn] } } })]);
    }
  });

  it('has a place for each secret that a service reads, and no value', () => {
    expect(expectedSecrets(environment.name)).toEqual([...servicesOf(environment)]); // what dist/ refers to
    expect(resources(json, 'aws_secretsmanager_secret').map(({ name }) => name as string).sort()).toEqual(servicesOf(environment).map((service) => facts.services[service].secret).sort());
    for (const type of ['aws_secretsmanager_secret_version', 'random_password', 'aws_elasticache_user_password']) expect(json.resource).not.toHaveProperty(type);
  });

  it('names no password, token or authentication value anywhere', () => {
    const suspects: string[] = [];
    const walk = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, each] of Object.entries(value)) {
        if (/password|token|secret_string|secret_binary|auth_token|private_key/i.test(name) && typeof each !== 'object') suspects.push(`${path}.${name}=${String(each)}`);
        walk(each, `${path}.${name}`);
      }
    };
    walk(json.resource, '');
    expect(suspects).toEqual([expect.stringMatching(/^\.aws_db_instance\..*\.manage_master_user_password=true$/)]);
  });

  it('lets a service decrypt with the key, by a role of its own, and nobody in general', () => {
    const { Statement } = JSON.parse(only(json, 'aws_kms_key').policy as string) as { Statement: Block[] };
    const decrypts = Statement.filter(({ Action }) => (Action as string[]).some((action) => action === 'kms:*' || action === 'kms:Decrypt'));
    const roles = decrypts.map(({ Condition }) => (Condition?.ArnEquals as Record<string, string> | undefined)?.['aws:PrincipalArn']).filter((arn) => arn !== undefined);
    expect(roles.sort()).toEqual([facts.deployRoleArn, ...servicesOf(environment).map((service) => `arn:aws:iam::${environment.account}:role/${facts.services[service].role}`)].sort());
    expect(decrypts.filter(({ Condition }) => Condition === undefined)).toEqual([]);
  });

  it('exports bills to the bucket of the decided name, by way of us-east-1', () => {
    expect(bills(json, facts)).toBeDefined();
    expect(only(json, 'aws_glue_catalog_database').name).toBe(facts.billing.database);
    expect(only(json, 'aws_athena_workgroup').name).toBe(facts.billing.workgroup);
    expect(only(json, 'aws_bcmdataexports_export').provider).toBe(environment.region === 'us-east-1' ? undefined : 'aws.billing');
  });

  it(environment.protect ? 'cannot be lost by mistake, and is backed up where nobody can delete it' : 'goes with the environment, and leaves nothing', () => {
    const holders = [...HOLDS_DATA.flatMap((type) => resources(json, type)), bills(json, facts)];
    for (const holder of holders) expect((holder.lifecycle as Block | undefined)?.prevent_destroy).toBe(environment.protect ? true : undefined);
    // what keeps a destroy from finishing: objects, images, recovery points, protection, a last snapshot, and a name that waits
    const blocks = [
      ...resources(json, 'aws_s3_bucket').filter(({ bucket, force_destroy }) => bucket !== facts.billing.results && force_destroy !== true),
      ...resources(json, 'aws_ecr_repository').filter(({ force_delete }) => force_delete !== true),
      ...resources(json, 'aws_backup_vault').filter(({ force_destroy }) => force_destroy !== true),
      ...resources(json, 'aws_db_instance').filter((each) => each.deletion_protection === true || each.skip_final_snapshot !== true || each.delete_automated_backups !== true),
      ...resources(json, 'aws_elasticache_replication_group').filter((each) => each.final_snapshot_identifier !== undefined || each.snapshot_retention_limit !== 0),
      ...resources(json, 'aws_secretsmanager_secret').filter(({ recovery_window_in_days }) => recovery_window_in_days !== 0),
    ];
    const holding = ['aws_ecr_repository', 'aws_db_instance', 'aws_elasticache_replication_group', 'aws_secretsmanager_secret', 'aws_backup_vault'].flatMap((type) => resources(json, type));
    expect(blocks).toHaveLength(environment.protect ? holding.length + 1 : 0);
    expect(resources(json, 'aws_backup_vault_lock_configuration')).toHaveLength(environment.protect ? 1 : 0);
    const { tags } = only(json, 'aws_db_instance') as { tags: Record<string, string> };
    if (environment.protect) expect(only(json, 'aws_backup_selection').selection_tag).toEqual([{ type: 'STRINGEQUALS', key: 'backup', value: tags.backup }]);
    else expect(tags).not.toHaveProperty('backup');
  });
});

describe('an environment that keeps little', () => {
  const dev = environmentOf('dev');

  it('has neither database, cache, bills nor a look at the network', () => {
    const json = synth({ ...dev, data: { billingExport: false } });
    expect(Object.keys(json.resource).sort()).toEqual(['aws_ecr_lifecycle_policy', 'aws_ecr_repository', 'aws_ecr_repository_policy', 'aws_kms_alias', 'aws_kms_key', 'aws_secretsmanager_secret']);
    expect(json).not.toHaveProperty('data');
  });

  it('takes the bills of other clouds from the roles it names', () => {
    const role = 'arn:aws:iam::111111111111:role/from-gcp';
    const json = synth({ ...dev, data: { billingExport: true, billDeliveries: { gcp: role } } });
    expect(only(json, 'aws_glue_catalog_table').parameters['projection.provider.values']).toBe('aws,gcp');
    expect(resources(json, 'aws_s3_bucket_policy').filter(({ policy }) => (policy as string).includes(role))).toHaveLength(1);
  });

  it('keeps a database that is protected even without a standby', () => {
    const json = synth({ ...dev, protect: true });
    expect(only(json, 'aws_db_instance')).toMatchObject({ multi_az: false, deletion_protection: true });
    expect(resources(json, 'aws_backup_vault')).toHaveLength(1);
  });
});
