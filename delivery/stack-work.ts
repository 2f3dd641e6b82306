import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file';
import { FaultError } from '../base/faults';
import type { StackName } from '../config/facts';
import type { Plan } from './plan';
import { errorText, lockHolder, runTerraform, TerraformOptions, TerraformResult } from './terraform';

/** What a stack is worked on with. */
export interface StackWorkOptions extends Omit<TerraformOptions, 'cwd' | 'uninterrupted'> {
  readonly name: StackName;
  /** E.g. `dev-network`. */
  readonly id: string;
  /** Folder the stack was synthesized to. */
  readonly synthesized: string;
  /** Folder of all working copies. */
  readonly folder: string;
}

/** Where a state is. */
export interface StateIdentity {
  readonly lineage: string;
  readonly serial: number;
  /** Managed resources in it. */
  readonly resources: number;
  /** Digest of what it holds, whatever it is called: the first copy into an empty place gets a lineage of its own. */
  readonly content: string;
}

/** A command of Terraform that failed. `message` is what Terraform said. */
export class TerraformError extends Error {
  constructor(readonly command: string, readonly result: TerraformResult) {
    super(errorText(result.stderr) || errorText(result.stdout) || `terraform ${command} ended with status ${result.status}`);
    this.name = 'TerraformError';
  }

  /** Whether it failed because the bucket of states is not there. */
  get withoutBucket(): boolean {
    return /S3 bucket "[^"]+" does not exist|NoSuchBucket/.test(this.result.stderr.replace(/\s*\n[│\s]*/g, ' '));
  }
}

const OVERRIDE = 'backend_override.tf.json';

/**
 * One stack in a working copy of its own, so that a synthesis meanwhile changes nothing under a deploy, and the stack's providers are fetched once.
 */
export class StackWork {
  readonly folder: string;
  /** State that is kept here while its bucket does not exist. */
  readonly localState: string;
  private readonly terraform: TerraformOptions;

  constructor(private readonly options: StackWorkOptions) {
    this.folder = join(options.folder, options.id);
    this.localState = join(this.folder, 'kept.tfstate'); // where only this user can look
    this.terraform = { ...options, cwd: this.folder };
  }

  get name(): StackName {
    return this.options.name;
  }

  get id(): string {
    return this.options.id;
  }

  get hasLocalState(): boolean {
    return existsSync(this.localState);
  }

  /**
   * Copies what was synthesized; what Terraform keeps beside it stays.
   *
   * @throws FaultError if the stack was not synthesized
   */
  prepare(): void {
    const { synthesized, id } = this.options;
    if (!existsSync(join(synthesized, 'cdk.tf.json'))) {
      throw new FaultError('there is nothing to deploy', [{ where: `stack ${id}`, got: 'no cdk.tf.json', allowed: 'a synthesized stack', do: 'run npx projen synth' }]);
    }
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    chmodSync(this.folder, 0o700);
    rmSync(join(this.folder, 'assets'), { recursive: true, force: true });
    cpSync(synthesized, this.folder, { recursive: true, force: true, filter: (path) => !/^(\.terraform.*|.*\.tfstate.*|.*_override\.tf\.json)$/.test(basename(path)) });
    rmSync(join(this.folder, OVERRIDE), { force: true });
  }

  /** Points Terraform at the state in the bucket. */
  async useBucket(): Promise<void> {
    rmSync(join(this.folder, OVERRIDE), { force: true });
    await this.must(['init', '-input=false', '-no-color', '-upgrade', '-reconfigure']); // providers are pinned in the stack itself
  }

  /** Points Terraform at the state kept here. */
  async useLocal(): Promise<void> {
    this.overrideBackend();
    await this.must(['init', '-input=false', '-no-color', '-upgrade', '-reconfigure']);
  }

