/** What stands behind an external metric whose source fails. */
export interface Fallback {
  /** Failures in a row that are passed on as errors. */
  readonly failureThreshold: number;
  /** Replicas that the metric then stands for. */
  readonly replicas: number;
}

/**
 * KEDA's answer for one Prometheus trigger, query by query, as v2.21 gives it (pkg/scalers/prometheus_scaler.go with ignoreNullValues false,
 * pkg/fallback/fallback.go with static behaviour): no value, NaN and infinities are failures; up to `failureThreshold` of them in a row are
 * passed on, further ones become the fallback's value; negative values become 0; three decimals.
 */
export class KedaSignal {
  private failures = 0;

  /**
   * @param threshold target per replica
   * @param fallback default: none, every failure is passed on
   */
  constructor(private readonly threshold: number, private readonly fallback?: Fallback) {}

  /** True while the fallback stands in for the source. */
  get fallingBack(): boolean {
    return this.fallback !== undefined && this.failures > this.fallback.failureThreshold;
  }

  /**
   * @param value result of the query; null for an empty one or a server that does not answer
   * @returns what the external metrics API says; null for an error
   */
  query(value: number | null): readonly number[] | null {
    if (value !== null && Number.isFinite(value)) {
      this.failures = 0;
      return [value < 0 ? 0 : Math.round(value * 1000) / 1000];
    }
    this.failures += 1;
    return this.fallingBack ? [Math.trunc(this.threshold * 1000 * this.fallback!.replicas) / 1000] : null;
  }
}
