import type { App, TerraformStack } from 'cdktf';
import type { Environment } from '../config';
import { STACKS, StackName } from '../config/facts';
import { BootstrapStack } from './bootstrap/bootstrap-stack';
import type { RootObject } from './bootstrap/root-objects';
import { ClusterStack } from './cluster-stack';
import { DataStack } from './data/data-stack';
import { FoundationStack } from './foundation/foundation-stack';
import { IdentityStack } from './identity/identity-stack';
import { NetworkStack } from './network-stack';
import { ObservabilityStack } from './observability/observability-stack';

/** The stacks of one environment by name. */
export type EnvironmentStacks = Readonly<Record<StackName, TerraformStack>>;

/**
 * Adds the stacks of every environment. They share no reference: each finds what it needs by decided name. Only their order is declared, for `cdktf deploy`.
 *
 * @param rootOf the root objects of an environment
 */
export function buildStacks(app: App, environments: readonly Environment[], rootOf: (environment: string) => readonly RootObject[]): EnvironmentStacks[] {
  return environments.map((environment) => {
    const stacks: EnvironmentStacks = {
      foundation: new FoundationStack(app, environment),
      network: new NetworkStack(app, environment),
      cluster: new ClusterStack(app, environment),
      data: new DataStack(app, environment),
      identity: new IdentityStack(app, environment),
      observability: new ObservabilityStack(app, environment),
      bootstrap: new BootstrapStack(app, environment, rootOf(environment.name)),
    };
    STACKS.slice(1).forEach((name, index) => stacks[name].addDependency(stacks[STACKS[index]!]));
    return stacks;
  });
}