  /**
   * Copies the state kept here into the bucket and points there. Killed half way, the file is still here. Unlike `init -migrate-state -force-copy`, this is refused by
   * Terraform if there is a newer state, or one of another lineage.
   */
  async sendState(): Promise<void> {
    await this.useBucket();
    await this.must(['state', 'push', this.localState]);
  }

  /** Copies the state out of the bucket to here and points here. */
  async fetchState(): Promise<void> {
    writeFileAtomic(this.localState, (await this.must(['state', 'pull'])).stdout, 0o600);
    await this.useLocal();
  }

  /** Forgets the state kept here, once it is certain to be elsewhere or to hold nothing. */
  dropLocalState(): void {
    for (const suffix of ['', '.backup']) rmSync(`${this.localState}${suffix}`, { force: true });
  }

  /** The state kept here; undefined if there is none. */
  localIdentity(): StateIdentity | undefined {
    return this.hasLocalState ? identityOf(readFileSync(this.localState, 'utf8')) : undefined;
  }

  /** The state Terraform points at; undefined if there is none yet. */
  async identity(): Promise<StateIdentity | undefined> {
    return identityOf((await this.must(['state', 'pull'])).stdout);
  }

  /**
   * Plans, and saves the plan for an apply of exactly that.
   *
   * @param mode `look`: takes no lock, for a role that only reads
   */
  async plan(mode: 'apply' | 'destroy' | 'look'): Promise<{ readonly file: string; readonly plan: Plan }> {
    const file = join(this.options.scratch, `${this.id}.tfplan`);
    writeFileAtomic(file, '', 0o600); // Terraform writes into it, and leaves its mode
    await this.must(['plan', '-input=false', '-no-color', `-out=${file}`, ...(mode === 'destroy' ? ['-destroy'] : []), ...(mode === 'look' ? ['-lock=false'] : [])]);
    chmodSync(file, 0o600);
    return { file, plan: JSON.parse((await this.must(['show', '-json', file])).stdout) as Plan };
  }

  /** The plan as Terraform shows it, secrets masked. */
  async details(file: string): Promise<string> {
    return (await this.must(['show', '-no-color', file])).stdout;
  }

  /** Applies a saved plan, shown as it goes. */
  async apply(file: string): Promise<void> {
    const result = await runTerraform(['apply', '-input=false', '-no-color', file], this.terraform, 'shown');
    rmSync(file, { force: true });
    if (result.status !== 0) this.fail('apply', result);
  }

  private async must(args: readonly string[]): Promise<TerraformResult> {
    const result = await runTerraform(args, this.terraform);
    if (result.status !== 0) this.fail(args[0]!, result);
    return result;
  }

  /** @throws FaultError if somebody else holds the lock, the interruption if that ended the command, else TerraformError */
  private fail(command: string, result: TerraformResult): never {
    const holder = lockHolder(result.stderr);
    if (holder) {
      throw new FaultError('the state is locked', [{
        where: `state of ${this.id}`, got: `locked by ${holder.who} for ${holder.operation} since ${holder.created}`, allowed: 'one that changes a state at a time',
        do: `wait until that has ended; if it was killed and certainly runs no more: terraform -chdir=${this.folder} force-unlock ${holder.id}`,
      }]);
    }
    if (this.options.signal.aborted) throw this.options.signal.reason;
    throw new TerraformError(command, result);
  }

  private overrideBackend(): void {
    writeFileAtomic(join(this.folder, OVERRIDE), JSON.stringify({ terraform: { backend: { local: { path: this.localState } } } }), 0o600);
  }
}

function identityOf(state: string): StateIdentity | undefined {
  if (state.trim() === '') return undefined;
  const { lineage, serial, resources = [], outputs = {} } = JSON.parse(state) as { lineage?: string; serial?: number; resources?: { mode?: string }[]; outputs?: unknown };
  if (!lineage) return undefined;
  const content = createHash('sha256').update(JSON.stringify([resources, outputs])).digest('hex');
  return { lineage, serial: serial ?? 0, resources: resources.filter(({ mode }) => mode === 'managed').length, content };
}
