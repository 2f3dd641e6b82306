import { javascript, JsonFile, Project, TextFile, typescript } from 'projen';
import { importWalls } from './projenrc/import-walls';
import { addTasks } from './projenrc/tasks';
import { addWorkflows } from './projenrc/workflows';

const project = new typescript.TypeScriptProject({
  name: '@tideline/platform',
  description: 'A Kubernetes platform on AWS as typed constructs that you can rehearse before you deploy it',
  defaultReleaseBranch: 'main',
  authorName: 'The Tideline authors',
  license: 'Apache-2.0',
  copyrightOwner: 'The Tideline authors',
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.19.0', // the first 20.x that can require() ES modules, which some dependencies are
  workflowNodeVersion: '20',
  projenrcTs: true,
  projenVersion: '0.103.25',
  typescriptVersion: '~5.9.3',
  srcdir: '.',
  libdir: 'lib',
  testdir: 'test',
  artifactsDirectory: 'build', // `dist/` means manifests here
  entrypoint: 'lib/components/index.js',
  entrypointTypes: 'lib/components/index.d.ts',
  sampleCode: false,
  jest: false,
  eslint: true,
  prettier: false,
  docgen: false,
  release: false,
  depsUpgrade: false, // `upgrade` is a task; pull requests come from it
  github: true,
  githubOptions: { mergify: false, pullRequestLint: false },
  buildWorkflow: false, // the workflows are in projenrc/workflows.ts
  pullRequestTemplate: false,
  disableTsconfig: true, // `tsconfig.build.json` below emits the library; the dev config checks everything

  // Who installs the constructs gets constructs and peers, nothing of the services.
  deps: [],
  peerDeps: [
    'constructs@^10.4.2',
    'cdk8s@^2.70.0',
    'cdk8s-plus-28@^2.5.6',
    'cdktf@^0.21.0',
    '@cdktf/provider-aws@^21.22.1',
    '@cdktf/provider-helm@^12.1.2',
    '@cdktf/provider-kubernetes@^12.1.1',
  ],
  peerDependencyOptions: { pinnedDevDependency: false },
  devDeps: [
    'constructs@10.7.0', // < 10.8: what the successor engine cdktn accepts too
    'cdk8s@2.70.106',
    'cdk8s-plus-28@2.5.6',
    'cdktf@0.21.0',
    'cdktf-cli@0.21.0',
    'cdktn@0.24.0', // the engine's successor: a test proves that the stacks come out the same on it
    '@cloud-copilot/iam-simulate', // what AWS's policy evaluation answers; in tests only
    '@cdktf/provider-aws@21.22.1',
    '@cdktf/provider-helm@12.1.2',
    '@cdktf/provider-kubernetes@12.1.1',
    '@electric-sql/pglite',
    '@opentelemetry/api',
    '@opentelemetry/exporter-trace-otlp-http@~0.203.0',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-node@~0.203.0', // the last line that runs on Node 20
    '@fastify/otel',
    '@fastify/swagger',
    '@grpc/grpc-js',
    '@grpc/proto-loader',
    '@peculiar/x509@^1.14.0', // 2.x wants its user to bring a reflection polyfill
    '@sinclair/typebox',
    '@fastify/type-provider-typebox',
    '@types/pg',
    'csv-parse', // reads AWS's price list as it streams in
    'd3-scale',
    'd3-shape',
    '@types/d3-scale',
    '@types/d3-shape',
    'esbuild',
    'fast-check',
    'fastify',
    'parse5',
    'pg',
    'prom-client',
    'tsx',
    'vitest@^4.1.0', // 5 needs Node 22
    'yaml',
  ],
  tsconfigDev: {
    include: ['*.ts', '.projenrc.ts', 'projenrc/**/*.ts', ...rooms().map((room) => `${room}/**/*.ts`)],
    exclude: ['node_modules', 'lib', 'dist', 'cdktf.out'],
    compilerOptions: {
      module: 'nodenext',
      moduleResolution: javascript.TypeScriptModuleResolution.NODE_NEXT,
      target: 'ES2022',
      lib: ['es2023'],
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      noFallthroughCasesInSwitch: true,
      noImplicitOverride: true,
      exactOptionalPropertyTypes: false,
      esModuleInterop: true,
      skipLibCheck: true,
      resolveJsonModule: true,
      noEmit: true,
    },
  },
  gitignore: [
    '.rehearsal/', '.delivery/', 'cdktf.out/', '.gen/', 'terraform.*.tfstate*', '/lib', '/build', '*.tgz', '.DS_Store', '.vitest/',
  ],
  npmignoreEnabled: false,
});

