import { mkdtempSync, readdirSync, rmSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError } from '../base/faults';
import { STACKS, stackId, StackName } from '../config/facts';
import type { SynthesizedStack } from '../stacks/teardown';
import type { Aws } from './aws';
import type { DeliveryOptions } from './options';
import type { Program } from './program';
import { StackWork } from './stack-work';

/** Somebody who reads what happens, and may be asked. */
export interface Person {
  say(line: string): void;
  /** An answer, trimmed. @default - nobody can be asked */
  readonly ask?: (question: string) => Promise<string>;
}

/** What a deploy or a destroy works with. */
export interface Session {
  /** Of the environment: its name and its account. */
  readonly target: { readonly name: string; readonly account: string; /** Whether nobody changes it who has not typed its name. */ readonly protect: boolean };
  readonly options: DeliveryOptions;
  readonly program: Program;
  /** @default - there is no AWS command line here */
  readonly aws?: Aws;
  readonly person: Person;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** What Terraform gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder that was synthesized to. */
  readonly synthesized: string;
  /** Folder of working copies. */
  readonly folder: string;
  /** Folder only this user can read, gone afterwards. */
  readonly scratch: string;
  /** Types a plan may not replace or destroy, besides those every deploy guards, with what is lost. @default - none */
  readonly precious?: Readonly<Record<string, string>>;
}

/** What somebody answered who said neither yes nor the word. */
export class Declined extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'Declined';
  }
}

const SCRATCH = /^plans-(\d+)-/;

/** A folder for plans, which hold secrets, in a folder of working copies. Those of processes that were killed are removed. */
export function scratchFolder(folder: string, pid: number, alive: (pid: number) => boolean = isAlive): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) {
    const owner = SCRATCH.exec(name)?.[1];
    if (owner !== undefined && !alive(Number(owner))) rmSync(join(folder, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(folder, `plans-${pid}-`)); // mode 0700
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's
  }
}

/** The working copy of a stack. */
export function stackWork(session: Session, name: StackName): StackWork {
  const id = stackId(session.target.name, name);
  return new StackWork({ ...session, name, id, synthesized: join(session.synthesized, 'stacks', id) });
}

/**
 * Every stack of the environment as it was synthesized, in the order they are applied.
 *
 * @throws FaultError naming those that were not
 */
export function synthesizedStacks(session: Session): (SynthesizedStack & { readonly name: StackName })[] {
  const path = (name: StackName) => join(session.synthesized, 'stacks', stackId(session.target.name, name), 'cdk.tf.json');
  const missing = STACKS.filter((name) => !existsSync(path(name)));
  if (missing.length > 0) {
    throw new FaultError('the stacks are not synthesized', [{ where: session.synthesized, got: `nothing for ${missing.join(', ')}`, allowed: STACKS.join(', '), do: 'run npx projen synth' }]);
  }
  return STACKS.map((name) => ({ name, json: JSON.parse(readFileSync(path(name), 'utf8')) as SynthesizedStack['json'] }));
}

/**
 * Refuses what nobody can be asked about, and asks for the word where one is needed.
 *
 * @throws FaultError where nobody can be asked and the command line does not say it; Declined if another word is typed
 */
export async function agreeToBegin(session: Session, command: 'deploy' | 'destroy'): Promise<void> {
  const { options, target, person } = session;
  const word = target.protect || (command === 'destroy' && !options.autoApprove);
  const faults = [
    ...(!options.autoApprove && !person.ask ? [{
      where: `${command} ${target.name}`, got: 'no terminal to ask in', allowed: 'a terminal, or --auto-approve', do: `look first (npx projen deploy ${target.name} --plan-only), then add --auto-approve`,
    }] : []),
    ...(word && options.confirm === undefined && !person.ask ? [{
      where: `${command} ${target.name}`, got: 'no word', allowed: `--confirm ${target.name}`, do: `add --confirm ${target.name} if ${target.name} is meant`,
    }] : []),
  ];
  if (faults.length > 0) throw new FaultError(`${target.name} was not touched`, faults);
  if (!word || options.confirm === target.name) return;
  const answer = await person.ask!(`This ${command === 'destroy' ? 'destroys' : 'changes'} ${target.name} (account ${target.account}). Type its name to go on: `);
  if (answer !== target.name) throw new Declined(`${target.name} was not touched: its name was not typed`);
}
