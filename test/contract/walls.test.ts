import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { loadESLint } from 'eslint';
import { beforeAll, describe, expect, test } from 'vitest';
import { walls } from '../../projenrc/import-walls';

const ROOT = resolve(__dirname, '../..');
const ROOMS = ['base', 'config', 'components', 'stacks', 'charts', 'verify', 'pricing', 'forecaster', 'apps', 'rehearsal', 'delivery'] as const;
type Room = (typeof ROOMS)[number];

/** Who may import what, said here a second time and by other means: a path below the root to yes or no. */
const MAY: Readonly<Record<Room, RegExp>> = {
  base: /^base\//,
  config: /^(base|config)\//,
  components: /^(base|components)\//,
  stacks: /^((base|config|stacks)|components\/cloud)\//,
  charts: /^((base|config|charts)\/|components\/(?!cloud\/)|(pricing|forecaster|apps)\/(.*\/)?contract\.ts$)/,
  verify: /^(base|components|verify)\//,
  pricing: /^(base|pricing)\//,
  forecaster: /^(base|forecaster)\//,
  apps: /^((base|pricing|apps)\/|forecaster\/(.*\/)?contract\.ts$)/,
  delivery: /^((base|config|delivery)|stacks\/teardown)\//,
  rehearsal: /^((base|config|pricing|forecaster|verify|rehearsal)\/|apps\/(.*\/)?contract\.ts$)/,
};

const tracked = execFileSync('git', ['ls-files', '*.ts'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean);
const sources = tracked.filter((file) => ROOMS.some((room) => file.startsWith(`${room}/`)));

interface Message { readonly line: number; readonly ruleId: string | null; readonly message: string }
let lint: (file: string, code: string) => Promise<readonly Message[]>;

beforeAll(async () => {
  const ESLint = await loadESLint({ useFlatConfig: false });
  // The project's own configuration. Only what needs a compiled program is left out, because the linted text is in no file.
  const eslint = new ESLint({
    cwd: ROOT,
    overrideConfig: {
      parserOptions: { project: null } as never,
      rules: { '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/return-await': 'off' },
    },
  });
  lint = async (file, code) => (await eslint.lintText(code, { filePath: join(ROOT, file) }))[0]!.messages;
});

/** How a file names another: relative, without extension. */
function specifier(from: string, to: string): string {
  const path = relative(dirname(from), to).replace(/\.ts$/, '');
  return path.startsWith('.') ? path : `./${path}`;
}

const restricted = (messages: readonly Message[]) => messages.filter(({ ruleId }) => ruleId === 'import/no-restricted-paths');

describe('the import walls', () => {
  test.each(ROOMS)('%s imports what it may, and nothing else, of every file there is', async (room) => {
    const probe = `${room}/probe/probe.ts`;
    const code = sources.map((file, index) => `import * as m${index} from '${specifier(probe, file)}';\n`).join('');
    const refused = new Set(restricted(await lint(probe, code)).map(({ line }) => sources[line - 1]!));
    expect(sources.filter((file) => refused.has(file) === MAY[room].test(file))).toEqual([]);
    expect(refused.size).toBeGreaterThan(0);
    expect(refused.size).toBeLessThan(sources.length);
  });

  test('each wall says its sentence', async () => {
    const said = await Promise.all(walls().map(async (wall) => {
      const target = [wall.target].flat()[0]!.replace('./', '');
      const from = wall.from.replace(/^\.\/|\/\*\*\/\*$/g, '');
      const open = wall.except?.map((path) => path.replace(/^\.\//, `${from}/`)) ?? [];
      const file = tracked.find((each) => each.startsWith(`${from}/`) && !open.some((path) => each.startsWith(`${path}/`)) && !each.endsWith('/contract.ts'));
      const probe = `${target}/probe.ts`;
      const messages = restricted(await lint(probe, `import * as probed from '${specifier(probe, file!)}';\nprobed;\n`));
      return { wall: wall.message, holds: messages.some(({ message }) => message.includes(wall.message)) };
    }));
    expect(said.filter(({ holds }) => !holds)).toEqual([]);
    expect(new Set(walls().map(({ message }) => message)).size).toBeGreaterThan(70);
    for (const { message } of walls()) expect(message).toMatch(/^\S+\/ .+\.$/);
  });

  test.each([
    ['import type', "import type { Environment } from '../config';\nexport type X = Environment;\n"],
    ['export', "export * from '../config';\n"],
    ['a dynamic import', "export const load = async () => import('../config');\n"],
    ['require', "export const loaded = require('../config');\n"],
    ['the way over another folder', "export * from '../components/../config';\n"],
  ])('stand against %s too', async (_, code) => {
    expect(restricted(await lint('components/probe.ts', code)).map(({ message }) => message)).toEqual([expect.stringContaining('components/ must not import config/: components/ know no environment')]);
  });

  test('are switched off nowhere, nor are the bans; no comment switches off every rule', () => {
    const switched = tracked.flatMap((file) => readFileSync(join(ROOT, file), 'utf8').split('\n')
      .flatMap((line, index) => (/\/[/*]\s*eslint-disable/.test(line) ? [{ at: `${file}:${index + 1}`, line }] : [])));
    const named = /\/[/*]\s*eslint-disable(-next-line|-line)? (?!.*(import\/|no-restricted))[@\w/-]+/;
    expect(switched.length).toBeGreaterThan(0);
    expect(switched.filter(({ line }) => !named.test(line)).map(({ at }) => at)).toEqual([]);
  });
});

describe('the bans', () => {
  const reported = async (file: string, code: string, rule: string) => (await lint(file, code)).filter(({ ruleId }) => ruleId === rule).map(({ message }) => message);

  test.each(['aws', 'helm', 'kubernetes'])('the barrel of provider %s costs seconds', async (provider) => {
    const name = `@cdktf/provider-${provider}`;
    expect(await reported('stacks/probe.ts', `import * as all from '${name}';\nall;\n`, 'no-restricted-imports')).toEqual([expect.stringContaining(`import ${name}/lib/<resource>`)]);
    expect(await reported('stacks/probe.ts', `import * as one from '${name}/lib/provider';\none;\n`, 'no-restricted-imports')).toEqual([]);
  });

  test.each(['pricing/probe.ts', 'components/cloud/probe.ts', 'apps/cost/probe.ts', 'rehearsal/probe.ts', 'base/probe.ts'])('process.env is not read in %s', async (file) => {
    for (const code of ['process.env.HOME', "process['env'].HOME", 'const { env } = process', 'process?.env']) {
      expect([code, await reported(file, `${code};\n`, 'no-restricted-properties')]).toEqual([code, [expect.stringContaining('process.env is read in config/ and */settings.ts only')]]);
    }
  });

  test.each(['config/probe.ts', 'apps/cost/settings.ts', 'forecaster/service/settings.ts', 'rehearsal/settings.ts'])('process.env is read in %s', async (file) => {
    expect(await reported(file, 'process.env.HOME;\n', 'no-restricted-properties')).toEqual([]);
  });

  test('Testing.synth skips validations', async () => {
    expect(await reported('stacks/probe.ts', 'Testing.synth(stack);\n', 'no-restricted-properties')).toEqual([expect.stringContaining('Testing.synth skips validations')]);
    expect(await reported('stacks/probe.ts', 'Testing.app();\n', 'no-restricted-properties')).toEqual([]);
  });
});
