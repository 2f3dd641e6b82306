import { refuse, show } from '../base/faults';
import { dev } from './environments/dev';
import { prod } from './environments/prod';
import { staging } from './environments/staging';
import { environmentsFaults } from './define-environment';
import { Environment, OPTIONAL_SERVICES, ServiceName, SERVICES } from './schema';

export { catalogue, kubernetesVersions, nodeImage } from './catalogue';
export type { Release, ReleaseImage, ReleaseName } from './catalogue';
export type { GoProgramSource, ImageSource } from './image-source';
export { defineEnvironment, environmentFaults, environmentsFaults } from './define-environment';
export { instanceTypeNames } from './instance-types';
export { INTERFACE_ENDPOINTS, NODE_PROVISIONERS, OPTIONAL_SERVICES, REGIONS, SERVICES } from './schema';
export type { DataSettings, DeploySource, Environment, InterfaceEndpoint, NetworkSettings, NodePool, NodeProvisioner, Region, ScalingMode, ScalingSettings, ServiceName, ServiceSettings } from './schema';

const all: readonly Environment[] = Object.freeze([dev, staging, prod]);
refuse('the environments clash', environmentsFaults(all));

/** Every environment, in promotion order. */
export function environments(): readonly Environment[] {
  return all;
}

/**
 * The environment of this name.
 *
 * @throws FaultError naming the environments there are.
 */
export function environment(name: string): Environment {
  const found = all.find((candidate) => candidate.name === name);
  if (!found) {
    refuse('no such environment', [{ where: 'environment', got: show(name), allowed: all.map((each) => each.name).join(', '), do: 'choose one of these, or add a file to config/environments/ and list it in config/index.ts' }]);
  }
  return found as Environment;
}

/** The services of ours that an environment runs. */
export function servicesOf({ services }: Environment): readonly ServiceName[] {
  return [...SERVICES, ...OPTIONAL_SERVICES.filter((service) => services[service] !== undefined)];
}

/** Whether an environment is meant to go on without one of its zones: traffic can then be shifted away from a zone, and no node is started there. */
export function survivesZones({ network }: Environment): boolean {
  return network.nat === 'per-zone';
}
