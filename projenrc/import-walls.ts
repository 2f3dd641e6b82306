import { typescript } from 'projen';

/** One wall: files under `target` must not import from `from`, but for `except`; the sentence is what a contributor reads. */
interface Wall {
  readonly target: string | string[];
  readonly from: string;
  /** Paths below `from` that stay open. @default - none */
  readonly except?: string[];
  readonly message: string;
}

const ROOMS = ['config', 'components', 'stacks', 'charts', 'verify', 'pricing', 'forecaster', 'apps', 'rehearsal', 'delivery'] as const;
type Room = (typeof ROOMS)[number];

/** What each room may import besides itself and `base/`, and why it may not import more. */
const OPEN: Record<Room, { readonly may: readonly Room[]; readonly why: string }> = {
  config: { may: [], why: 'config/ holds decided values only; it imports none of our rooms.' },
  components: { may: [], why: 'components/ know no environment and are published alone; pass the value as a prop.' },
  pricing: { may: [], why: 'pricing/ is a pure engine; give it plain data.' },
  forecaster: { may: [], why: 'forecaster/ is a pure engine with a thin service face; it imports none of our rooms.' },
  verify: { may: ['components'], why: 'verify/ proves facts about synthesized objects; it may know component types, nothing else.' },
  stacks: { may: ['config', 'components'], why: 'stacks/ turn config into Terraform with components/cloud; Kubernetes objects belong to charts/.' },
  charts: { may: ['config', 'components'], why: 'charts/ see a service only through its contract.ts, so that drift is a compile error.' },
  apps: { may: ['pricing'], why: 'apps/ run in the cluster: they read settings, never environments or constructs.' },
  rehearsal: { may: ['config', 'pricing', 'forecaster', 'verify'], why: 'rehearsal/ plays what dist/ holds; it never reaches into charts/, stacks/ or components/.' },
  delivery: { may: ['config', 'stacks'], why: 'delivery/ runs Terraform on what was synthesized; it never synthesizes.' },
};

/** Rooms whose `contract.ts` files stay open to a room although the room behind them is closed. */
const DOORS: Partial<Record<Room, readonly Room[]>> = {
  charts: ['forecaster', 'pricing', 'apps'],
  apps: ['forecaster'],
  rehearsal: ['apps'],
};

/** The import walls between rooms, as lint rules with a sentence each. */
export function walls(): Wall[] {
  const result: Wall[] = [];
  result.push({ target: './base', from: './test', message: 'base/ must not import test/: tests know the rooms, never the other way round.' });
  for (const room of ROOMS) {
    for (const other of ROOMS) {
      if (other === room || OPEN[room].may.includes(other)) continue;
      const door = DOORS[room]?.includes(other) === true;
      // The lint rule takes patterns as exceptions only where `from` is a pattern too.
      const from = door ? { from: `./${other}/**/*`, except: ['**/contract.ts'] } : { from: `./${other}` };
      result.push({ target: `./${room}`, ...from, message: `${room}/ must not import ${other}/: ${OPEN[room].why}` });
    }
    result.push({ target: `./${room}`, from: './test', message: `${room}/ must not import test/: tests know the rooms, never the other way round.` });
    result.push({ target: './base', from: `./${room}`, message: 'base/ is the leaf every room stands on; it imports none of them.' });
  }
  result.push({ target: './stacks', from: './components', except: ['./cloud'], message: 'stacks/ may import components/cloud only: Kubernetes constructs belong to charts/.' });
  result.push({ target: './delivery', from: './stacks', except: ['./teardown'], message: 'delivery/ may import stacks/teardown only: the stacks themselves it reads as files.' });
  result.push({ target: './charts', from: './components/cloud', message: 'charts/ must not import components/cloud: Terraform tokens never reach manifests.' });
  return result;
}

/** cdktf's quick synthesis proves nothing. */
const TESTING_SYNTH = { object: 'Testing', property: 'synth', message: 'Testing.synth skips validations; use fullSynth (test/support/synth-stack.ts).' };

/** Adds the walls and the bans that keep synthesis fast and settings at the edge. */
export function importWalls(project: typescript.TypeScriptProject): void {
  const eslint = project.eslint;
  if (!eslint) throw new Error('import walls need eslint: true');
  eslint.addRules({
    'import/no-restricted-paths': ['error', { basePath: '.', zones: walls() }],
    'no-restricted-imports': ['error', {
      paths: ['aws', 'helm', 'kubernetes'].map((provider) => ({
        name: `@cdktf/provider-${provider}`,
        message: `the provider barrel costs seconds per run; import @cdktf/provider-${provider}/lib/<resource>`,
      })),
    }],
    'no-restricted-properties': ['error',
      { object: 'process', property: 'env', message: 'process.env is read in config/ and */settings.ts only; take a typed setting.' },
      { object: 'Testing', property: 'synth', message: 'Testing.synth skips validations; use fullSynth (test/support/synth.ts).' }],
    'max-len': ['error', { code: 180, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreComments: true, ignoreRegExpLiterals: true }],
    '@stylistic/max-len': 'off',
    '@stylistic/quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
    '@stylistic/brace-style': 'off',
    '@stylistic/object-property-newline': 'off',
    '@stylistic/member-delimiter-style': ['error', { singleline: { delimiter: 'semi', requireLast: false } }],
    '@stylistic/no-multiple-empty-lines': ['error', { max: 1 }],
    '@stylistic/quote-props': ['error', 'as-needed', { numbers: true }], // a key such as 1.40 would become 1.4
    '@typescript-eslint/member-ordering': 'off',
    '@typescript-eslint/no-explicit-any': 'error',
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-unused-expressions': 'error',
    '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    'import/no-extraneous-dependencies': ['error', { devDependencies: true, peerDependencies: true, optionalDependencies: false }],
    'import/order': 'off',
    'import/no-unresolved': 'off', // the compiler says it better, and knows `exports`
  });
  eslint.addOverride({
    files: ['config/**', '**/settings.ts', '.projenrc.ts', 'projenrc/**', 'test/**', 'bench/**'],
    rules: { 'no-restricted-properties': ['error', TESTING_SYNTH] },
  } as never);
  // projen points the parser at tsconfig.json; the one that covers every room is tsconfig.dev.json.
  const rc = project.tryFindObjectFile('.eslintrc.json');
  rc?.addDeletionOverride('parserOptions.projectService');
  rc?.addOverride('parserOptions.project', './tsconfig.dev.json');
  rc?.addOverride('parserOptions.ecmaVersion', 2022);

  eslint.addIgnorePattern('dist/');
  eslint.addIgnorePattern('lib/');
  eslint.addIgnorePattern('cdktf.out/');
  eslint.addIgnorePattern('test/fixtures/');
}
