import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { rules } from '../../verify';
import { healthy } from './support';

const ROOT = resolve(__dirname, '../..');
const FOUR_PARTS = /\[[^\]]+\] got: .+; allowed: .+; do: .+/;

let folder: string;
let dist: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'tideline-verify-cli-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  dist = mkdtempSync(join(folder, 'dist-'));
  for (const { file, object } of healthy()) {
    // The fixture's root is one object; it stands where the root of an environment stands.
    const path = join(dist, file.startsWith('dev/root/') ? 'dev/root.yaml' : file.replace(/\.yaml$/, `-${object.metadata.name}.yaml`));
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, stringify(object, { aliasDuplicateObjects: false }));
  }
});

/** The command as a user runs it. */
function verify(...args: readonly string[]) {
  const result = spawnSync(process.execPath, [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(ROOT, 'verify/main.ts'), ...args], { cwd: folder, encoding: 'utf8' });
  return { status: result.status, out: result.stdout, err: result.stderr };
}

function seed(file: string, change: (content: string) => string): void {
  const path = join(dist, file);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

const DEPLOYMENT = 'dev/web/deployment-web-web.yaml';

describe('verify', () => {
  test('passes on a healthy folder, one line per rule', () => {
    const { status, out, err } = verify('--dist', dist);
    expect(err).toBe('');
    expect(status).toBe(0);
    expect(out).toContain('12 objects of dev; no stacks');
    for (const { id, title } of rules) expect(out).toMatch(new RegExp(`^(pass|not-applicable) +${id}: ${title} \\(\\d+ checked\\)$`, 'm'));
    expect(out).toContain('9 proofs hold, 0 fail, 0 open (0 facts), 3 not applicable');
  });

  test('fails on a seeded violation, in four parts', () => {
    seed(DEPLOYMENT, (content) => content.replace('selector:', 'replicas: 3\n  selector:'));
    const { status, out } = verify('--dist', dist);
    expect(status).toBe(1);
    expect(out).toMatch(/^fail +single-writer/m);
    const line = out.split('\n').find((each) => each.includes('by its manifest'))!;
    expect(line).toMatch(FOUR_PARTS);
    expect(line).toContain('[dev: Deployment web/web] got: dev: Deployment web/web by its manifest; dev: HorizontalPodAutoscaler web/web by scaling');
  });

  test('lists and counts open facts, and passes', () => {
    seed(DEPLOYMENT, (content) => content.replace(/@sha256:[0-9a-f]+/, ''));
    const { status, out } = verify('--dist', dist);
    expect(status).toBe(0);
    expect(out).toMatch(/^open +images/m);
    expect(out).toMatch(/^ {2}open \[dev: Deployment web\/web, container web\]/m);
    expect(out).toContain('1 open (1 facts)');
  });

  test('shows an exemption with its reason', () => {
    seed(DEPLOYMENT, (content) => content.replace('  name: web\n', '  name: web\n  annotations:\n    verify.tideline.dev/exempt-automount: it talks to the API\n').replace('automountServiceAccountToken: false', 'automountServiceAccountToken: true'));
    const { status, out } = verify('--dist', dist);
    expect(out).toContain('exempt [dev: Deployment web/web] the API token is mounted: it talks to the API');
    expect(status).toBe(0);
  });

  test('gives the same as JSON', () => {
    seed(DEPLOYMENT, (content) => content.replace('selector:', 'replicas: 3\n  selector:'));
    const { status, out } = verify('--dist', dist, '--json');
    expect(status).toBe(1);
    const result = JSON.parse(out) as { objects: number; stacks: number; checks: { id: string; status: string; findings: { where: string }[] }[] };
    expect(result).toMatchObject({ objects: 12, stacks: 0 });
    expect(result.checks.map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
    expect(result.checks.filter((check) => check.status === 'fail').map(({ id }) => id)).toEqual(['single-writer']);
  });

  test('proves the stacks of the environment it is asked for, and no other', () => {
    cpSync(join(dist, 'dev'), join(dist, 'dev-eu'), { recursive: true });
    const stacks = join(folder, 'stacks');
    for (const [name, json] of [['dev-cluster', '{}'], ['dev-eu-cluster', '{"resource":{"aws_db_instance":{"main":{"password":"x"}}}}']] as const) {
      mkdirSync(join(stacks, name), { recursive: true });
      writeFileSync(join(stacks, name, 'cdk.tf.json'), json);
    }
    const dev = verify('--dist', dist, '--stacks', stacks, '--environment', 'dev');
    expect(dev.out).toContain('12 objects of dev; 1 stacks');
    expect(dev.status).toBe(0);
    const other = verify('--dist', dist, '--stacks', stacks, '--environment', 'dev-eu');
    expect(other.out).toMatch(/\[stack dev-eu-cluster resource\.aws_db_instance\.main\.password\] got: a plain value for password/);
    expect(other.status).toBe(1);
  });

  test.each<[string, () => readonly string[], string]>([
    ['an unknown flag', () => ['--dist', dist, '--colour'], '[arguments] got: Unknown option'],
    ['a word too many', () => ['--dist', dist, 'prod'], '[arguments] got: Unexpected argument'],
    ['a flag without its value', () => ['--dist'], '[arguments] got: '],
    ['an unknown environment', () => ['--dist', dist, '--environment', 'qa'], '[--environment] got: qa; allowed: dev'],
    ['a folder that is not there', () => ['--dist', join(dist, 'nowhere')], 'got: no such folder'],
    ['stacks that are not there', () => ['--dist', dist, '--stacks', join(dist, 'nowhere')], '[--stacks] got: '],
  ])('refuses %s, in four parts and without a stack trace', (_, args, words) => {
    const { status, err } = verify(...args());
    expect(status).toBe(1);
    expect(err).toContain(words);
    expect(err).toMatch(FOUR_PARTS);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test('names file and line of malformed YAML', () => {
    seed(DEPLOYMENT, (content) => `${content}  bad: [\n`);
    const { status, err } = verify('--dist', dist);
    expect(status).toBe(1);
    expect(err).toMatch(/\[dev\/web\/deployment-web-web\.yaml:\d+\] got: /);
  });

  test('says how it is called', () => {
    expect(verify('--help')).toMatchObject({ status: 0, out: expect.stringContaining('npx projen verify [--dist DIR]') });
  });
});
