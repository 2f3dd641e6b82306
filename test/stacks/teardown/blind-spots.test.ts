import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { environments } from '../../../config';
import { factsOf } from '../../../config/facts';
import { blindSpots, destroyOrder, protections, readStacks, TeardownStack } from '../../../stacks/teardown';
import { synthesizedStacks } from './support';

const all = synthesizedStacks();
const inOrder = (stacks: TeardownStack[]) => destroyOrder(stacks).map((name) => stacks.find((stack) => stack.name === name)!);
const of = (resource: object, provider: object = { aws: [{ region: 'eu-west-1' }] }) => blindSpots([{ name: 'x-data', json: { resource, provider } as TeardownStack['json'] }]);

describe.each(environments().map((environment) => ({ environment, name: environment.name })))('what no state of $name knows of', ({ environment, name }) => {
  const spots = blindSpots(inOrder(all[name]!));
  const { cluster } = factsOf(environment);

  it('names nodes, load balancers, volumes, interfaces and log groups of the cluster', () => {
    const whats = spots.map((spot) => spot.what);
    for (const what of ['nodes', 'load balancers', 'volumes', 'network interfaces', 'security groups', 'log group of the control plane']) expect(whats).toContain(what);
  });

  it('looks before the cluster goes for what only the cluster removes, before the network goes for what stands in it', () => {
    const before = Object.fromEntries(spots.map((spot) => [spot.what, spot.before]));
    for (const what of ['nodes', 'load balancers', 'volumes']) expect(before[what]).toBe(`${name}-cluster`);
    for (const what of ['network interfaces', 'security groups']) expect(before[what]).toBe(`${name}-network`);
    const ranks = spots.map((spot) => destroyOrder(all[name]!).indexOf(spot.before ?? '')).map((rank) => (rank < 0 ? Infinity : rank));
    expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
  });

  it('asks each question once', () => {
    expect(new Set(spots.map((spot) => spot.list)).size).toBe(spots.length);
  });

  it('asks in the environment\'s region, for its own things, and says how each goes', () => {
    for (const spot of spots) {
      expect(spot.list, spot.what).toContain(`--region ${environment.region}`);
      expect(spot.list, spot.what).toMatch(/^(aws |for key in )/);
      expect(spot.removed.length, spot.what).toBeGreaterThan(10);
      expect(spot.list, spot.what).not.toMatch(/\$\{|undefined/);
      expect(() => execFileSync('sh', ['-n', '-c', spot.list]), spot.what).not.toThrow(); // read, not run
    }
    for (const spot of spots.filter(({ what }) => /nodes|load balancers|volumes|interfaces/.test(what))) expect(spot.list).toContain(cluster.name);
  });
});

describe('blind spots', () => {
  it('of buckets and repositories stop the destroy of their stack, unless they are emptied by it', () => {
    const bucket = of({ aws_s3_bucket: { one: { bucket: 'one' }, two: { bucket: 'two', force_destroy: true } }, aws_ecr_repository: { app: { name: 'app' }, tmp: { name: 'tmp', force_delete: true } } });
    expect(bucket.map(({ what, before }) => [what, before])).toEqual([['objects in one', 'x-data'], ['images in app', 'x-data']]);
  });

  it('of a database are its snapshots, backups and logs', () => {
    expect(of({ aws_db_instance: { main: { identifier: 'main' } } }).map(({ what }) => what)).toEqual(['snapshots of the database', 'automatic backups of the database', 'log groups of the database']);
  });

  it('of secrets and keys are the days they wait', () => {
    expect(of({ aws_secretsmanager_secret: { a: { name: 'a', recovery_window_in_days: 7 }, b: { name: 'b', recovery_window_in_days: 0 } } }).map(({ removed }) => removed.split(';')[0])).toEqual(['after 7 days']);
    const [keys] = of({ aws_kms_key: { a: { deletion_window_in_days: 10 }, b: {} }, aws_kms_alias: { a: { name: 'alias/a' } } });
    expect(keys).toMatchObject({ what: '2 keys (alias/a)', removed: expect.stringMatching(/^after 30 days/) });
  });

  it('are none where nothing brings any about', () => {
    expect(of({ aws_sns_topic: { alerts: { name: 'alerts' } } })).toEqual([]);
  });
});

describe('protections', () => {
  it('name what refuses to be destroyed, and by what', () => {
    const json = {
      resource: {
        aws_db_instance: { main: { deletion_protection: true }, other: { deletion_protection: false } }, aws_s3_bucket: { states: { lifecycle: { prevent_destroy: true } } },
      },
    };
    expect(protections([{ name: 'x-data', json }])).toEqual([
      { stack: 'x-data', address: 'aws_db_instance.main', by: 'deletion_protection' }, { stack: 'x-data', address: 'aws_s3_bucket.states', by: 'lifecycle.prevent_destroy' },
    ]);
  });
});

describe('stacks that were not synthesized', () => {
  it('are asked for', () => {
    expect(() => readStacks('test/stacks/teardown/samples', 'dev')).toThrow(/got: \["prod-network"\]; allowed: stacks of dev; do: run npx projen synth/);
  });
});
