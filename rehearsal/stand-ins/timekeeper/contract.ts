/** Where the timekeeper is in the cluster. Forecasters ask it instead of Prometheus, at the same port. */
export const TIMEKEEPER = {
  name: 'timekeeper',
  namespace: 'rehearsal',
  port: 9090,
  url: 'http://timekeeper.rehearsal.svc:9090',
  /** Its image; built for this run and pushed nowhere. */
  image: 'tideline.dev/timekeeper:1',
} as const;

/** Settings of the process, by environment variable. */
export const TIMEKEEPER_SETTINGS = {
  /** Bearer token of who may give the trace and start the clock. */
  token: 'TIMEKEEPER_TOKEN',
  /** Base address of the real Prometheus. */
  prometheusUrl: 'TIMEKEEPER_PROMETHEUS_URL',
  host: 'TIMEKEEPER_HOST',
  port: 'TIMEKEEPER_PORT',
} as const;

/** A series of the past, one value per step. */
export interface HistorySeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Trace time of the first value, unix seconds. */
  readonly start: number;
  readonly stepSeconds: number;
  readonly values: readonly number[];
}

/** Body of `PUT /trace`: what lies before the replay, and how fast the replay runs. */
export interface TraceBody {
  /** Trace time at which the replay begins, unix seconds. */
  readonly traceStart: number;
  /** Trace seconds per second. */
  readonly speed: number;
  readonly history: readonly HistorySeries[];
}

/** Answer of `GET /clock` and `POST /clock`. Unix seconds. */
export interface ClockBody {
  readonly traceStart: number;
  readonly speed: number;
  /** Time of the pod's machine at which the clock was started; null while it stands still. */
  readonly wallStart: number | null;
  readonly wall: number;
  readonly trace: number;
}
