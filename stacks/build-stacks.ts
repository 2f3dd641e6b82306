import type { App } from 'cdktf';
import type { Environment } from '../config';
import { BootstrapStack } from './bootstrap/bootstrap-stack';
import type { RootObject } from './bootstrap/root-objects';
import { ClusterStack } from './cluster-stack';
import { NetworkStack } from './network-stack';

/** The stacks of one environment, in the order they are applied. */
export interface EnvironmentStacks {
  readonly network: NetworkStack;
  readonly cluster: ClusterStack;
  readonly bootstrap: BootstrapStack;
}

/**
 * Adds the stacks of every environment. They share no reference: each finds what it needs by decided name. Only their order is declared, for `cdktf deploy`.
 *
 * @param rootOf the root objects of an environment
 */
export function buildStacks(app: App, environments: readonly Environment[], rootOf: (environment: string) => readonly RootObject[]): EnvironmentStacks[] {
  return environments.map((environment) => {
    const network = new NetworkStack(app, environment);
    const cluster = new ClusterStack(app, environment);
    const bootstrap = new BootstrapStack(app, environment, rootOf(environment.name));
    cluster.addDependency(network);
    bootstrap.addDependency(cluster);
    return { network, cluster, bootstrap };
  });
}
