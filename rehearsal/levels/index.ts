export { agreement, simulateLike } from './agreement';
export { FORECAST_HORIZON_MINUTES, runForecaster, scoreForecast, type Absence, type ForecastRun, type SimulatedForecaster } from './forecast-run';
export { compressedTiming, initialReplicas, perMinute, realTiming, runLoop, type LoopOptions, type LoopTiming } from './loop';
export { cpuTarget, DEMAND_METRIC, reactivePolicy, type ScalingPolicy, type Tuning } from './policy';
export { compress, reactiveCopy, redirectTriggers, type Changed, type Redirection } from './manifests';
export { readPolicy } from './read-policy';
export { policyParameters, simulate, tunedParameters, type Hindsight, type SimulateOptions, type Simulation } from './simulate';
