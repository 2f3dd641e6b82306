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

/** What a track found out. */
export interface TrackResult {
  readonly track: string;
  readonly tables: readonly ScoreTable[];
  /** Scores of every series, sorted by id. */
  readonly series: readonly ({ readonly id: string } & Readonly<Record<string, unknown>>)[];
  /** Series that were not scored, and why. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
}

/** A part of the benchmark. */
export interface Track {
  readonly name: string;
  readonly description: string;
  run(options: TrackOptions): Promise<TrackResult>;
}
