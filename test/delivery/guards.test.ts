import { describe, expect, it } from 'vitest';
import { guardPlan } from '../../delivery/guards';
import { countLine, Plan, PlanValue, reviewLines, reviewPlan, ResourceChange } from '../../delivery/plan';

const change = (address: string, actions: readonly string[], before: PlanValue | null, after: PlanValue | null, more: object = {}): ResourceChange => ({
  address, mode: 'managed', type: address.split('.').at(-2)!, change: { actions, before, after, ...more },
});
const planOf = (...changes: readonly ResourceChange[]): Plan => ({ format_version: '1.2', resource_changes: changes });
const refusedOf = (plan: Plan, allowReplace: readonly string[] = []) => guardPlan('dev-x', plan, { allowReplace }).refused.map(({ where, got }) => `${where} | ${got}`);
const flaggedOf = (...changes: readonly ResourceChange[]) => guardPlan('dev-x', planOf(...changes)).flagged;

describe('the review of a plan', () => {
  const plan: Plan = {
    format_version: '1.2',
    resource_changes: [
      change('aws_a.new', ['create'], null, {}), change('aws_a.other', ['create'], null, {}), change('aws_b.same', ['no-op'], {}, {}), change('aws_b.kept', ['update'], { name: 'x', password: 'hunter2' }, { name: 'y', password: 'hunter3' }),
      change('aws_c.old', ['delete', 'create'], {}, {}, { replace_paths: [['name'], ['rule', 0, 'port']] }), change('aws_c.next', ['create', 'delete'], {}, {}, {}),
      change('aws_d.gone', ['delete'], {}, null), change('aws_e.left', ['forget'], {}, null), { ...change('data.aws_f.read', ['read'], null, {}), mode: 'data' },
    ],
  };

  it('counts each action once, the dangerous named first, and shows no value', () => {
    const review = reviewPlan(plan);
    expect(countLine(review)).toBe('2 to create, 1 to update, 2 to replace, 1 to destroy, 1 to forget');
    expect(reviewLines(review)).toEqual([
      '  - destroys aws_d.gone', '  ± replaces aws_c.next', '  ± replaces aws_c.old (name, rule.0.port)', '    forgets aws_e.left', '  ~ updates aws_b.kept (name, password)', '  + creates 2 aws_a',
    ]);
    expect(reviewLines(review).join()).not.toContain('hunter');
    expect(review.empty).toBe(false);
  });

  it('is empty if nothing changes; an output is something', () => {
    expect(reviewPlan({ format_version: '1.2' }).empty).toBe(true);
    expect(reviewPlan({ format_version: '1.2', resource_changes: [change('aws_a.b', ['no-op'], {}, {})], output_changes: { x: { actions: ['no-op'] } } }).empty).toBe(true);
    expect(reviewPlan({ format_version: '1.2', output_changes: { x: { actions: ['update'] } } }).empty).toBe(false);
  });
});

describe('what cannot be made again', () => {
  const TYPES = ['aws_db_instance', 'aws_rds_cluster', 'aws_eks_cluster', 'aws_s3_bucket', 'aws_kms_key', 'aws_dynamodb_table', 'aws_elasticache_replication_group', 'aws_ecr_repository', 'aws_backup_vault', 'aws_vpc', 'helm_release'];

  it.each(TYPES)('%s is not replaced or destroyed unless it is named', (type) => {
    for (const actions of [['delete'], ['delete', 'create'], ['create', 'delete']]) {
      const plan = planOf(change(`${type}.main`, actions, {}, actions.length > 1 ? {} : null));
      expect(refusedOf(plan)).toEqual([expect.stringMatching(new RegExp(`^dev-x ${type}\\.main \\| the plan (replace|destroy)s it, and with it goes `))]);
      expect(refusedOf(plan, [`${type}.other`])).toHaveLength(1);
      expect(refusedOf(plan, [`${type}.main`])).toEqual([]);
    }
    expect(refusedOf(planOf(change(`${type}.main`, ['update'], {}, {}), change(`${type}.new`, ['create'], null, {})))).toEqual([]);
  });

  it('is refused with what forces it, and what to do; everything else may go', () => {
    const [fault] = guardPlan('dev-data', planOf(change('aws_db_instance.main', ['delete', 'create'], {}, {}, { replace_paths: [['storage_encrypted']] }))).refused;
    expect(fault).toMatchObject({ where: 'dev-data aws_db_instance.main', got: expect.stringContaining('because of storage_encrypted'), do: expect.stringContaining("--allow-replace 'aws_db_instance.main'") });
    expect(refusedOf(planOf(change('aws_route.a', ['delete'], {}, null), change('aws_launch_template.b', ['create', 'delete'], {}, {})))).toEqual([]);
  });

  it('reports every loss at once', () => {
    expect(refusedOf(planOf(change('aws_s3_bucket.a', ['delete'], {}, null), change('aws_kms_key.b', ['delete'], {}, null)))).toHaveLength(2);
  });
});

