import { App, TerraformStack } from 'cdktf';
import { environments } from '../../config';
import { STACKS, stackId } from '../../config/facts';
import { rootObjects } from '../../stacks/bootstrap/root-objects';
import { buildStacks, EnvironmentStacks } from '../../stacks/build-stacks';
import { synthText, SynthesizedStack } from '../support/synth-stack';

/** Synthesizes one stack of an environment as `stacks/main.ts` builds it, and gives its bytes. */
export function textOf(environment: string, stack: keyof EnvironmentStacks): string {
  return synthText((app): TerraformStack => {
    const all = buildStacks(app, environments(), (name) => rootObjects('dist', name));
    return all.map((each) => each[stack]).find((each) => each.node.id === stackId(environment, stack))!;
  });
}

/** As {@link textOf}, parsed. */
export function stackOf(environment: string, stack: keyof EnvironmentStacks): SynthesizedStack {
  return JSON.parse(textOf(environment, stack)) as SynthesizedStack;
}

/** Every stack there is: its id, its environment's name and its own. */
export const EVERY_STACK = environments().flatMap((environment) => STACKS.map((stack) => ({ id: stackId(environment.name, stack), environment, stack })));

/** The stacks of an environment with the order declared between them, as `stacks/main.ts` builds them. */
export function declaredStacks(environment: string): { readonly name: string; readonly dependsOn: readonly string[] }[] {
  const stacks = buildStacks(new App(), environments(), (name) => rootObjects('dist', name)).find((each) => each.foundation.node.id === stackId(environment, 'foundation'))!;
  return Object.values(stacks).map((stack: TerraformStack) => ({ name: stack.node.id, dependsOn: stack.dependencies.map((each) => each.node.id) }));
}
