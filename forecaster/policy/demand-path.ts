/** A forecast as far as scaling needs it, in the unit of the series; index h - 1 is h steps ahead of the newest value. */
export interface DemandPath {
  /** The 0.5 quantile. */
  readonly median: readonly number[];
  /** An upper quantile; the distance to the median says how wide the usual error is. */
  readonly upper: readonly number[];
}

/** The quantile of {@link DemandPath.upper}: far enough out to know the width, near enough to be well known. */
export const UPPER_LEVEL = 0.975;

/** Which steps of a path count. */
export interface Reach {
  /** First step that capacity ordered now can serve: what comes earlier cannot be helped any more. */
  readonly fromStep: number;
  /** Last step, included: by then capacity ordered at the next opportunities is there. */
  readonly toStep: number;
}

/**
 * Demand to provide for: the highest of median plus `margin` widths over the steps that count. A margin of 1 is the upper quantile itself, 0 the
 * median; above 1 it reaches further than any quantile that could be learned from a few days, which is what a share of one minute in a thousand needs.
 *
 * @param margin widths above the median, 0 or more
 * @returns 0 or more, finite; 0 for an empty path
 */
export function pathDemand(path: DemandPath, margin: number, reach: Reach): number {
  const last = Math.min(reach.toStep, path.median.length, path.upper.length);
  let highest = 0;
  for (let step = Math.min(reach.fromStep, last); step <= last; step += 1) {
    if (step < 1) continue;
    const median = path.median[step - 1]!;
    const value = median + margin * Math.max(0, path.upper[step - 1]! - median);
    if (Number.isFinite(value) && value > highest) highest = value;
  }
  return highest;
}
