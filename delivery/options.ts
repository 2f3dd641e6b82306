import { parseArgs } from 'node:util';
import { Fault, refuse, show } from '../base/faults';
import { STACKS, StackName } from '../config/facts';

/** What a user can ask of a deploy or a destroy. */
export interface DeliveryOptions {
  readonly environment: string;
  /** In the order they are applied; all of them if none was named. */
  readonly stacks: readonly StackName[];
  /** Nobody is asked. */
  readonly autoApprove: boolean;
  /** The explicit word, given on the command line. @default - it is asked for, where it is needed */
  readonly confirm?: string;
  /** Deploy: plans and reviews, changes nothing and takes no lock. */
  readonly planOnly: boolean;
  /** Deploy: addresses that may be replaced or destroyed. */
  readonly allowReplace: readonly string[];
  /** Destroy: the foundation too. */
  readonly withFoundation: boolean;
  /** Destroy: minutes to wait for what Terraform cannot see. */
  readonly waitMinutes: number;
}

const FLAGS = {
  stack: { type: 'string', multiple: true }, 'auto-approve': { type: 'boolean' }, confirm: { type: 'string' }, 'plan-only': { type: 'boolean' },
  'allow-replace': { type: 'string', multiple: true }, 'with-foundation': { type: 'boolean' }, 'wait-minutes': { type: 'string' }, help: { type: 'boolean' },
} as const;

type Flag = keyof typeof FLAGS;

const TAKEN: Readonly<Record<'deploy' | 'destroy', readonly Flag[]>> = {
  deploy: ['stack', 'auto-approve', 'confirm', 'plan-only', 'allow-replace', 'help'],
  destroy: ['stack', 'auto-approve', 'confirm', 'with-foundation', 'wait-minutes', 'help'],
};

/** The text that `--help` prints. */
export const USAGE: Readonly<Record<'deploy' | 'destroy', string>> = {
  deploy: `npx projen deploy ENVIRONMENT [options]

Plans, reviews and applies the stacks of an environment one after the other: ${STACKS.join(', ')}.

  --stack NAME             this stack only; may be given several times (default: all)
  --plan-only              plan and review, change nothing, take no lock
  --auto-approve           do not ask; needed where nobody can be asked
  --confirm ENVIRONMENT    its name once more, which a protected environment asks for
  --allow-replace ADDRESS  let a plan replace or destroy this one, although it holds what cannot be made again; may be given several times
  --help                   this text
`,
  destroy: `npx projen destroy ENVIRONMENT [options]

Destroys the stacks of an environment in reverse order, each after a look at what Terraform cannot see.

  --stack NAME             this stack only; may be given several times (default: all but foundation)
  --with-foundation        the foundation too, the bucket of all states among it
  --auto-approve           do not ask; needed where nobody can be asked
  --confirm ENVIRONMENT    its name once more, which a protected environment asks for
  --wait-minutes N         how long to wait for controllers to remove what they made (default 10)
  --help                   this text
`,
};

/**
 * Reads the command line.
 *
 * @param environments names there are
 * @returns the options, or `help` if that was asked
 * @throws FaultError with every unknown flag and unusable value
 */
export function readDeliveryOptions(command: 'deploy' | 'destroy', argv: readonly string[], environments: readonly string[]): DeliveryOptions | 'help' {
  const { values, positionals, tokens } = parseArgs({ args: [...argv], options: FLAGS, strict: false, tokens: true, allowPositionals: true });
  const faults: Fault[] = [];
  const taken = TAKEN[command];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const known = (taken as readonly string[]).includes(token.name);
    if (!known) {
      faults.push({ where: token.rawName, got: 'an option that is not known', allowed: taken.map((flag) => `--${flag}`).join(', '), do: `see npx projen ${command} --help` });
    } else if (FLAGS[token.name as Flag].type === 'boolean' ? token.value !== undefined : !token.value || token.value.startsWith('--')) {
      faults.push({ where: token.rawName, got: show(token.value), allowed: FLAGS[token.name as Flag].type === 'boolean' ? 'nothing after it' : 'a value after it', do: `see npx projen ${command} --help` });
    }
  }
  if (values.help === true) return 'help';

  const [environment, ...more] = positionals;
  if (environment === undefined || more.length > 0 || !environments.includes(environment)) {
    faults.push({ where: 'environment', got: environment === undefined ? 'nothing' : show([environment, ...more].join(' ')), allowed: `one of ${environments.join(', ')}`, do: `npx projen ${command} ${environments[0] ?? 'NAME'}` });
  }
  const named = (values.stack ?? []).filter((name) => typeof name === 'string'); // one without a value was refused above
  for (const name of named) {
    if (!(STACKS as readonly string[]).includes(name)) faults.push({ where: '--stack', got: show(name), allowed: STACKS.join(', '), do: 'name a stack without its environment' });
  }
  if (named.includes('foundation') && command === 'destroy' && values['with-foundation'] !== true) {
    faults.push({ where: '--stack', got: 'foundation', allowed: 'foundation with --with-foundation', do: 'destroy every other stack first; it holds the states of all' });
  }
  const minutes = Number(values['wait-minutes'] ?? 10);
  if (!(Number.isFinite(minutes) && minutes >= 0 && minutes <= 600)) {
    faults.push({ where: '--wait-minutes', got: show(values['wait-minutes']), allowed: 'a number from 0 to 600', do: 'give minutes' });
  }
  if (values.confirm !== undefined && values.confirm !== environment) {
    faults.push({ where: '--confirm', got: show(values.confirm), allowed: `the environment's own name, ${environment ?? 'which is missing'}`, do: 'type the name of the environment that is meant' });
  }
  refuse(`this is no ${command}`, faults);

  const withFoundation = values['with-foundation'] === true;
  const all = STACKS.filter((name) => command === 'deploy' || name !== 'foundation' || withFoundation);
  return {
    environment: environment!, stacks: named.length === 0 ? all : STACKS.filter((name) => named.includes(name)), autoApprove: values['auto-approve'] === true,
    confirm: values.confirm as string | undefined, planOnly: values['plan-only'] === true, allowReplace: (values['allow-replace'] ?? []) as string[], withFoundation, waitMinutes: minutes,
  };
}
