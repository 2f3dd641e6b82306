import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Whether the tests that make clusters of containers are part of this run, and why.
 *
 * `TIDELINE_TEST_KIND=always` (the task `test:kind` sets it) and `never` decide; otherwise they run where an engine answers and every program that goes into
 * images has been built before: that takes as long as all other tests together. What is left to build then takes a minute or two.
 */
export async function kindTests(environment: Readonly<Record<string, string | undefined>> = process.env): Promise<{ readonly run: boolean; readonly why: string }> {
  const asked = environment.TIDELINE_TEST_KIND;
  if (asked === 'always' || asked === 'never') return { run: asked === 'always', why: `kind tests: ${asked === 'always' ? 'run' : 'left out'}, as TIDELINE_TEST_KIND says` };
  const engine = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 5_000 }).then(() => true, () => false);
  if (!engine) return { run: false, why: 'kind tests: left out, no Docker engine answers' };
  // A program of its own: the configuration of the tests should not load half of the rehearsal.
  const cold = await run(process.execPath, [require.resolve('tsx/cli'), 'rehearsal/levels/kind/warm.ts']).then(({ stdout }) => stdout.trim(), (error: Error) => error.message.split('\n')[0]);
  return cold === ''
    ? { run: true, why: 'kind tests: run, an engine answers and every program is built' }
    : { run: false, why: `kind tests: left out, to be built first: ${cold} (npx projen test:kind builds it)` };
}
