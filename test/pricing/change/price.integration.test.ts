import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Value } from '@sinclair/typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../../../config';
import type { LineChange, PriceReport } from '../../../pricing/change/contract';
import { PriceReportSchema } from '../../../pricing/change/report-schema';
import { MARKER } from '../../../pricing/change/render-markdown';
import { priceBook } from '../../../pricing/price-book';

const PROJECT = resolve(__dirname, '..', '..', '..');
const TSX = pathToFileURL(require.resolve('tsx')).href;
/** As the task starts it; by its path, for it runs in other folders here. */
const TSX_CJS = require.resolve('tsx/cjs');
/** The rooms that synthesis of stacks and manifests reads, and how the package is set up. */
const ROOMS = ['base', 'apps', 'charts', 'components', 'config', 'dist', 'forecaster', 'pricing', 'stacks'];

const work = mkdtempSync(join(tmpdir(), 'price-'));
const root = join(work, 'project');
const cache = join(work, 'cache');
const settings = { ...process.env, TIDELINE_CACHE: cache, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };

function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = settings): Readonly<Record<'stdout' | 'stderr', string>> & { readonly status: number | null } {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return { status, stdout, stderr };
}
const MAIN = join(PROJECT, 'pricing/change/main.ts');
const price = (args: readonly string[], cwd = root, env: NodeJS.ProcessEnv = settings) => run(process.execPath, ['--require', TSX_CJS, MAIN, ...args], cwd, env);
function done(program: string, args: readonly string[], cwd = root): void {
  const { status, stderr, stdout } = run(program, args, cwd);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
}
const git = (...args: readonly string[]) => done('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args]);
function edit(file: string, from: string | RegExp, to: string): void {
  const before = readFileSync(join(root, file), 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} does not hold ${String(from)}`);
  writeFileSync(join(root, file), after);
}
const report = (args: readonly string[]): PriceReport => {
  const { status, stdout, stderr } = price([...args, '--format', 'json']);
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`);
  const value: unknown = JSON.parse(stdout);
  expect([...Value.Errors(PriceReportSchema, value)].map(({ path, message }) => `${path}: ${message}`)).toEqual([]);
  return value as PriceReport;
};
const kept = () => readdirSync(join(cache, 'price')).sort();

