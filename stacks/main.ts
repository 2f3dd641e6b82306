import { App } from 'cdktf';
import { environments } from '../config';
import { rootObjects } from './bootstrap/root-objects';
import { buildStacks } from './build-stacks';

/** Synthesizes every environment into `cdktf.out`, or where cdktf's command line wants it. Run from the repository's root. */
function main(): void {
  const app = new App();
  buildStacks(app, environments(), (environment) => rootObjects('dist', environment));
  app.synth();
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