/** The rooms that hold TypeScript; a room is opened with its second file. */
function rooms(): string[] {
  return [
    'base', 'config', 'components', 'stacks', 'charts', 'verify', 'pricing', 'forecaster', 'apps', 'rehearsal', 'delivery', 'test', 'bench',
  ];
}

project.package.addField('files', ['lib', 'README.md', 'LICENSE']);
project.package.addField('exports', {
  '.': { types: './lib/components/index.d.ts', default: './lib/components/index.js' },
  './cloud': { types: './lib/components/cloud/index.d.ts', default: './lib/components/cloud/index.js' },
  './package.json': './package.json',
});
for (const engine of ['cdktf', '@cdktf/provider-aws', '@cdktf/provider-helm', '@cdktf/provider-kubernetes']) {
  project.package.addField('peerDependenciesMeta', {
    ...(project.package.manifest.peerDependenciesMeta ?? {}),
    [engine]: { optional: true }, // only `@tideline/platform/cloud` needs them
  });
}
// npm holds back install scripts unless they are named here. esbuild's only swaps a shim for the binary.
project.package.addField('allowScripts', { esbuild: true, protobufjs: false, 'unrs-resolver': false, '@cdktf/node-pty-prebuilt-multiarch': false });
project.package.addField('overrides', {
  'light-my-request': '6.6.0', // later ones bring a cookie parser that needs Node 22
  'unrs-resolver': '1.11.1', // the last one whose binaries for every platform are published
});
project.npmrc.addConfig('omit-lockfile-registry-resolved', 'true'); // the lock file names packages, never a registry host
project.npmrc.addConfig('fund', 'false');
project.npmrc.addConfig('audit', 'false');

new JsonFile(project, 'tsconfig.build.json', {
  obj: {
    compilerOptions: {
      ...{ rootDir: '.', outDir: 'lib', declaration: true, stripInternal: true },
      module: 'nodenext', moduleResolution: 'nodenext', target: 'ES2022', lib: ['es2023'], types: ['node'],
      strict: true, noUncheckedIndexedAccess: true, esModuleInterop: true, skipLibCheck: true,
    },
    include: ['base/**/*.ts', 'components/**/*.ts'],
  },
});
new JsonFile(project, 'cdktf.json', {
  obj: {
    language: 'typescript',
    app: 'npx tsx stacks/main.ts',
    projectId: '6f2f4f0e-7a6b-4f0d-9a53-1c5f6f0f7d11',
    sendCrashReports: 'false',
    terraformProviders: [],
    terraformModules: [],
    context: {},
  },
});
new TextFile(project, '.ci/run', {
  executable: true,
  lines: [
    '#!/usr/bin/env bash',
    `# ${Project.of(project).name}: what CI runs on a clean checkout. It is the README's test command and nothing else;`,
    '# the last line is always `N passed, N failed`, also when the set-up itself fails.',
    'cd "$(dirname "$0")/.." || exit 1',
    'log=$(mktemp) || exit 1',
    "trap 'rm -f \"$log\"' EXIT",
    'npx --yes projen test 2>&1 | tee "$log"',
    'status=${PIPESTATUS[0]}',
    'summary=$(grep -E \'^[0-9]+ passed, [0-9]+ failed$\' "$log" | tail -n 1)',
    'if [ -z "$summary" ]; then summary="0 passed, 1 failed"; [ "$status" -ne 0 ] || status=1; fi',
    'echo "$summary"',
    'exit "$status"',
  ],
});

project.gitignore.removePatterns('/dist/', 'report.[0-9]*.[0-9]*.[0-9]*.[0-9]*.json', 'pids'); // dist/ is committed: it is what Argo CD syncs
project.gitattributes.addAttributes('/dist/**', 'linguist-generated');

importWalls(project);
addTasks(project);
addWorkflows(project);
project.synth();
