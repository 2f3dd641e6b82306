/** One environment variable that a service reads. */
export interface ServiceSetting {
  /** Name of the variable. */
  readonly env: string;
  /** What it is for, one sentence. */
  readonly description: string;
  /** Whether its value may only come from a Secret. @default false */
  readonly secret?: boolean;
  /** What the service takes when nothing is given. @default - it does not start without a value */
  readonly fallback?: unknown;
}

/**
 * What a service promises the platform, published by the service itself in its `contract.ts`.
 *
 * Its chart imports only that file, so a port or a path is typed once and drift is a compile error.
 * The type is structural: services satisfy it without importing the constructs.
 */
export interface ServiceContract {
  /** DNS label; names the Deployment, Service, ServiceAccount and the `service` label of its recording rules. */
  readonly name: string;
  /** Team that is paged. */
  readonly owner: string;
  /** TCP port it listens on, above 1023. */
  readonly port: number;
  /** TCP port on which it also answers gRPC, above 1023. @default - it speaks HTTP only */
  readonly grpcPort?: number;
  /** HTTP paths that answer 2xx when true. */
  readonly probes: { readonly startup: string; readonly liveness: string; readonly readiness: string };
  /** HTTP path of its Prometheus metrics. */
  readonly metricsPath: string;
  /** Environment variables it reads. */
  readonly settings: Readonly<Record<string, ServiceSetting>>;
  readonly slo: {
    /** 95th percentile of request latency, seconds. */
    readonly latencyP95Seconds: number;
  };
  /** What a replica asks for and may use. */
  readonly resources: {
    readonly cpuRequestMillicores: number;
    readonly cpuLimitMillicores: number;
    readonly memoryRequestMiB: number;
    readonly memoryLimitMiB: number;
  };
  /** From the pod being scheduled to its readiness probe answering, seconds, 95th percentile. */
  readonly startupSeconds: number;
  /**
   * How its work costs CPU; what turns demand into replicas.
   *
   * @default - it does not scale with requests
   */
  readonly work?: {
    /** CPU seconds one request costs. */
    readonly cpuSecondsPerRequest: number;
    /** CPU of an idle replica, millicores. */
    readonly idleCpuMillicores: number;
  };
}
