import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = resolve(__dirname, '../..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string; exports: Record<string, string | { types: string; default: string }>; peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>; dependencies?: Record<string, string>;
};
const peers = Object.keys(manifest.peerDependencies);
const required = peers.filter((peer) => manifest.peerDependenciesMeta[peer]?.optional !== true);

let folder: string;
let files: string[];

/** What `npm install` of the tarball gives someone who has these peers, and nothing else of ours. */
function installed(name: string, available: readonly string[]): string {
  const project = join(folder, name);
  const home = join(project, 'node_modules', manifest.name);
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, 'package.tgz'), '-C', home, '--strip-components=1']);
  for (const peer of available) {
    mkdirSync(dirname(join(project, 'node_modules', peer)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', peer), join(project, 'node_modules', peer));
  }
  return project;
}

function run(project: string, code: string) {
  const file = join(project, 'probe.cjs');
  writeFileSync(file, code);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: project, encoding: 'utf8', env: { PATH: process.env.PATH } });
  return { status, out: stdout.trim(), err: stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-package-'));
  const source = join(folder, 'source');
  mkdirSync(source);
  // Beside a few files that must not be packed.
  for (const file of ['package.json', 'README.md', 'LICENSE', 'cdktf.json', '.projenrc.ts']) copyFileSync(join(ROOT, file), join(source, file));
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(source, 'lib')], { cwd: ROOT, stdio: 'pipe' });
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: source, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as [{ filename: string; files: { path: string }[] }];
  files = packed.files.map(({ path }) => path);
  copyFileSync(join(folder, packed.filename.replace('@', '').replace('/', '-')), join(folder, 'package.tgz'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed library', () => {
  test('holds lib/, README, LICENSE and package.json, nothing else', () => {
    expect(files.filter((file) => !file.startsWith('lib/')).sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect([...new Set(files.filter((file) => file.startsWith('lib/')).map((file) => file.split('/')[1]))].sort()).toEqual(['base', 'components']);
    expect(files.filter((file) => file.startsWith('lib/') && !/\.(js|d\.ts)$/.test(file))).toEqual([]);
  });

  test('brings no dependency of its own', () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(required.sort()).toEqual(['cdk8s', 'cdk8s-plus-28', 'constructs']);
  });

  test('has the file and the types of every subpath', () => {
    const targets = Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [target] : [target.types, target.default]));
    expect(targets.length).toBeGreaterThanOrEqual(5);
    expect(targets.filter((target) => !files.includes(target.replace('./', '')))).toEqual([]);
  });

  test('the constructs need constructs, cdk8s and cdk8s-plus, and no engine of Terraform', () => {
    const project = installed('kubernetes', required);
    expect(existsSync(join(project, 'node_modules/cdktf'))).toBe(false);
    const { status, out, err } = run(project, `
      const { Chart, Testing } = require('cdk8s');
      const { PlatformNamespace, WebService } = require('${manifest.name}');
      console.log(typeof WebService, typeof PlatformNamespace, typeof Chart, typeof Testing.app());
    `);
    expect(err).toBe('');
    expect([status, out]).toEqual([0, 'function function function object']);
  });

  test('the cloud constructs need the engine, and say which package is missing without it', () => {
    const { status, out, err } = run(installed('cloud', peers), `const { EksCluster, PlatformNetwork } = require('${manifest.name}/cloud'); console.log(typeof EksCluster, typeof PlatformNetwork);`);
    expect(err).toBe('');
    expect([status, out]).toEqual([0, 'function function']);
    const without = run(installed('without', required), `require('${manifest.name}/cloud');`);
    expect(without.status).not.toBe(0);
    expect(without.err).toMatch(/Cannot find module '(cdktf|@cdktf\/[^']+)'/);
  });

  test('can be imported from ES modules too', () => {
    const { status, out, err } = run(installed('esm', required), `import('${manifest.name}').then((library) => console.log(typeof library.WebService));`);
    expect(err).toBe('');
    expect([status, out]).toEqual([0, 'function']);
  });

  test('opens no other door', () => {
    const project = installed('doors', required);
    for (const path of ['lib/components/index.js', 'base/faults', 'components']) {
      expect(run(project, `require('${manifest.name}/${path}');`).err).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
    }
  });

  test('what README shows of the cloud constructs compiles and synthesizes in an empty project', () => {
    const snippet = /```ts\n([^`]*EksCluster[^`]*)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))![1]!;
    const project = installed('snippet', peers);
    writeFileSync(join(project, 'main.ts'), snippet);
    const compiled = spawnSync(process.execPath, [
      join(ROOT, 'node_modules/typescript/bin/tsc'), '--strict', '--skipLibCheck', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--target', 'ES2022', join(project, 'main.ts'),
    ], { cwd: project, encoding: 'utf8' });
    expect([compiled.status, compiled.stdout]).toEqual([0, '']);
    const ran = spawnSync(process.execPath, ['main.js'], { cwd: project, encoding: 'utf8', env: { PATH: process.env.PATH } });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    const stack = JSON.parse(readFileSync(join(project, 'cdktf.out/stacks/shore/cdk.tf.json'), 'utf8')) as { resource: Record<string, Record<string, Record<string, unknown>>> };
    const [cluster] = Object.values(stack.resource.aws_eks_cluster!);
    expect(cluster).toMatchObject({ name: 'shore', version: '1.35' });
    expect(JSON.stringify(stack.resource.aws_eks_access_entry)).toContain('${aws_iam_role.github_deploy_Role_');
    expect(JSON.stringify(stack.resource.aws_iam_role)).toContain('repo:example/shore:environment:shore');
    expect(Object.keys(stack.resource.aws_subnet!)).toHaveLength(9);
  });

  test('its types stand without anything that is not a peer', () => {
    const project = installed('types', peers);
    const file = join(project, 'use.ts');
    writeFileSync(file, [
      `import { PredictiveScaler, WebService, waves } from '${manifest.name}';`, `import { EksCluster } from '${manifest.name}/cloud';`,
      'export const used = [PredictiveScaler, WebService, EksCluster];',
      '// @ts-expect-error: it is a map, and the compiler knows',
      'export const wrong: number = waves([]);', '',
    ].join('\n'));
    const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--target', 'ES2022', file], { cwd: project, encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '']);
  });
});
