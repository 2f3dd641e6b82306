import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environments } from '../../../config';
import { STACKS, stackId } from '../../../config/facts';
import { appliedBefore, destroyOrder } from '../../../stacks/teardown';
import { declaredStacks } from '../support';

describe('the order stacks are destroyed in', () => {
  it.each(environments().map((environment) => environment.name))('is the reverse of the order of apply in %s', (environment) => {
    expect(destroyOrder(declaredStacks(environment))).toEqual([...STACKS].reverse().map((stack) => stackId(environment, stack)));
  });

  it('destroys each stack before everything it was applied after, whatever depends on what', () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((size) => fc.array(fc.array(fc.nat(size - 1), { maxLength: 4 }), { minLength: size, maxLength: size }));
    fc.assert(fc.property(graph, (edges) => {
      const stacks = edges.map((targets, index) => ({ name: `s${index}`, dependsOn: [...new Set(targets.filter((target) => target < index).map((target) => `s${target}`))] }));
      const order = destroyOrder(stacks);
      expect([...order].sort()).toEqual(stacks.map((stack) => stack.name).sort());
      for (const stack of stacks) {
        for (const earlier of appliedBefore(stacks, stack.name)) expect(order.indexOf(stack.name)).toBeLessThan(order.indexOf(earlier));
      }
    }));
  });

  it('takes independent stacks in the reverse of their declaration', () => {
    expect(destroyOrder([{ name: 'a', dependsOn: [] }, { name: 'b', dependsOn: [] }])).toEqual(['b', 'a']);
  });

  it.each([
    [[{ name: 'a', dependsOn: ['b'] }, { name: 'b', dependsOn: ['a'] }], /\[stacks b, a\] got: they wait for each other; .*do: remove the dependency/],
    [[{ name: 'a', dependsOn: ['a'] }], /\[stacks a\] got: they wait for each other/],
    [[{ name: 'a', dependsOn: ['gone', 'lost'] }], /got: depends on gone; allowed: a; .*\n.*got: depends on lost/],
  ])('is refused for %j', (stacks, message) => {
    expect(() => destroyOrder(stacks)).toThrow(message);
  });
});
