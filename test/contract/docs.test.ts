import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rules } from '../../verify';

const ROOT = resolve(__dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const tasks = (JSON.parse(read('.projen/tasks.json')) as { tasks: Record<string, unknown> }).tasks;
const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter((file) => file !== '' && existsSync(join(ROOT, file)));

/** First column of the table whose header begins with this word: what stands in backticks. */
function firstColumn(markdown: string, header: string): string[] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^\\| *${header} *\\|`).test(line));
  if (start < 0) throw new Error(`no table of ${header}`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end < 0 ? undefined : end).map((line) => /^\| *`([^`]+)`/.exec(line)?.[1] ?? `a row without a name: ${line}`);
}

/** Tasks that a text tells to run. */
function namedTasks(markdown: string): string[] {
  return [...markdown.matchAll(/npx (?:--yes )?projen ([a-z][\w:-]*)/g)].map(([, task]) => task!);
}

const DOCUMENTS = tracked.filter((file) => /^[^/]+\.md$|^docs\/.*\.md$/.test(file));

describe('the documents', () => {
  test('are told apart from what they say wrongly', () => {
    expect(firstColumn('| room | what |\n| --- | --- |\n| `a/` | x |\n| b | y |\n\n| `c/` |', 'room')).toEqual(['a/', 'a row without a name: | b | y |']);
    expect(namedTasks('`npx --yes projen test`, `npx projen update:manifests`, `npx projen`')).toEqual(['test', 'update:manifests']);
  });

  test('README names every room there is, and no other', () => {
    const rooms = new Set(tracked.filter((file) => file.includes('/') && !file.startsWith('.')).map((file) => `${file.split('/')[0]!}/`));
    expect(rooms.size).toBeGreaterThan(10);
    expect(firstColumn(read('README.md'), 'room').sort()).toEqual([...rooms].sort());
  });

  test('the page of proofs names every rule and every part that can be exempted, and no other', () => {
    const page = read('docs/proofs.md');
    expect(firstColumn(page, 'rule')).toEqual(rules.map(({ id }) => id));
    const exemptions = page.slice(page.indexOf('## Exemptions'), page.indexOf('one\nwithout a reason'));
    expect([...exemptions.matchAll(/`([a-z-]+)`/g)].map(([, part]) => part).filter((part) => part !== 'hardening').sort()).toEqual(rules.flatMap(({ parts = [] }) => parts).sort());
  });

  test.each(DOCUMENTS)('%s names tasks that exist', (file) => {
    expect(namedTasks(read(file)).filter((task) => !(task in tasks))).toEqual([]);
  });

  test('README names the tasks a user begins with, CONTRIBUTING those of a contributor', () => {
    expect(namedTasks(read('README.md'))).toEqual(expect.arrayContaining(['rehearse', 'test', 'doctor', 'verify', 'synth', 'bench']));
    expect(namedTasks(read('CONTRIBUTING.md'))).toEqual(expect.arrayContaining(['test', 'lint', 'update:manifests', 'verify']));
  });

  test.each(DOCUMENTS)('%s links to what is there', (file) => {
    const targets = [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(file), target)))).toEqual([]);
  });

  test('CONTRIBUTING and ARCHITECTURE name files that exist', () => {
    for (const file of ['CONTRIBUTING.md', 'ARCHITECTURE.md']) {
      const paths = [...read(file).matchAll(/`((?:[a-z-]+\/)+[\w.-]+\.\w+)`/g)].map(([, path]) => path!);
      expect([file, paths.length > 2, paths.filter((path) => !existsSync(join(ROOT, path)))]).toEqual([file, true, []]);
    }
  });

  test('every decision is numbered once', () => {
    const pages = readdirSync(join(ROOT, 'docs/decisions')).map((page) => page.slice(0, 4));
    expect(new Set(pages).size).toBe(pages.length);
    for (const page of pages) expect(page).toMatch(/^\d{4}$/);
  });
});

describe('.ci/run', () => {
  const commands = read('.ci/run').split('\n').filter((line) => /^\s*(npx|npm|node|vitest|tsc)\b/.test(line));

  test('calls exactly the test command of the README', () => {
    const [command] = /^npx --yes projen test\b/m.exec(read('README.md')) ?? ['no test command in the README'];
    expect(commands.map((line) => line.replace(/ 2>&1.*$/, ''))).toEqual([command]);
  });

  test('ends with a line that counts', () => {
    expect(read('.ci/run')).toContain('passed, [0-9]+ failed');
    expect(read('.ci/run').trim().split('\n').slice(-2)).toEqual(['echo "$summary"', 'exit "$status"']);
  });
});

describe('every tracked file', () => {
  const texts = tracked.filter((file) => /\.(ts|cjs|js|json|md|ya?ml|mod|sum|csv|rego)$|^\.[\w.]+$|^\.ci\/run$/.test(file) && file !== 'test/contract/docs.test.ts');
  const holding = (pattern: RegExp) => texts.flatMap((file) => (pattern.exec(read(file)) ? [`${file}: ${pattern.exec(read(file))![0]}`] : []));

  test('is looked at', () => {
    expect(texts.length).toBeGreaterThan(200);
    expect(texts).toEqual(expect.arrayContaining(['package-lock.json', '.npmrc', 'README.md', 'tools/go.mod', '.ci/run']));
  });

  test('names no path of a machine', () => {
    expect(holding(/(?<![\w.$}*])\/(work|root|home\/[a-z]+|Users\/[A-Za-z]+)\/(?!\.)[\w-]+/)).toEqual([]);
  });

  test('names no registry', () => {
    expect(holding(/"resolved": "|registry\.npmjs|registry\.yarnpkg|proxy\.golang\.org|artifactory|verdaccio|^registry *=/m)).toEqual([]);
  });
});
