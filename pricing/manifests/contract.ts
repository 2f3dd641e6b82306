/** What other rooms may know of manifests as pricing reads them. */
export { environmentModelOf } from './environment-model';
export type { EnvironmentFacts } from './environment-model';
export type { PricedObject } from './objects';
