export { pathDemand, UPPER_LEVEL, type DemandPath, type Reach } from './demand-path';
export { ReplicaDemand, type ReplicaDemandOptions } from './replica-demand';
export { MARGINS, SteeredMargin, type MarginStep, type SteeredMarginOptions } from './steered-margin';
