import { typescript } from 'projen';

/**
 * Installs dependencies only when the lock file is newer than what is installed, so that every task works from a fresh clone and
 * costs nothing later. `npx projen <task>` itself needs no node_modules: it reads .projen/tasks.json.
 */
const INSTALL_NEEDED = 'node projenrc/install-needed.cjs';

/** The commands of the project. Tasks are the only commands: what CI or a README names is one of these. */
export function addTasks(project: typescript.TypeScriptProject): void {
  const setup = project.addTask('setup', {
    description: 'Install what the other tasks need (only when the lock file changed)',
    steps: [{ exec: 'npm ci --no-audit --no-fund --loglevel=error', condition: INSTALL_NEEDED }],
  });

  const command = (name: string, description: string, exec: string, receiveArgs = false) => {
    if (project.tasks.tryFind(name)) project.removeTask(name);
    const task = project.addTask(name, { description });
    task.spawn(setup);
    task.exec(exec, { receiveArgs });
    return task;
  };

  const synth = command('synth', 'Synthesize every environment: cdktf.out/ (stacks) and dist/ (manifests)', 'tsx stacks/main.ts');
  synth.exec('tsx charts/main.ts');
  command('update:manifests', 'Write dist/ from the charts', 'tsx charts/main.ts');
  command('verify:manifests', 'Fail if dist/ is not what the charts give', 'tsx charts/main.ts --check');
  command('verify', 'Prove dist/ and the stacks: ordering, single writer, references, hardening, secrets', 'tsx verify/main.ts', true);
  // Not by the tsx command, which ends a program that takes long to end.
  const deploy = command('deploy', 'Plan, review and apply the stacks of an environment: npx projen deploy dev', 'tsx stacks/main.ts');
  deploy.exec('node --import tsx delivery/main.ts deploy', { receiveArgs: true });
  const destroy = command('destroy', 'Destroy the stacks of an environment, each after a look at what Terraform cannot see', 'tsx stacks/main.ts');
  destroy.exec('node --import tsx delivery/main.ts destroy', { receiveArgs: true });
  const validate = command('terraform:validate', 'Let Terraform check every synthesized stack, as far as its providers can be had here', 'tsx stacks/main.ts');
  validate.exec('node --import tsx delivery/validate-main.ts', { receiveArgs: true });
  command('price', 'Price the environments, or a change: npx projen price --against REF', 'node --require tsx/cjs pricing/change/main.ts', true);
  command('rehearse', 'Rehearse an environment on a local control plane against a replayed trace', 'tsx rehearsal/main.ts', true);
  command('rehearse:down', 'Remove the clusters that rehearsals at level kind left up (--keep) or could not remove', 'tsx rehearsal/levels/kind/down.ts', true);
  command('doctor', 'Say what this machine can run, and what to install for more', 'tsx rehearsal/doctor.ts', true);
  command('backtest', 'Score the forecaster against a folder of real traces by rolling origin', 'tsx forecaster/backtest/main.ts', true);
  command('train:forecaster', 'Train the global model again: npx projen train:forecaster DATA (needs Python 3 with venv; about ten minutes)', 'sh forecaster/training/train.sh', true);
  command('price:refresh', 'Compare the price book with AWS\'s price list and write what changed: npx projen price:refresh [--check] [REGION...]', 'tsx pricing/refresh/main.ts', true);
  command('bench', 'Run the benchmarks, each beside its baseline', 'tsx bench/main.ts', true);
  command('lint', 'Lint: import walls, style, floating promises', 'eslint --ext .ts --no-error-on-unmatched-pattern --max-warnings 0 $@ .', true)
    .env('ESLINT_USE_FLAT_CONFIG', 'false');

  project.testTask.reset();
  project.testTask.description = 'Install, type-check and run every test: unit, contract and integration';
  project.testTask.spawn(setup);
  project.testTask.exec('tsc --noEmit -p tsconfig.dev.json');
  project.testTask.exec('vitest run', { receiveArgs: true });
  command('test:unit', 'Run the unit and contract tests only', 'vitest run --project unit', true);

  command('test:kind', 'Run the tests that make clusters of containers; builds what they need first', 'vitest run --project kind', true)
    .env('TIDELINE_TEST_KIND', 'always');

  project.compileTask.reset('tsc -p tsconfig.build.json');
  command('upgrade', 'Raise dependencies within their ranges, then re-synthesize', 'npm update && npx projen');
}
