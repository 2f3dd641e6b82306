import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVERY_STACK } from './support';

const GUARD = join(__dirname, '..', 'support', 'synth-guard.cjs');
const ON_CDKTN = join(__dirname, '..', 'support', 'on-cdktn.cjs');
const TSX = require.resolve('tsx/cjs');
let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'tideline-synth-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Every file below a folder, by relative path. */
function filesOf(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}

/** Runs `stacks/main.ts` in a process of its own that cannot use the network. */
function synthesize(name: string, ...preload: readonly string[]): { readonly files: Map<string, string>; readonly modules: readonly string[] } {
  const outdir = join(work, name);
  const modules = join(work, `${name}.modules.json`);
  const required = [GUARD, ...preload, TSX].flatMap((each) => ['--require', each]);
  execFileSync(process.execPath, [...required, 'stacks/main.ts'], { env: { PATH: process.env.PATH, CDKTF_OUTDIR: outdir, GUARD_MODULES: modules }, stdio: 'pipe' });
  return { files: filesOf(outdir), modules: JSON.parse(readFileSync(modules, 'utf8')) as string[] };
}

describe('synthesis of all environments', () => {
  it('is guarded by something that does stop the network', () => {
    const attempts = ['net.connect(80, "127.0.0.1")', 'http.get("http://127.0.0.1/")', 'dns.lookup("localhost", () => {})', 'fetch("http://127.0.0.1/")'];
    for (const attempt of attempts) {
      const run = spawnSync(process.execPath, ['--require', GUARD, '--eval', attempt], { encoding: 'utf8' });
      expect(run.stderr, attempt).toContain('network use:');
      expect(run.status, attempt).not.toBe(0);
    }
  });

  it('needs no network, writes every stack, and gives the same bytes again', () => {
    const [first, second] = [synthesize('first'), synthesize('second')];
    expect([...first.files.keys()].filter((path) => path.endsWith('cdk.tf.json')).sort()).toEqual(EVERY_STACK.map(({ id }) => join('stacks', id, 'cdk.tf.json')).sort());
    expect(second.files).toEqual(first.files);
  });

  it('loads resources one by one, never a provider\'s barrel', () => {
    const { modules } = synthesize('modules');
    const provider = (name: string) => modules.filter((path) => path.includes(join('@cdktf', `provider-${name}`, 'lib')));
    for (const name of ['aws', 'helm', 'kubernetes']) {
      expect(provider(name)).toEqual(expect.arrayContaining([expect.stringMatching(/lib\/provider\/index\.js$/)]));
      expect(provider(name).filter((path) => /lib\/(index|lazy-index)\.js$/.test(path))).toEqual([]);
    }
  });

  it('refuses with a message and without a stack trace when an environment has no root', () => {
    const elsewhere = mkdtempSync(join(work, 'elsewhere-'));
    const run = spawnSync(process.execPath, ['--require', TSX, join(process.cwd(), 'stacks/main.ts')], { cwd: elsewhere, encoding: 'utf8', env: { PATH: process.env.PATH } });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^dev cannot be bootstrapped\n {2}\[dist\/dev\/root.yaml\] got: no such file/);
    expect(run.stderr).not.toContain('    at ');
  });
});

describe('cdktn, the engine\'s successor', () => {
  /** Where two values differ, as paths; equal values give none. */
  const differences = (one: unknown, other: unknown, path = ''): string[] => {
    if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return Object.is(one, other) ? [] : [path];
    return [...new Set([...Object.keys(one), ...Object.keys(other)])]
      .flatMap((key) => differences((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key], `${path}.${key}`));
  };
  const parsed = (files: Map<string, string>) => new Map([...files].map(([path, text]) => [path, path.endsWith('.json') ? JSON.parse(text) as unknown : text]));

  it('gives the same files, and differs in its own version only', () => {
    const ours = synthesize('engine');
    const successor = synthesize('successor', ON_CDKTN);
    expect(successor.modules.some((path) => path.includes(join('node_modules', 'cdktn', 'lib')))).toBe(true);
    expect(successor.modules.filter((path) => path.includes(join('node_modules', 'cdktf', 'lib')))).toEqual([]);
    const [one, other] = [parsed(ours.files), parsed(successor.files)];
    expect([...other.keys()].sort()).toEqual([...one.keys()].sort());
    const found = [...one].flatMap(([path, value]) => differences(value, other.get(path)).map((where) => `${path}${where}`));
    const allowed = [...EVERY_STACK.map(({ id }) => `${join('stacks', id, 'cdk.tf.json')}.//.metadata.version`), 'manifest.json.version'];
    expect(found.sort()).toEqual(allowed.sort());
  });

  it('would show a difference, were there one', () => {
    expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 3, c: 4 }] })).toEqual(['.a.1.b', '.a.1.c']);
    expect(differences({ a: 1 }, { a: 1 })).toEqual([]);
  });
});

describe('cdktf\'s command line', () => {
  // With a PATH that holds what cdktf.json's command needs, and no terraform.
  const cdktf = (...args: string[]) => {
    const programs = join(work, 'programs');
    if (!existsSync(programs)) {
      mkdirSync(programs);
      for (const program of ['node', 'npx', 'npm', 'sh']) symlinkSync(which(program)!, join(programs, program));
    }
    return execFileSync(process.execPath, [join('node_modules', '.bin', 'cdktf'), ...args], {
      encoding: 'utf8', stdio: 'pipe', env: { PATH: programs, HOME: work, CI: '1', CHECKPOINT_DISABLE: '1' },
    });
  };

  it('synthesizes the same from cdktf.json, without network or terraform', () => {
    const outdir = join(work, 'cli');
    cdktf('synth', '--output', outdir);
    const { files } = synthesize('direct');
    expect(filesOf(outdir)).toEqual(files);
  });

  it('lists every stack by an id that starts with its environment', () => {
    const listed = cdktf('list', '--output', join(work, 'list'));
    for (const { id } of EVERY_STACK) expect(listed).toContain(id);
  });
});

const terraform = which('terraform');
if (terraform) {
  describe('terraform, as far as it goes without providers', () => {
    const get = (folder: string) => spawnSync(terraform, ['get'], { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: work, CHECKPOINT_DISABLE: '1' } });

    it('takes every stack as configuration: blocks, meta-arguments, references to blocks, backend', () => {
      synthesize('terraform');
      for (const { id } of EVERY_STACK) expect(get(join(work, 'terraform', 'stacks', id)).stderr.replace(/.*terraformrc.*/g, ''), id).not.toContain('Error');
    });

    it('would say so if one were none', () => {
      synthesize('broken');
      const folder = join(work, 'broken', 'stacks', 'dev-cluster');
      const path = join(folder, 'cdk.tf.json');
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"postcondition"', '"postconditions"'));
      const run = get(folder);
      expect(run.status).not.toBe(0);
      expect(run.stderr).toContain('postconditions');
    });
  });
} else {
  console.log('terraform is not on PATH: the synthesized stacks were not read by it');
}

function which(program: string): string | undefined {
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program)).find((path) => existsSync(path));
}
