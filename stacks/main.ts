import { App } from 'cdktf';
import { environments } from '../config';
import { TERRAFORM_VERSION } from '../config/facts';
import { rootObjects } from './bootstrap/root-objects';
import { buildStacks } from './build-stacks';

/** Synthesizes every environment into `cdktf.out`, or where cdktf's command line wants it. Run from the repository's root. */
function main(): void {
  // The engine keeps, with every token, the way it was made. Mapping each frame of that back to its source takes a fifth of a synthesis, and nobody reads it.
  process.setSourceMapsEnabled(false);
  // cdktf's successor, cdktn, holds what the stacks use against the oldest version they run on; cdktf does not ask.
  const app = new App({ context: { targetVersions: { terraform: TERRAFORM_VERSION, opentofu: TERRAFORM_VERSION } } });
  buildStacks(app, environments(), (environment) => rootObjects('dist', environment));
  app.synth();
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
