export { catalogue, type ShippedTrace } from './catalogue';
export { loadTrace } from './load';
export { LONGEST_FILL_MINUTES } from './regrid';
export type { Fill, Trace } from './trace';
export { requestsScale, window, type TraceWindow } from './window';
