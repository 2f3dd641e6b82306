import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file';
import type { Program } from './program';
import { errorText, runTerraform, TerraformOptions } from './terraform';

/** What became of one stack. */
export interface Validation {
  readonly id: string;
  readonly verdict: 'valid' | 'invalid' | 'skipped';
  /** One line for what was skipped, what Terraform said for what is invalid. */
  readonly said: string;
}

/** What stacks are validated with. */
export interface ValidateOptions {
  readonly program: Program;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Folder that was synthesized to. */
  readonly synthesized: string;
  /** Folder for working copies; emptied. */
  readonly scratch: string;
}

/** Errors that say a provider cannot be had here, not that a stack is wrong. */
const UNREACHABLE = /Could not retrieve the list of available versions(?!.*no available releases match)|was not found in any of the search locations|Failed to install provider|could not connect to|no such host|connection refused|i\/o timeout/i;

/**
 * Lets Terraform check one stack without its backend and without credentials: `init`, `validate`, `graph`. The text is JSON, which `terraform fmt` does not format;
 * that it parses is checked before anything else.
 */
export async function validateStack(id: string, options: ValidateOptions): Promise<Validation> {
  const source = join(options.synthesized, 'stacks', id, 'cdk.tf.json');
  if (!existsSync(source)) return { id, verdict: 'invalid', said: `${source} does not exist: run npx projen synth` };
  let json: { terraform?: { backend?: unknown } };
  try {
    json = JSON.parse(readFileSync(source, 'utf8')) as typeof json;
  } catch (error) {
    return { id, verdict: 'invalid', said: `cdk.tf.json is no JSON: ${(error as Error).message}` };
  }
  const folder = join(options.scratch, id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const terraform: TerraformOptions = { ...options, cwd: folder };
  try {
    // Without a backend: what is checked is the stack, not who may read its state.
    const { backend: _, ...settings } = json.terraform ?? {};
    writeFileAtomic(join(folder, 'cdk.tf.json'), JSON.stringify({ ...json, terraform: settings }));
    const init = await runTerraform(['init', '-input=false', '-no-color', '-backend=false'], terraform);
    if (init.status !== 0) {
      const said = errorText(init.stderr);
      return UNREACHABLE.test(said.replace(/\s+/g, ' ')) ? { id, verdict: 'skipped', said: `its providers cannot be had here: ${firstSentence(said)}` } : { id, verdict: 'invalid', said };
    }
    for (const command of [['validate', '-no-color'], ['graph']]) {
      const result = await runTerraform(command, terraform);
      if (result.status !== 0) return { id, verdict: 'invalid', said: `terraform ${command[0]}: ${errorText(result.stderr)}` };
    }
    return { id, verdict: 'valid', said: 'init, validate, graph' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function firstSentence(text: string): string {
  return text.replace(/^Error: /, '').replace(/\s+/g, ' ').slice(0, 160);
}