describe('the Kubernetes version', () => {
  const upgrade = (from: unknown, to: unknown) => planOf(change('aws_eks_cluster.main', ['update'], { version: from }, { version: to }));

  it.each([['1.35', '1.36'], ['1.36', '1.36'], ['1.9', '1.10'], [undefined, '1.36'], ['1.36', undefined]])('goes from %s to %s', (from, to) => {
    expect(refusedOf(upgrade(from, to))).toEqual([]);
  });

  it.each([['1.34', '1.36'], ['1.36', '1.35'], ['1.9', '1.11']])('does not go from %s to %s, whatever is allowed', (from, to) => {
    expect(refusedOf(upgrade(from, to), ['aws_eks_cluster.main'])).toEqual([`dev-x aws_eks_cluster.main.version | from "${from}" to "${to}"`]);
  });
});

describe('a way in from anywhere is flagged', () => {
  const rule = (type: string, value: PlanValue, before: PlanValue | null = null) => change(`${type}.web`, [before ? 'update' : 'create'], before, value);

  it.each<[string, string, PlanValue, string]>([
    ['rule of its own', 'aws_vpc_security_group_ingress_rule', { cidr_ipv4: '0.0.0.0/0', from_port: 443, to_port: 443, ip_protocol: 'tcp' }, 'port 443 to 0.0.0.0/0'],
    ['IPv6', 'aws_vpc_security_group_ingress_rule', { cidr_ipv6: '::/0', from_port: 8000, to_port: 9000, ip_protocol: 'tcp' }, 'ports 8000 to 9000 to ::/0'],
    ['every protocol', 'aws_security_group_rule', { type: 'ingress', cidr_blocks: ['10.0.0.0/8', '0.0.0.0/0'], from_port: 0, to_port: 0, protocol: '-1' }, 'every port to 0.0.0.0/0'],
    ['group', 'aws_security_group', { ingress: [{ cidr_blocks: ['0.0.0.0/0'], from_port: 22, to_port: 22, protocol: 'tcp' }] }, 'port 22 to 0.0.0.0/0'],
    ['cluster', 'aws_eks_cluster', { vpc_config: [{ endpoint_public_access: true, public_access_cidrs: ['0.0.0.0/0'] }] }, 'the Kubernetes API to 0.0.0.0/0'],
    ['database', 'aws_db_instance', { publicly_accessible: true }, 'the database to the internet'],
    ['bucket', 'aws_s3_bucket_public_access_block', { block_public_acls: true, block_public_policy: false }, 'the bucket to the public (block_public_policy is off)'],
  ])('%s', (_, type, value, way) => {
    expect(flaggedOf(rule(type, value))).toEqual([`${type}.web opens ${way}`]);
    expect(flaggedOf(rule(type, value, {}))).toEqual([`${type}.web opens ${way}`]);
    expect(flaggedOf(rule(type, value, value))).toEqual([]); // it was open before
    expect(flaggedOf(change(`${type}.web`, ['delete'], value, null))).toEqual([]);
  });

  it('unlike a way out, and a way in from a known place', () => {
    expect(flaggedOf(
      rule('aws_vpc_security_group_egress_rule', { cidr_ipv4: '0.0.0.0/0', from_port: 443, to_port: 443 }), rule('aws_security_group_rule', { type: 'egress', cidr_blocks: ['0.0.0.0/0'] }),
      rule('aws_security_group', { egress: [{ cidr_blocks: ['0.0.0.0/0'] }], ingress: [{ cidr_blocks: ['10.0.0.0/8'], from_port: 443, to_port: 443 }] }),
      rule('aws_eks_cluster', { vpc_config: [{ endpoint_public_access: false, public_access_cidrs: ['0.0.0.0/0'] }] }), rule('aws_route', { destination_cidr_block: '0.0.0.0/0' }),
    )).toEqual([]);
  });
});
