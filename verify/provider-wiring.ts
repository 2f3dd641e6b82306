import type { Fault } from '../base/faults';
import type { TerraformStack } from './objects';
import type { Rule } from './rule';
import { referencesIn } from '../base/terraform-references';

type Blocks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * A provider that is configured from a resource of its own apply has no address when the plan is made, and none again when the resource is replaced or destroyed:
 * https://github.com/hashicorp/terraform-provider-kubernetes/issues/1391. What it needs comes from another state, through a data source that waits for nothing here.
 */
export const providerWiring: Rule = {
  id: 'provider-wiring',
  title: 'no provider is configured from a resource of the same apply',
  prove: ({ stacks }) => {
    const findings: Fault[] = [];
    let applied = 0;
    for (const stack of stacks) {
      for (const [provider, blocks] of Object.entries((stack.json.provider ?? {}) as Readonly<Record<string, unknown>>)) {
        applied += 1;
        for (const chain of chainsToResources(blocks, stack)) {
          findings.push({
            where: `stack ${stack.name} provider.${provider}`, got: `it is configured from ${chain.join(', which needs ')}`,
            allowed: 'decided values, variables, and data sources that need no resource of this stack', do: 'move the resource into a stack that is applied before, and look it up by name',
          });
        }
      }
    }
    return { applied, findings };
  },
};

/** Every way from a value to a resource of the stack, directly or through data sources and locals. */
function chainsToResources(value: unknown, stack: TerraformStack): string[][] {
  const resource = (stack.json.resource ?? {}) as Blocks;
  const data = (stack.json.data ?? {}) as Blocks;
  const locals = (stack.json.locals ?? {}) as Readonly<Record<string, unknown>>;
  const found: string[][] = [];
  const seen = new Set<string>();
  const visit = (inner: unknown, path: readonly string[]) => {
    for (const { address, kind, type, name } of referencesIn(inner)) {
      if (seen.has(address)) continue;
      seen.add(address);
      const next = kind === 'data' ? data[type]?.[name] : kind === 'local' ? locals[name] : undefined;
      if (kind === 'resource' && resource[type]?.[name] !== undefined) found.push([...path, address]);
      else if (next !== undefined) visit(next, [...path, address]);
    }
  };
  visit(value, []);
  return found;
}