beforeAll(() => {
  mkdirSync(root);
  for (const room of ROOMS) cpSync(join(PROJECT, room), join(root, room), { recursive: true, filter: (path) => statSync(path).isDirectory() || /\.(ts|json|yaml)$/.test(path) });
  for (const file of ['package.json', 'package-lock.json', 'cdktf.json']) cpSync(join(PROJECT, file), join(root, file));
  symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules'), 'dir');
  writeFileSync(join(root, '.gitignore'), 'node_modules\n');
  done(process.execPath, ['--import', TSX, 'charts/main.ts']);
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'as it is');
  edit('config/environments/dev.ts', "nat: 'single'", "nat: 'per-zone'");
  edit('config/environments/dev.ts', /catalog: \{ minReplicas: \d+,/, 'catalog: { minReplicas: 9,');
  done(process.execPath, ['--import', TSX, 'charts/main.ts']);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('npx projen price', () => {
  const { region, network } = environment('dev');
  const hourly = (sku: string) => priceBook.find(region, sku)!.usd * 730;
  const more = network.availabilityZones - 1;

  it('says what more NAT gateways and replicas cost, before they are committed and after, and synthesizes each side once', () => {
    const uncommitted = report(['--against', 'main', '--environment', 'dev']);
    const first = kept();
    expect(first).toHaveLength(2);
    git('commit', '-q', '-a', '-m', 'gateways in every zone, more replicas');
    const committed = report(['--against', 'HEAD~1', '--environment', 'dev']);
    expect(kept()).toEqual(first);
    expect([uncommitted.uncommitted, committed.uncommitted]).toEqual([true, false]);
    expect(uncommitted.environments).toEqual(committed.environments);

    const [dev] = committed.environments;
    const of = (lines: readonly LineChange[], type: string) => lines.filter((line) => line.resource.startsWith(`${type}.`));
    const known = (lines: readonly LineChange[]) => lines.filter((line) => line.difference.typical !== null);
    const gateways = known(of(dev!.lines, 'aws_nat_gateway'));
    expect(gateways.map(({ change, stack, difference }) => [change, stack, difference.typical])).toEqual(Array.from({ length: more }, () => ['added', 'dev-network', expect.closeTo(hourly('nat/gateway'), 4)]));
    expect(of(dev!.lines, 'aws_nat_gateway').filter((line) => line.difference.typical === null)).toHaveLength(more); // the traffic, which nobody stated
    expect(dev!.unknownLines).toBe(more);
    expect(dev!.decisions).toEqual([expect.stringMatching(/^workload catalog\/catalog: .*→ 9 to /)]);
    const burst = dev!.lines.find((line) => line.resource.startsWith('node pool'))!;
    expect(burst.because).toContainEqual(expect.stringMatching(/^catalog\/catalog: \d+ → \d+ pods$/));
    expect(burst.difference.minimum).toBeGreaterThan(0);

    const sum = (part: 'aws' | 'kubernetes') => known(dev!.lines).filter((line) => line.part === part).reduce((total, line) => total + line.difference.typical!, 0);
    expect(dev!.difference!.aws.typical).toBeCloseTo(sum('aws'), 5);
    expect(dev!.difference!.kubernetes.typical).toBeCloseTo(sum('kubernetes'), 5);
    expect(dev!.difference!.total.typical).toBeCloseTo(dev!.after!.total.typical! - dev!.before!.total.typical!, 5);
    expect(dev!.incomplete).toEqual([]);
  });

  it('sees nothing where nothing changed', () => {
    const same = report(['--against', 'HEAD']);
    expect(same.environments.map(({ lines, difference, change }) => [lines, difference!.total.typical, change])).toEqual(same.environments.map(() => [[], 0, 'kept']));
    expect(same.environments.length).toBeGreaterThan(1);
  });

  it('writes a comment for a pull request, FOCUS lines and text, to a file or standard output', () => {
    const file = join(work, 'out', 'comment.md');
    const written = price(['--against', 'HEAD~1', '--format', 'markdown', '--out', file]);
    expect([written.status, written.stdout]).toEqual([0, '']);
    const comment = readFileSync(file, 'utf8');
    expect(comment.startsWith(MARKER)).toBe(true);
    expect(comment).toContain('aws_nat_gateway');
    expect(comment.split('<details').length).toBe(comment.split('</details>').length);
    const csv = price(['--format', 'focus-csv', '--environment', 'dev']).stdout.trimEnd().split('\r\n');
    expect(csv[0]).toMatch(/^ProviderName,.*,x_Environment,x_Side,x_Replicas,x_Part,x_Stack$/);
    expect(csv.length).toBeGreaterThan(50);
    expect(price(['--against', 'HEAD~1', '--environment', 'dev']).stdout).toMatch(/dev \(us-east-1\)[^]*NAT gateway[^]*coverage/);
  });

  it('exits with 1 above --fail-above and with 0 below', () => {
    expect(price(['--against', 'HEAD~1', '--fail-above', '1']).status).toBe(1);
    expect(price(['--against', 'HEAD~1', '--fail-above', '5000']).status).toBe(0);
  });

  it('prices stated usage, and refuses what it states of nothing', () => {
    const usage = (text: string) => {
      writeFileSync(join(work, 'usage.yaml'), text);
      return ['--usage', join(work, 'usage.yaml'), '--environment', 'dev'];
    };
    const [without] = report(['--environment', 'dev']).environments;
    const [stated] = report(usage('resources: { byType: { aws_nat_gateway: { dataGiB: 100 } } }')).environments;
    expect(stated!.after!.aws.typical! - without!.after!.aws.typical!).toBeCloseTo(network.availabilityZones * 100 * priceBook.find(region, 'nat/data')!.usd, 4);
    const wrong = price(usage('{ resources: { byAddress: { aws_nat_gateway.nowhere: { dataGiB: 1 } } }, environments: { qa: {} } }'));
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toMatch(/environments\.qa[^]*aws_nat_gateway\.nowhere/);
  });

  it('prices anybody\'s manifests, with the facts stated in a usage file', () => {
    const folder = join(work, 'theirs');
    mkdirSync(join(folder, 'k8s', 'shop'), { recursive: true });
    writeFileSync(join(folder, 'k8s', 'shop', 'all.yaml'), `
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec: { replicas: 4, template: { spec: { containers: [{ name: c, resources: { requests: { cpu: "1", memory: 1Gi } } }] } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: once, namespace: shop }
spec: { template: { spec: { containers: [{ name: c }] } } }
`);
    expect(price(['--manifests', 'k8s'], folder).stderr).toContain('environments.shop.facts');
    writeFileSync(join(folder, 'usage.yaml'), 'environments: { shop: { facts: { region: eu-west-1, budgetMonthlyUsd: 10, nodePools: [{ name: all, capacity: on-demand, instanceTypes: [m7g.xlarge], minNodes: 0, maxNodes: 9 }] } } }');
    const { status, stdout } = price(['--manifests', 'k8s', '--usage', 'usage.yaml', '--format', 'json'], folder);
    const [shop] = (JSON.parse(stdout) as PriceReport).environments;
    expect([status, shop!.nodes.typical, shop!.budget.passed]).toEqual([0, [{ pool: 'all', instanceType: 'm7g.xlarge', capacity: 'on-demand', count: 2 }], true]);
    expect(shop!.unpriced.all).toEqual([expect.objectContaining({ what: 'Job shop/once' })]);
    expect(shop!.incomplete).toEqual([expect.objectContaining({ side: 'after', part: 'aws' })]);
  });
});

describe('what cannot be compared', () => {
  const told = (args: readonly string[], cwd = root, env: NodeJS.ProcessEnv = settings) => {
    const { status, stderr } = price(args, cwd, env);
    expect(stderr).not.toMatch(/^\s+at /m);
    return { status, stderr };
  };

  it.each(['no-such-branch', '--upload-pack=x', 'HEAD:stacks', ''])('says of the name "%s" that it is no commit', (ref) => {
    const { status, stderr } = told([`--against=${ref}`]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/\[--against\] got: .*; allowed: .*; do: /);
  });

  it('says of a folder that it is no repository, and of a shallow clone that it lacks the commit', () => {
    const bare = join(work, 'bare');
    cpSync(join(root, 'dist'), join(bare, 'dist'), { recursive: true });
    const outside = told(['--against', 'main'], bare, { ...settings, GIT_CEILING_DIRECTORIES: work });
    expect([outside.status, outside.stderr]).toEqual([2, expect.stringMatching(/not a git repository[^]*leave out --against/)]);
    const clone = join(work, 'clone');
    done('git', ['clone', '-q', '--depth', '1', pathToFileURL(root).href, clone]);
    const shallow = told(['--against', 'HEAD~1'], clone);
    expect([shallow.status, shallow.stderr]).toEqual([2, expect.stringContaining('git fetch --unshallow')]);
  });

  it('keeps Kubernetes comparable where the stacks of a commit cannot be synthesized, whatever the reason', () => {
    const main = readFileSync(join(root, 'stacks/main.ts'), 'utf8');
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    const because = (why: string | RegExp, change: () => void) => {
      change();
      git('commit', '-q', '-a', '-m', 'broken');
      writeFileSync(join(root, 'stacks/main.ts'), main);
      writeFileSync(join(root, 'package-lock.json'), lock);
      git('add', '.');
      git('commit', '-q', '-m', 'mended');
      const { status, stdout, stderr } = price(['--against', 'HEAD~1', '--environment', 'dev', '--format', 'json']);
      expect(status).toBe(0);
      const [dev] = (JSON.parse(stdout) as PriceReport).environments;
      expect(dev!.difference).toMatchObject({ aws: { typical: null }, kubernetes: { typical: 0 }, total: { typical: null } });
      expect(dev!.before!.aws.typical).toBeNull();
      expect(dev!.incomplete).toEqual([{ side: 'before', part: 'aws', why: [expect.objectContaining({ got: expect.stringMatching(why) as string })] }]);
      expect(stderr).toMatch(why);
    };
    because(/exit 1: .*it is broken/, () => writeFileSync(join(root, 'stacks/main.ts'), "throw new Error('it is broken');\n"));
    because(/cannot find module/i, () => writeFileSync(join(root, 'stacks/main.ts'), "import './nowhere';\n"));
    because('no such file', () => rmSync(join(root, 'stacks/main.ts')));
    because('cdktf 0.0.1', () => writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { 'node_modules/cdktf': { version: '0.0.1' } } })));
    expect(kept().filter((name) => name.startsWith('work-'))).toEqual([]);
  });

  it('does not price what is here if it cannot be synthesized', () => {
    const main = readFileSync(join(root, 'stacks/main.ts'), 'utf8');
    writeFileSync(join(root, 'stacks/main.ts'), "throw new Error('halfway through an edit');\n");
    const { status, stderr } = told([]);
    writeFileSync(join(root, 'stacks/main.ts'), main);
    expect([status, stderr]).toEqual([2, expect.stringContaining('halfway through an edit')]);
  });

  it('says so where there is nowhere to write', () => {
    writeFileSync(join(work, 'file'), '');
    const { status, stderr } = told([], root, { ...settings, TIDELINE_CACHE: join(work, 'file') });
    expect([status, stderr]).toEqual([2, expect.stringMatching(/no place to synthesize[^]*TIDELINE_CACHE/)]);
  });
});

describe('an interrupted price', () => {
  it('leaves nothing behind, and removes what a killed one left', async () => {
    const own = join(work, 'interrupted');
    const folder = join(own, 'price');
    mkdirSync(join(folder, 'work-999999999-0', 'sources'), { recursive: true });
    const child = spawn(process.execPath, ['--require', TSX_CJS, MAIN, '--against', 'HEAD~1'], { cwd: root, env: { ...settings, TIDELINE_CACHE: own }, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((settle) => child.once('exit', (code) => settle(code)));
    while (!readdirSync(folder).includes(`work-${child.pid}-0`) && child.exitCode === null) await new Promise((settle) => setTimeout(settle, 5));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(readdirSync(folder).filter((name) => name.startsWith('work-'))).toEqual([]);
    expect(existsSync(root)).toBe(true);
  });
});
