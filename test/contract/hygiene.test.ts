import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../config';

const ROOT = resolve(__dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter((file) => file !== '' && existsSync(join(ROOT, file)));

/** Lines of texts that a pattern finds, as file and line. The patterns stand here and nowhere else. */
function holding(files: readonly string[], pattern: RegExp): string[] {
  return files.filter((file) => file !== 'test/contract/hygiene.test.ts')
    .flatMap((file) => read(file).split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 80)}`] : [])));
}

const sources = tracked.filter((file) => /\.(ts|cts|mts|cjs|js)$/.test(file));
const texts = [...sources, ...tracked.filter((file) => /\.(md|ya?ml|mod|sh)$|^\.ci\//.test(file))];
const tests = tracked.filter((file) => /^test\/.*\.ts$/.test(file));

const LEFT = /\b(TODO|FIXME|XXX|HACK)\b|^(<{7}|={7}|>{7})( |$)|^\s*debugger\b/;
const ASIDE = /\b(describe|it|test)(\.\w+)*\.(only|skip|todo|fails)\b|(?<![.\w])(xit|xtest|xdescribe|fit|fdescribe)\(/;
const UNSEEDED = /\bMath\.random\(|\bDate\.now\(|\bnew Date\(\)/;

describe('what is tracked', () => {
  test('is looked at', () => {
    expect(sources.length).toBeGreaterThan(200);
    expect(tests.length).toBeGreaterThan(50);
    expect(texts).toEqual(expect.arrayContaining(['README.md', '.ci/run', 'tools/go.mod', 'verify/main.ts']));
  });

  test.each(['// TODO: later', '  # FIXME', '<<<<<<< ours', '=======', '  debugger;'])('would be found: %s', (line) => {
    expect(line).toMatch(LEFT);
  });

  test.each(["test.skip('x', () => {})", "describe.concurrent.only('x')", "it.todo('x')", 'xit(', 'fdescribe('])('would be found: %s', (line) => {
    expect(line).toMatch(ASIDE);
  });

  test('holds nothing that was left for later', () => {
    expect(holding(texts, LEFT)).toEqual([]);
  });

  test('holds no test that is set aside, or set before the others', () => {
    expect(holding(tests, ASIDE)).toEqual([]);
  });

  test('holds no clock and no chance in engines, constructs and synthesis', () => {
    const engines = sources.filter((file) => /^(base|config|components|charts|stacks|verify|pricing|forecaster\/(?!service\/)|rehearsal\/(plant|scaling|traces)\/)/.test(file));
    expect(engines.length).toBeGreaterThan(80);
    expect(holding(engines, UNSEEDED)).toEqual([]);
  });

  test('holds no key, token or certificate', () => {
    expect(holding(texts.filter((file) => !file.startsWith('test/')), /-----BEGIN [A-Z ]+-----(?!\\n\$\{)|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b/)).toEqual([]);
  });

  test('includes every file that .projenrc.ts generates', () => {
    const generated = JSON.parse(read('.projen/files.json')) as { files: string[] };
    expect(generated.files).toEqual(expect.arrayContaining(['.eslintrc.json', '.ci/run', 'tsconfig.dev.json']));
    expect(generated.files.filter((file) => !tracked.includes(file))).toEqual([]);
  });
});

describe('the decisions', () => {
  const pages = readdirSync(join(ROOT, 'docs/decisions')).sort();

  test.each(pages)('%s is numbered as its title, and short', (page) => {
    const [title, ...body] = read(`docs/decisions/${page}`).split('\n');
    expect(page).toMatch(/^\d{4}-[a-z0-9-]+\.md$/);
    expect(title).toMatch(new RegExp(`^# ${page.slice(0, 4)}: \\S`));
    const words = body.join(' ').split(/\s+/).filter(Boolean).length;
    expect(words).toBeGreaterThan(30);
    expect(words).toBeLessThanOrEqual(400);
  });
});

describe('what the rehearsal reads of releases', () => {
  test('is pinned at the version of the catalogue', () => {
    const pins = (file: string) => new Map([...read(file).matchAll(/^(?:require )?\s*([\w./-]+) v(\S+)/gm)].map(([, module, version]) => [module!, version!]));
    expect(pins('tools/go.mod').get('github.com/kedacore/keda/v2')).toBe(catalogue.keda.version);
    expect(pins('tools/karpenter/go.mod').get('github.com/aws/karpenter-provider-aws')).toBe(catalogue.karpenter.version);
    expect(pins('tools/argocd/go.mod').get('github.com/argoproj/argo-cd/v3')).toBe(catalogue.argocd.version);
  });
});
