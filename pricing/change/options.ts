import { parseArgs } from 'node:util';
import { Fault, refuse, show } from '../../base/faults';

export const FORMATS = ['text', 'markdown', 'json', 'focus-csv'] as const;
export type Format = (typeof FORMATS)[number];

/** What a user can ask of a price. */
export interface PriceOptions {
  /** What to compare with. @default - nothing: what is here is priced */
  readonly against?: string;
  /** @default - every environment */
  readonly environment?: string;
  readonly format: Format;
  /** File to write to. @default - standard output */
  readonly out?: string;
  /** Usage file. @default - the assumed usage of pricing/terraform/usage.ts */
  readonly usage?: string;
  /** Folder of manifests, one folder an environment. */
  readonly manifests: string;
  /** Rise of the typical price above which the exit code is 1, US dollars a month. @default - none */
  readonly failAbove?: number;
}

/** The text that `--help` prints. */
export const USAGE = `npx projen price [options]

  --against REF          compare with a branch, a tag or a commit (default: price what is here)
  --environment NAME     one environment (default: every one)
  --format FORMAT        ${FORMATS.join(', ')} (default text)
  --out FILE             write there instead of to standard output
  --usage FILE           what is used in a month, YAML or JSON: see docs/price.md
  --manifests DIR        manifests to price, one folder an environment (default dist)
  --fail-above USD       exit 1 if the typical price of all environments together rises by more a month
  --help                 this text

Exit codes: 0 priced, 1 above --fail-above, 2 it could not be priced, 130 interrupted.
`;

/**
 * Reads the command line.
 *
 * @returns the options, or `help` if that was asked
 * @throws FaultError with every unknown flag and unusable value
 */
export function readOptions(argv: readonly string[]): PriceOptions | 'help' {
  const faults: Fault[] = [];
  const flags = {
    against: { type: 'string' }, environment: { type: 'string' }, format: { type: 'string' }, out: { type: 'string' }, usage: { type: 'string' },
    manifests: { type: 'string' }, 'fail-above': { type: 'string' }, help: { type: 'boolean' },
  } as const;
  const names = Object.keys(flags).map((name) => `--${name}`).join(', ');
  const { values, tokens } = parseArgs({ args: [...argv], options: flags, strict: false, tokens: true, allowPositionals: true });
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push({ where: 'arguments', got: show(token.value), allowed: names, do: 'put the flag it belongs to before it' });
    if (token.kind !== 'option') continue;
    if (!Object.hasOwn(flags, token.name)) faults.push({ where: 'arguments', got: token.rawName, allowed: names, do: 'see --help' });
    else if (token.name !== 'help' && (token.value === undefined || token.value === '')) faults.push({ where: token.rawName, got: 'nothing', allowed: 'a value', do: 'give it one, as in --help' });
  }
  if (faults.length === 0 && values.help) return 'help';
  const format = (values.format ?? 'text') as string;
  if (typeof values.format === 'string' && !FORMATS.includes(format as Format)) faults.push({ where: '--format', got: show(format), allowed: FORMATS.join(', '), do: 'choose one of these' });
  const limit = values['fail-above'];
  const failAbove = typeof limit === 'string' ? Number(limit) : undefined;
  if (failAbove !== undefined && !(Number.isFinite(failAbove) && failAbove >= 0)) faults.push({ where: '--fail-above', got: show(limit), allowed: 'US dollars a month, from 0', do: 'give an amount' });
  if (failAbove !== undefined && values.against === undefined) faults.push({ where: '--fail-above', got: 'nothing to compare with', allowed: 'it together with --against', do: 'say what to compare with' });
  refuse('the price cannot be asked for like that', faults);
  const text = (name: 'against' | 'environment' | 'out' | 'usage' | 'manifests') => values[name] as string | undefined;
  return {
    against: text('against'), environment: text('environment'), format: format as Format, out: text('out'), usage: text('usage'), manifests: text('manifests') ?? 'dist', failAbove,
  };
}
