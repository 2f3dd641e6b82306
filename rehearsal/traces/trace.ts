/** A stretch of minutes that the file did not hold. */
export interface Fill {
  /** First missing minute, unix seconds. */
  readonly from: number;
  /** Last missing minute, unix seconds. */
  readonly to: number;
  readonly minutes: number;
}

/** A request trace on a complete grid of one minute. */
export interface Trace {
  readonly name: string;
  /** Where it comes from: a repository and commit, or a file. */
  readonly source: string;
  readonly licence: string;
  /** First minute, unix seconds, a multiple of 60. */
  readonly start: number;
  readonly stepSeconds: 60;
  /** Mean of each minute, in the file's own unit. Not empty, finite, not negative. */
  readonly values: readonly number[];
  /** Rows read. */
  readonly samples: number;
  /** Gaps that were filled by interpolation. */
  readonly fills: readonly Fill[];
}

/** One row of a trace file. */
export interface Sample {
  /** Unix seconds. */
  readonly time: number;
  readonly value: number;
  /** Line in the file, from 1. */
  readonly line: number;
}
