import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FaultError } from '../base/faults';
import { hearInterruption, Interrupted } from './interruption';
import { findTerraform, Program } from './program';
import { scratchFolder } from './session';
import { deliverySettings } from './settings';
import { validateStack, Validation } from './validate';

/** Exit codes: 0 nothing is wrong, what could not be checked included; 1 a stack is invalid; 130 interrupted. */
async function main(ids: readonly string[]): Promise<number> {
  const root = resolve(__dirname, '..');
  const settings = deliverySettings();
  let program: Program;
  try {
    program = await findTerraform(settings.searchPath, settings.environment, settings.program);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    console.log(`not validated, every stack skipped: ${error.message}`);
    return 0;
  }
  const synthesized = resolve(root, settings.synthesized);
  const folder = join(synthesized, 'stacks');
  const stacks = ids.length > 0 ? ids : existsSync(folder) ? readdirSync(folder).sort() : [];
  if (stacks.length === 0) {
    console.error(`nothing to validate in ${folder}: run npx projen synth`);
    return 1;
  }
  const work = settings.folder ?? join(root, '.delivery');
  const scratch = scratchFolder(work, process.pid);
  const providers = join(work, 'providers');
  mkdirSync(providers, { recursive: true });
  const interruption = hearInterruption(process, (line) => console.error(`\n${line}`));
  try {
    console.log(`validating ${stacks.length} stacks with ${program.product} ${program.version}`);
    const found: Validation[] = [];
    for (const id of stacks) {
      const environment = { TF_PLUGIN_CACHE_DIR: providers, ...settings.environment };
      const validation = await validateStack(id, { program, environment, signal: interruption.signal, synthesized, scratch });
      interruption.signal.throwIfAborted();
      console.log(`${validation.verdict.padEnd(8)} ${id}: ${validation.said}`);
      found.push(validation);
    }
    const count = (verdict: Validation['verdict']) => found.filter((each) => each.verdict === verdict).length;
    console.log(`${count('valid')} valid, ${count('invalid')} invalid, ${count('skipped')} skipped`);
    return count('invalid') > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    throw error;
  } finally {
    interruption.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

void main(process.argv.slice(2)).then((code) => process.exit(code), (error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
