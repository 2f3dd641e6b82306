/** A number that must not leave the service. */
export class NotFinite extends Error {
  constructor(readonly where: string) {
    super(`${where || 'the answer'} is not a finite number`);
    this.name = 'NotFinite';
  }
}

/**
 * Checks an answer on its way out: JSON has no NaN, and would turn one into null without a word.
 *
 * @throws NotFinite naming the first number that is none
 */
export function assertFinite(value: unknown, where = ''): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotFinite(where);
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) assertFinite(value[i], `${where}[${i}]`);
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value)) assertFinite((value as Record<string, unknown>)[key], where ? `${where}.${key}` : key);
  }
}
