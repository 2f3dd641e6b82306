import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { defineEnvironment, Environment, environments } from '../../../config';
import { rootObjects } from '../../../stacks/bootstrap/root-objects';
import { buildStacks } from '../../../stacks/build-stacks';
import { readStacks, TeardownStack } from '../../../stacks/teardown';

/** The stacks of every environment, written by `app.synth()` and read back. */
export function synthesizedStacks(change: (environment: Environment) => Environment = (environment) => environment): Record<string, TeardownStack[]> {
  const outdir = mkdtempSync(join(tmpdir(), 'tideline-teardown-'));
  try {
    const app = new App({ outdir });
    buildStacks(app, environments().map((environment) => defineEnvironment(change(environment))), (name) => rootObjects('dist', name));
    app.synth();
    return Object.fromEntries(environments().map(({ name }) => [name, readStacks(outdir, name)]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
