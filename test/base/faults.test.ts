import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault, FaultError, formatFault, refuse, show } from '../../base/faults';

const fault = (where: string): Fault => ({ where, got: 'x', allowed: 'y', do: 'z' });

describe('faults', () => {
  test('are one line each, in four parts', () => {
    expect(formatFault(fault('trace.csv:14'))).toBe('[trace.csv:14] got: x; allowed: y; do: z');
  });

  test('are thrown together, in their order', () => {
    const error = new FaultError('the trace cannot be read', [fault('a'), fault('b')]);
    expect(error.name).toBe('FaultError');
    expect(error.message.split('\n')).toEqual(['the trace cannot be read', '  [a] got: x; allowed: y; do: z', '  [b] got: x; allowed: y; do: z']);
    expect(Object.isFrozen(error.faults)).toBe(true);
  });

  test('are thrown only if there are any', () => {
    expect(() => refuse('no', [])).not.toThrow();
    expect(() => refuse('no', [fault('a')])).toThrow(FaultError);
  });
});

describe('show', () => {
  test.each<[unknown, string]>([
    [undefined, 'nothing'], [null, 'null'], ['', '""'], ['dev', '"dev"'], [NaN, 'NaN'], [-Infinity, '-Infinity'], [10n, '10'], [[1, 'a'], '[1,"a"]'], [Symbol('x'), 'Symbol(x)'],
  ])('%s', (value, text) => {
    expect(show(value)).toBe(text);
  });

  test('never fails, and never takes more than 80 characters', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const odd = fc.constantFrom<unknown>(loop, { n: 1n }, { toJSON: () => { throw new Error('no'); } }, { toJSON: () => undefined }, () => 1, Object.create(null));
    const any = fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, withMap: true });
    fc.assert(fc.property(fc.oneof(odd, any, fc.string({ minLength: 70, maxLength: 200 })), (value) => {
      const text = show(value);
      expect(typeof text).toBe('string');
      expect(text.length).toBeLessThanOrEqual(80);
      expect(text).not.toBe('');
    }));
  });
});
