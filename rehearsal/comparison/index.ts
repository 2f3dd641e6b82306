export { compareStrategies, type CompareOptions, type Comparison, type StrategyResult } from './compare';
export { comparisonTable, type TraceComparison } from './table';
