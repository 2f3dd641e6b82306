export type { PricedResource, ResourceCoverage, ResourcePriceOptions, ResourcesPrice, ResourceState, SynthesizedStack, UnpricedResource } from './contract';
export type { ResourceUsage, UsageField, UsageOf, UsageType } from './usage';
export { priceResources } from './price-resources';
export { USAGE_FIELDS } from './usage';
