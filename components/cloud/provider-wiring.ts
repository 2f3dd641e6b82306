import type { Fault } from '../../base/faults';
import { referencesIn } from '../../base/terraform-references';

/** A synthesized stack, as far as wiring is concerned: the content of `cdk.tf.json`. */
export interface StackJson {
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Proves that no provider is configured from something of the same apply, directly, or through a data source that has to wait for it.
 *
 * Terraform configures providers before it plans resources. A provider that waits for a resource of its own stack works once and then fails: on the first plan
 * its configuration is unknown, on replacement it points at what is being destroyed, on destroy it is gone.
 *
 * @see https://developer.hashicorp.com/terraform/language/providers/configuration
 */
export function providerWiringFaults(stack: string, json: StackJson): Fault[] {
  const managed = addresses(json.resource, '');
  const read = addresses(json.data, 'data.');
  return Object.entries(json.provider ?? {}).flatMap(([provider, configuration]) => {
    const seen = new Map<string, readonly string[]>(); // address -> how the provider comes to depend on it
    const pending: [unknown, readonly string[]][] = [[configuration, []]];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const [value, trail] = next;
      for (const { address } of referencesIn(value)) {
        const block = managed.get(address) ?? read.get(address);
        if (block === undefined || seen.has(address)) continue;
        seen.set(address, [...trail, address]);
        pending.push([block, [...trail, address]]);
      }
    }
    return [...seen].filter(([address]) => managed.has(address)).map(([, trail]): Fault => ({
      where: `${stack} provider ${provider}`,
      got: `configured from ${trail.join(' -> ')}, which the same apply creates`,
      allowed: 'constants, variables, and data sources that depend on no resource of the stack',
      do: 'move what the provider manages into a stack of its own, and find the resource there with a data source by its decided name',
    }));
  });
}

function addresses(blocks: StackJson['resource'], prefix: string): Map<string, unknown> {
  return new Map(Object.entries(blocks ?? {}).flatMap(([type, named]) => Object.entries(named).map(([name, block]) => [`${prefix}${type}.${name}`, block] as const)));
}
