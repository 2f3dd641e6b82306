import { Fault, refuse, show } from './faults';

/** How one setting is read from the environment of a process. */
export interface Setting<T> {
  /** Name of the environment variable. */
  readonly env: string;
  /** What it is for, one sentence. */
  readonly description: string;
  /** Turns the text into a value, or returns what would have been allowed. */
  readonly parse: (text: string) => { readonly value: T } | { readonly allowed: string };
  /** @default - the setting is required */
  readonly fallback?: T;
  /** Secret values are never shown in faults. @default false */
  readonly secret?: boolean;
}

/** A set of settings, keyed by the name the program uses. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the element type varies per key and is recovered by SettingsOf
export type SettingsSpec = Readonly<Record<string, Setting<any>>>;

/** The frozen value that a spec yields. */
export type SettingsOf<S extends SettingsSpec> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/**
 * Reads all settings once, at the door.
 *
 * @throws FaultError naming every missing or malformed variable.
 */
export function readSettings<S extends SettingsSpec>(spec: S, environment: Readonly<Record<string, string | undefined>>): SettingsOf<S> {
  const faults: Fault[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(spec)) {
    const given = environment[setting.env];
    if (given === undefined || given === '') {
      if ('fallback' in setting) values[key] = setting.fallback;
      else faults.push({ where: setting.env, got: 'nothing', allowed: setting.description, do: `set ${setting.env}` });
      continue;
    }
    const parsed = setting.parse(given);
    if ('value' in parsed) values[key] = parsed.value;
    else faults.push({ where: setting.env, got: setting.secret ? 'a value that is not accepted' : show(given), allowed: parsed.allowed, do: `set ${setting.env}: ${setting.description}` });
  }
  refuse('the settings are not usable', faults);
  return Object.freeze(values) as SettingsOf<S>;
}

type Options<T> = Pick<Setting<T>, 'env' | 'description'> & { readonly fallback?: T; readonly secret?: boolean };

/** Any text. */
export function text(options: Options<string>): Setting<string> {
  return { ...options, parse: (value) => ({ value }) };
}

/** A finite number within bounds. */
export function number(options: Options<number> & { readonly min?: number; readonly max?: number; readonly integer?: boolean }): Setting<number> {
  const { min = -Infinity, max = Infinity, integer = false, ...rest } = options;
  const allowed = `${integer ? 'a whole number' : 'a number'} from ${min} to ${max}`;
  return {
    ...rest,
    parse: (value) => {
      const parsed = Number(value);
      const fits = value.trim() !== '' && Number.isFinite(parsed) && parsed >= min && parsed <= max && (!integer || Number.isInteger(parsed));
      return fits ? { value: parsed } : { allowed };
    },
  };
}

/** An http or https address, without a trailing slash. */
export function url(options: Options<string>): Setting<string> {
  return {
    ...options,
    parse: (value) => {
      const parsed = URL.canParse(value) ? new URL(value) : undefined;
      return parsed && ['http:', 'https:'].includes(parsed.protocol) ? { value: value.replace(/\/+$/, '') } : { allowed: 'an http(s) address' };
    },
  };
}

/** One of a fixed set of words. */
export function oneOf<const T extends string>(options: Options<T> & { readonly values: readonly T[] }): Setting<T> {
  const { values, ...rest } = options;
  return { ...rest, parse: (value) => (values.includes(value as T) ? { value: value as T } : { allowed: values.join(', ') }) };
}
