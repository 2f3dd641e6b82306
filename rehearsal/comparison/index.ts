export { compareStrategies, type CompareOptions } from './compare';
export { comparisonTable, type TraceComparison } from './table';
