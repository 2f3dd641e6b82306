/** What a track is run with. */
export interface TrackOptions {
  /** Folder that holds `manifest.json`, `oom_manifest.json` or `m4_hourly/`. */
  readonly dataDir: string;
  /** Takes every forecast as it is made, one JSON line each. @default - forecasts are scored and forgotten */
  readonly onForecast?: (line: object) => void;
  /** Told how far the run is. @default - nobody is told */
  readonly onProgress?: (done: number, total: number, what: string) => void;
  /** Only series whose id is listed. @default - all of the track */
  readonly only?: readonly string[];
  /** Processes that share the work; the result does not depend on it. @default - one per core */
  readonly jobs?: number;
  /** Have the Python baselines forecast too, at some of the origins; tracks that have none pass it over. @default false */
  readonly compare?: boolean;
}

/** A row of scores with its name; null = not measurable. */
export interface ScoreRow {
  readonly name: string;
  readonly scores: Readonly<Record<string, number | null>>;
}

/** A table of the report; every row has the same scores. */
export interface ScoreTable {
  readonly title: string;
  /** What the numbers are and which way is better. */
  readonly caption: string;
  readonly rows: readonly ScoreRow[];
}

/** Bars side by side for every group. */
export interface BarPlot {
  readonly kind: 'bars';
  readonly title: string;
  readonly caption: string;
  readonly groups: readonly string[];
  /** One value per group each; null = none. */
  readonly methods: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** Where a line is drawn. @default - no line */
  readonly reference?: number;
}

/** How many series have which value. */
export interface HistogramPlot {
  readonly kind: 'histogram';
  readonly title: string;
  readonly caption: string;
  readonly values: readonly number[];
  /** Where a line is drawn; bars below it are good. */
  readonly reference: number;
}

/** Share of values below a quantile, over the quantile's level: exact bands lie on the diagonal. */
export interface CalibrationPlot {
  readonly kind: 'calibration';
  readonly title: string;
  readonly caption: string;
  readonly levels: readonly number[];
  readonly methods: readonly { readonly name: string; readonly shares: readonly number[] }[];
}

/** What came, and what had been forecast. */
export interface FanPlot {
  readonly kind: 'fan';
  readonly title: string;
  readonly caption: string;
  /** Unix or trace seconds of the first value. */
  readonly start: number;
  readonly step_s: number;
  /** null = not observed. */
  readonly actual: readonly (number | null)[];
  /** Level as text to as many values; null = nothing was forecast. */
  readonly q: Readonly<Record<string, readonly (number | null)[]>>;
  /** Steps between two origins, where bands start anew. */
  readonly every: number;
}

export type Plot = BarPlot | HistogramPlot | CalibrationPlot | FanPlot;

/** What a track found out. */
export interface TrackResult {
  readonly track: string;
  readonly tables: readonly ScoreTable[];
  /** Scores of every series, sorted by id. */
  readonly series: readonly ({ readonly id: string } & Readonly<Record<string, unknown>>)[];
  /** Series that were not scored, and why. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  /** Drawn in the report, in this order. @default - tables only */
  readonly plots?: readonly Plot[];
}

/** A part of the benchmark. */
export interface Track {
  readonly name: string;
  readonly description: string;
  run(options: TrackOptions): Promise<TrackResult>;
}
