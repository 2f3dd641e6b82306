import { parseArgs } from 'node:util';
import { Fault, refuse, show } from '../base/faults';
import { environments } from '../config';
import type { ImageMode } from './images/contract';
import type { Level } from './report/schema';

/** What a user can ask of a rehearsal. */
export interface Options {
  readonly level: Level;
  readonly environment: string;
  /** A shipped trace's name, a CSV file, or {@link EVERY_TRACE}. @default - the shipped trace that {@link shippedTraces} names first */
  readonly trace?: string;
  /** Hours of the trace to replay. @default - 24 at level simulate, 6 at level control-plane, half an hour at level kind */
  readonly hours?: number;
  /** Trace seconds per second at levels that live through the trace. */
  readonly speed: number;
  /** Folder of the report. @default - the work folder */
  readonly out?: string;
  /** Leave the control plane running until Ctrl-C; at level kind, leave the cluster up when all is done. */
  readonly keep: boolean;
  /** Where images come from at level kind. */
  readonly images: ImageMode;
  /** Nodes at level kind. */
  readonly nodes: 1 | 3;
  /** Seed of everything random. */
  readonly seed: number;
  /** Stop the forecaster at this minute of the replay, to see scaling go on without it. @default - never */
  readonly stopForecasterAt?: number;
}

/** Instead of a trace's name: strategies are compared on all that ship, and the first is rehearsed. */
export const EVERY_TRACE = 'all';

export const LEVELS: readonly Level[] = ['simulate', 'control-plane', 'kind'];

/** Trace seconds per second, unless asked otherwise. The start of a real container, and the way of its metrics, cannot be compressed. */
const SPEED: Readonly<Record<Level, number>> = { simulate: 120, 'control-plane': 120, kind: 6 };

const IMAGE_MODES: readonly ImageMode[] = ['auto', 'build', 'pull'];

/** The text that `--help` prints. */
export const USAGE = `npx projen rehearse [options]

  --level simulate|control-plane|kind   how real (default control-plane; falls to simulate where it cannot run); kind: real containers, needs a Docker engine
  --environment NAME               ${environments().map((each) => each.name).join(', ')} (default dev)
  --trace NAME|FILE|all            a shipped trace, or a CSV file with the header timestamp,value; all: strategies are compared on every shipped trace
  --hours N                        hours of the trace to replay (default 24 simulated, 6 on the control plane, 0.5 at level kind)
  --speed N                        trace seconds per second, 1 to 240 (default 120 on the control plane, 6 at level kind)
  --images auto|build|pull         level kind: build every image, pull them, or ask the registries first and build the rest (default auto)
  --nodes 1|3                      level kind: nodes of the cluster (default 1)
  --out DIR                        where the report goes (default .rehearsal)
  --keep                           leave the control plane up until Ctrl-C, with its kubeconfig printed; at level kind the cluster stays until npx projen rehearse:down
  --seed N                         seed of everything random (default 1)
  --stop-forecaster-at MINUTE      end the forecaster at this minute of the replay: a fault to rehearse
  --help                           this text
`;

/**
 * Reads the command line.
 *
 * @returns the options, or `help` if that was asked
 * @throws FaultError with every unknown flag and unusable value
 */
export function readOptions(argv: readonly string[]): Options | 'help' {
  const faults: Fault[] = [];
  const flags = {
    level: { type: 'string' }, environment: { type: 'string' }, trace: { type: 'string' }, hours: { type: 'string' }, speed: { type: 'string' },
    out: { type: 'string' }, keep: { type: 'boolean' }, images: { type: 'string' }, nodes: { type: 'string' }, seed: { type: 'string' }, 'stop-forecaster-at': { type: 'string' }, help: { type: 'boolean' },
  } as const;
  const { values, tokens } = parseArgs({ args: [...argv], options: flags, strict: false, tokens: true, allowPositionals: true });
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push({ where: `argument ${show(token.value)}`, got: 'a word without a flag', allowed: 'flags only', do: 'see --help' });
    if (token.kind !== 'option') continue;
    const flag = flags[token.name as keyof typeof flags];
    if (flag === undefined) faults.push({ where: token.rawName, got: 'an unknown flag', allowed: Object.keys(flags).map((name) => `--${name}`).join(', '), do: 'see --help' });
    else if (given.has(token.name)) faults.push({ where: token.rawName, got: 'given twice', allowed: 'each flag once', do: 'decide for one' });
    else if (flag.type === 'boolean' && token.value !== undefined) faults.push({ where: token.rawName, got: show(token.value), allowed: 'the flag without a value', do: 'see --help' });
    else if (flag.type === 'string' && (token.value === undefined || token.value === '' || token.value.startsWith('--'))) faults.push({ where: token.rawName, got: 'no value', allowed: 'a value after the flag', do: 'see --help' });
    given.add(token.name);
  }
  if (values.help === true) return 'help';

  const text = (name: keyof typeof flags): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const number = (name: keyof typeof flags, min: number, max: number, integer: boolean): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const parsed = Number(value);
    if (value.trim() !== '' && Number.isFinite(parsed) && parsed >= min && parsed <= max && (!integer || Number.isInteger(parsed))) return parsed;
    faults.push({ where: `--${name}`, got: show(value), allowed: `${integer ? 'a whole number' : 'a number'} from ${min} to ${max}`, do: `give --${name} such a number` });
    return undefined;
  };
  const choice = <T extends string>(name: keyof typeof flags, allowed: readonly T[], fallback: T): T => {
    const value = text(name) ?? fallback;
    if (!(allowed as readonly string[]).includes(value)) faults.push({ where: `--${name}`, got: show(value), allowed: allowed.join(', '), do: `give --${name} one of these` });
    return value as T;
  };

  const level = choice('level', LEVELS, 'control-plane');
  const options: Options = {
    level,
    environment: choice('environment', environments().map((each) => each.name), 'dev'),
    trace: text('trace'),
    hours: number('hours', 0.5, 24 * 14, false),
    speed: number('speed', 1, 240, false) ?? SPEED[level] ?? SPEED['control-plane'],
    out: text('out'),
    keep: values.keep === true,
    images: choice('images', IMAGE_MODES, 'auto'),
    nodes: Number(choice('nodes', ['1', '3'], '1')) as Options['nodes'],
    seed: number('seed', 0, 2 ** 31 - 1, true) ?? 1,
    stopForecasterAt: number('stop-forecaster-at', 0, 24 * 14 * 60, false),
  };
  refuse('the command line is not usable', faults);
  return options;
}
