import { Fault, refuse } from '../../base/faults';

/** A stack and the stacks it is applied after. */
export interface DeclaredStack<Name extends string = string> {
  readonly name: Name;
  readonly dependsOn: readonly Name[];
}

/**
 * The order in which stacks are destroyed: each before everything it was applied after. Among stacks that may go at the same time the one declared last goes
 * first, so that the order is the reverse of the one they are applied in.
 *
 * @throws FaultError naming every dependency on a stack that is not there, or the stacks that wait for each other
 */
export function destroyOrder<Name extends string>(stacks: readonly DeclaredStack<Name>[]): Name[] {
  const names = stacks.map((stack) => stack.name);
  refuse('there is no order to destroy in', stacks.flatMap((stack) => stack.dependsOn.filter((name) => !names.includes(name)).map((name): Fault => ({
    where: `stack ${stack.name}`, got: `depends on ${name}`, allowed: names.join(', '), do: 'name a stack there is, or give that stack too',
  }))));

  const order: Name[] = [];
  const left = [...stacks].reverse();
  while (left.length > 0) {
    const next = left.findIndex((stack) => !left.some((other) => other !== stack && other.dependsOn.includes(stack.name)));
    refuse('there is no order to destroy in', next >= 0 && !left[next]!.dependsOn.includes(left[next]!.name) ? [] : [{
      where: `stacks ${left.map((stack) => stack.name).join(', ')}`, got: 'they wait for each other', allowed: 'dependencies without a circle', do: 'remove the dependency that points from an earlier stack to a later one',
    }]);
    order.push(left.splice(next, 1)[0]!.name);
  }
  return order;
}

/** Every stack that a stack is applied after, directly or through others. */
export function appliedBefore<Name extends string>(stacks: readonly DeclaredStack<Name>[], name: Name): Set<Name> {
  const found = new Set<Name>();
  const pending = [name];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const each of stacks.find((stack) => stack.name === next)?.dependsOn ?? []) {
      if (found.has(each)) continue;
      found.add(each);
      pending.push(each);
    }
  }
  return found;
}
