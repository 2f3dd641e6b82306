export { blindSpots, protections } from './blind-spots';
export type { BlindSpot, SynthesizedStack } from './blind-spots';
export { appliedBefore, destroyOrder } from './destroy-order';
export type { DeclaredStack } from './destroy-order';
export { ResourceGraph } from './resource-graph';
export type { GraphNode, StackJson } from './resource-graph';
