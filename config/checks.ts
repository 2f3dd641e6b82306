import { Fault, show } from '../base/faults';

/** Collects what is wrong with one value, path by path. The methods say whether what they looked at fits, so that a check can rest on another. */
export class Checks {
  readonly faults: Fault[] = [];

  /** @param root what every path is below, e.g. `environments/dev` */
  constructor(readonly root: string) {}

  readonly check = (fits: boolean, path: string, got: unknown, allowed: string, todo: string): boolean => {
    if (!fits) this.faults.push({ where: `${this.root}.${path}`, got: show(got), allowed, do: todo });
    return fits;
  };

  readonly object = (value: unknown, path: string): value is object => {
    return this.check(typeof value === 'object' && value !== null, path, value, 'an object', `give '${path}'`);
  };

  readonly between = (value: unknown, min: number, max: number, path: string, unit: string, integer = false): boolean => {
    const fits = typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max && (!integer || Number.isInteger(value));
    return this.check(fits, path, value, `${integer ? 'a whole number' : 'a number'} from ${min} to ${max}${unit ? ` ${unit}` : ''}`, `set '${path}'`);
  };

  readonly filled = (value: unknown, path: string): boolean => {
    return this.check(typeof value === 'string' && value.trim() !== '', path, value, 'a text that is not empty', `set '${path}'`);
  };

  readonly oneOf = (value: unknown, allowed: readonly string[], path: string, todo = `set '${path}'`): boolean => {
    return this.check(typeof value === 'string' && allowed.includes(value), path, value, allowed.join(', '), todo);
  };

  readonly boolean = (value: unknown, path: string): boolean => {
    return this.check(typeof value === 'boolean', path, value, 'true, false', `set '${path}'`);
  };
}

/** Elements of what should be a list; nothing if it is none. Holes count as undefined. */
export function elementsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? Array.from(value) : [];
}
