import { ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { environment as environmentOf } from '../../../config';
import { factsOf, STACKS, StackName, stackId, stateKey } from '../../../config/facts';
import { DeliveryOptions, readDeliveryOptions } from '../../../delivery/options';
import { findTerraform, onPath } from '../../../delivery/program';
import type { Session } from '../../../delivery/session';
import { ObjectStore, objectStore } from './object-store';

const ROOT = resolve(__dirname, '../../..');

/** The real Terraform of this machine. @default - there is none */
export const TERRAFORM = onPath('terraform', process.env.PATH ?? '');

/** Resources of a stack, as Terraform's JSON has them. */
export type Resources = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A run of the command line. */
export interface Run {
  readonly process: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
  /** Everything printed so far. */
  output(): string;
  /** Waits for a text to be printed. @throws if the run ends before */
  until(text: string | RegExp): Promise<void>;
}

/**
 * A platform small enough for a test: seven stacks of resources that are built into Terraform, their states in an object store that speaks S3, everything in a
 * folder of its own. The command line under test, Terraform, its S3 backend and its locks are the real ones.
 */
export class SmallPlatform {
  static async create(environment: string): Promise<SmallPlatform> {
    const folder = mkdtempSync(join(tmpdir(), 'tideline-delivery-'));
    return new SmallPlatform(environment, folder, await objectStore(join(folder, 'buckets')));
  }

  readonly work: string;
  readonly bucket: string;
  private readonly bin: string;

  private constructor(readonly environment: string, readonly folder: string, readonly store: ObjectStore) {
    this.work = join(folder, 'work');
    this.bin = join(folder, 'bin');
    this.bucket = factsOf(environmentOf(environment)).state.bucket;
    for (const each of [this.work, this.bin, join(folder, 'buckets')]) mkdirSync(each, { recursive: true });
    for (const program of ['sh', 'mkdir', 'rm', 'rmdir', 'sleep', 'touch', 'cat', 'test', 'echo', 'kill']) {
      const path = onPath(program, process.env.PATH ?? '');
      if (path) symlinkSync(path, join(this.bin, program));
    }
    if (TERRAFORM) symlinkSync(TERRAFORM, join(this.bin, 'terraform'));
    for (const name of STACKS) this.stack(name, name === 'foundation' ? this.makesBucket() : { [name]: { input: 'first' } });
  }

  /** Writes a stack as if it were synthesized: `terraform_data` resources by name, or whatever `more` holds. */
  stack(name: StackName, data: Resources, more: Readonly<Record<string, unknown>> = {}): void {
    const address = `http://127.0.0.1:${this.store.port}`;
    const backend = {
      bucket: this.bucket, key: stateKey(this.environment, name), region: 'eu-west-1', use_lockfile: true, access_key: 'test', secret_key: 'test', endpoints: { s3: address },
      use_path_style: true, skip_credentials_validation: true, skip_metadata_api_check: true, skip_requesting_account_id: true, skip_region_validation: true,
    };
    const folder = join(this.folder, 'synthesized', 'stacks', stackId(this.environment, name));
    mkdirSync(folder, { recursive: true });
    const resource = { ...(more.resource as object | undefined), ...(Object.keys(data).length > 0 ? { terraform_data: data } : {}) };
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify({ ...more, terraform: { required_version: '>= 1.11', backend: { s3: backend } }, resource }));
  }

  /** Resources of a foundation: making one makes the bucket of states, destroying it removes the bucket with all that is in it. */
  makesBucket(): Resources {
    const path = this.store.bucket(this.bucket);
    return { bucket: { input: path, provisioner: [{ 'local-exec': { command: `mkdir -p ${path}` } }, { 'local-exec': { when: 'destroy', command: 'rm -r ${self.input}' } }] } };
  }

  /** Puts a program on the search path. */
  program(name: string, script: string): void {
    rmSync(join(this.bin, name), { force: true });
    writeFileSync(join(this.bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.bin, name), 0o755);
  }

  removeProgram(name: string): void {
    rmSync(join(this.bin, name), { force: true });
  }

  /** Runs the command line. */
  start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Run {
    const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'delivery/main.ts'), ...args], {
      cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: this.bin, HOME: this.folder, TIDELINE_DELIVERY_DIR: this.work, CDKTF_OUTDIR: join(this.folder, 'synthesized'), ...environment },
    });
    let output = '';
    let heard = () => undefined as void;
    let over = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        heard();
      });
    }
    const ended = new Promise<{ code: number | null; output: string }>((done) => child.once('close', (code) => {
      over = true;
      heard();
      done({ code, output });
    }));
    return {
      process: child, ended, output: () => output,
      until: async (text) => {
        while (!(typeof text === 'string' ? output.includes(text) : text.test(output))) {
          if (over) throw new Error(`it ended without saying ${String(text)}:\n${output}`);
          await new Promise<void>((next) => { heard = next; });
        }
      },
    };
  }

  /** What the command line would work with, to call its parts in this process. */
  async session(command: 'deploy' | 'destroy', args: readonly string[], more: Partial<Session> = {}): Promise<Session & { readonly said: string[] }> {
    const options = readDeliveryOptions(command, [this.environment, ...args], [this.environment]) as DeliveryOptions;
    const environment = { PATH: this.bin, HOME: this.folder, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' };
    const said: string[] = [];
    const folder = mkdtempSync(join(this.folder, 'scratch-'));
    return {
      target: environmentOf(this.environment), options, program: await findTerraform(this.bin, environment), signal: new AbortController().signal, environment, said,
      synthesized: join(this.folder, 'synthesized'), folder: this.work, scratch: folder, sleep: async () => undefined, ...more, person: { say: (line) => { said.push(line); }, ask: more.person?.ask },
    };
  }

  async run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<{ readonly code: number | null; readonly output: string }> {
    return this.start(args, environment).ended;
  }

  /** The state of a stack in the bucket. */
  state(name: StackName): { readonly serial: number; readonly lineage: string; readonly resources: readonly { readonly name: string }[] } | undefined {
    const text = this.store.read(this.bucket, stateKey(this.environment, name));
    return text === undefined ? undefined : JSON.parse(text) as { serial: number; lineage: string; resources: { name: string }[] };
  }

  /** Names of what a stack's state holds. */
  holds(name: StackName): string[] {
    return (this.state(name)?.resources ?? []).map((resource) => resource.name).sort();
  }

  /** Locks that are held, by key. */
  locks(): string[] {
    return this.store.keys(this.bucket).filter((key) => key.endsWith('.tflock'));
  }

  /** Files below the working copies that may hold secrets: plans, what Terraform printed, states. */
  leftovers(): string[] {
    const below = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === '.terraform' ? [] : [...(entry.name.startsWith('plans-') ? [path] : []), ...below(path)];
      return /tfplan|tfstate|std(out|err)-/.test(entry.name) ? [path] : [];
    });
    return existsSync(this.work) ? below(this.work).map((path) => path.slice(this.work.length + 1)) : [];
  }

  read(path: string): string {
    return readFileSync(join(this.work, path), 'utf8');
  }

  async remove(): Promise<void> {
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
