export { AffineClock } from './clock';
export { startMetricsServer, type MetricsServerOptions } from './metrics-server';
export { MinuteRecorder, type MinuteRecord, type MomentSample } from './minutes';
export { Plant, type PlantOptions, type PlantPod, type PlantTarget, type PodSource, type PodUsage } from './plant';
export { startPrometheusServer, type PrometheusServer, type PrometheusServerOptions } from './prometheus-server';
export { SeriesStore, type Labels } from './recording-rules';
export type { ScrapeTarget } from './scraper';
export { catalogWorkload, replicaCapacity, step, type Load, type ServiceState, type Workload } from './workload-model';
