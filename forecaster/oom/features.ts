import { firstPassage } from './first-passage';
import { LeastSquares } from './least-squares';
import { MOST_POINTS, theilSen } from './theil-sen';
import type { TurningPoints } from './turning-points';
import { BIN_MINUTES, BINS, FINE_MINUTES, type UsageHistory } from './usage-history';

const HOUR = 60;
const DAY_BINS = 1440 / BIN_MINUTES;
/** Windows of least squares, minutes. */
const FINE_WINDOWS = [3, 10, 20, 30, 60, 120, 180] as const;
/** Windows of robust lines, bins of ten minutes. */
const COARSE_WINDOWS = [6, 18, 36, 72, 144, 288] as const;
/** Windows of robust lines over the highs and lows of bins. */
const ENVELOPE_WINDOWS = [18, 36, 72] as const;
/** A time to the limit longer than this says nothing. */
const FAR_MINUTES = 3000;
/** Peaks or troughs used for their trend. */
const MOST_PEAKS = 6;

/** Names of the features, in the order of the model. All are ratios, minutes or counts: none depends on the unit of usage. */
export const featureNames: readonly string[] = [
  'usage', 'mean5', 'max10', 'max60', 'max180', 'min60', 'min180', 'age', 'since_record', 'over_record',
  'rise1_60', 'rise1_180', 'rise5_180', 'fall1_60', 'since_rise', 'noise',
  ...FINE_WINDOWS.flatMap((w) => [`slope${w}`, `ahead${w}`, `spread${w}`, `score${w}`, `reach${w}`]),
  'bend60', 'bend180', 'margin60', 'margin180', 'passage60', 'passage180',
  ...COARSE_WINDOWS.flatMap((w) => [`c_slope${w}`, `c_ahead${w}`, `c_trend${w}`, `c_spread${w}`]),
  ...ENVELOPE_WINDOWS.flatMap((w) => [`hi_slope${w}`, `hi_ahead${w}`, `hi_trend${w}`, `lo_slope${w}`, `lo_ahead${w}`, `lo_trend${w}`]),
  'c_rise36', 'c_rise144', 'c_rises36', 'c_rises144', 'c_meanrise144', 'c_falls144', 'jump_hazard', 'c_max', 'since_max', 'yesterday_rise',
  'peaks', 'peak_slope', 'peak_ahead', 'peak_spread', 'trough_slope', 'period', 'since_peak', 'saw_depth', 'ramp', 'over_peaks',
];

/** Features before those of the windows of least squares. */
const SCALARS = featureNames.indexOf(`slope${FINE_WINDOWS[0]}`);

/** Work space of one reading: nothing in it outlives a call, so all containers share it. */
const values = new Float64Array(featureNames.length);
const x = new Float64Array(MOST_POINTS);
const y = new Float64Array(MOST_POINTS);
const line = new LeastSquares();

/** Features of ten-minute bins, in the order of {@link featureNames}. */
const BIN_FEATURES = COARSE_WINDOWS.length * 4 + ENVELOPE_WINDOWS.length * 6 + 10;

/** The features of bins change once in ten minutes and are kept until then; those of minutes are read always. */
export class FeatureReader {
  /** For which bin, life and limit {@link kept} was read. */
  readonly keptFor = new Float64Array(3).fill(NaN);
  readonly kept = new Float32Array(BIN_FEATURES);

  /**
   * Reads the features at the newest minute.
   *
   * @param noise typical change from one minute to the next, in the unit of usage
   * @returns the same array for every call of every reader; NaN marks what is not known yet
   */
  read(history: UsageHistory, turns: TurningPoints, limit: number, noise: number): Float64Array {
    const out = values.fill(NaN);
    const at = this.readMinutes(history, limit, noise, out);
    const [bin, life, scale] = this.keptFor;
    if (bin !== history.bin || life !== history.lifeStart || scale !== limit) {
      this.readBins(history, limit, at);
      this.kept.set(out.subarray(at, at + BIN_FEATURES));
      this.keptFor.set([history.bin, history.lifeStart, limit]);
    }
    out.set(this.kept, at);
    this.readTurns(history, turns, limit, at + BIN_FEATURES);
    return out;
  }

  private readMinutes(history: UsageHistory, limit: number, noise: number, out: Float64Array): number {
    const now = history.slot;
    const reach = Math.min(FINE_MINUTES, now - history.lifeStart + 1);
    const usage = history.at(now) / limit;
    line.clear();
    const stats = { max10: usage, max60: usage, max180: usage, min60: usage, min180: usage, sum5: 0, n5: 0, over: -1, since: reach };
    let rise1 = 0;
    let rise1Long = 0;
    let rise5 = 0;
    let fall1 = 0;
    let sinceRise = reach;
    let later = NaN;
    let beforeHour = NaN;
    let window = 0;
    let slopes = SCALARS;
    const slopeAt: number[] = [];
    let spread60 = 0;
    let spread180 = 0;
    for (let ago = 0; ago < FINE_MINUTES; ago++) {
      const value = ago < reach ? history.at(now - ago) / limit : NaN;
      if (!Number.isNaN(value)) {
        line.add(-ago, value);
        if (ago < 5) { stats.sum5 += value; stats.n5 += 1; }
        if (ago < 10) stats.max10 = Math.max(stats.max10, value);
        if (ago < HOUR) { stats.max60 = Math.max(stats.max60, value); stats.min60 = Math.min(stats.min60, value); }
        if (ago >= HOUR) beforeHour = Number.isNaN(beforeHour) ? value : Math.max(beforeHour, value);
        if (ago > 0 && stats.since === reach && value >= usage) stats.since = ago;
        stats.max180 = Math.max(stats.max180, value);
        stats.min180 = Math.min(stats.min180, value);
        const change = later - value;
        if (change > rise1Long) rise1Long = change;
        if (ago <= HOUR && change > rise1) rise1 = change;
        if (ago <= HOUR && -change > fall1) fall1 = -change;
        if (sinceRise === reach && change > 0.03) sinceRise = ago;
        const fiveLater = ago >= 5 ? history.at(now - ago + 5) / limit : NaN;
        if (fiveLater - value > rise5) rise5 = fiveLater - value;
        later = value;
      }
      if (ago + 1 === FINE_WINDOWS[window]) {
        const enough = line.n >= Math.min(5, FINE_WINDOWS[window]!) && (window === 0 || reach > FINE_WINDOWS[window - 1]!);
        if (enough) {
          const { slope } = line;
          out[slopes] = slope * HOUR;
          out[slopes + 1] = line.level + slope * HOUR;
          out[slopes + 2] = line.residual;
          out[slopes + 3] = line.slopeScore;
          out[slopes + 4] = slope > 0 ? Math.min(FAR_MINUTES, (1 - line.level) / slope) : FAR_MINUTES;
          if (ago < HOUR) spread60 = line.residual;
          spread180 = line.residual;
        }
        slopeAt.push(enough ? line.slope * HOUR : NaN);
        slopes += 5;
        window += 1;
      }
    }
    stats.over = usage - beforeHour;
    out[0] = usage;
    out[1] = stats.sum5 / Math.max(1, stats.n5);
    out[2] = stats.max10;
    out[3] = stats.max60;
    out[4] = stats.max180;
    out[5] = stats.min60;
    out[6] = stats.min180;
    out[7] = Math.min(2880, now - history.lifeStart);
    out[8] = stats.since;
    out[9] = stats.over;
    out[10] = rise1;
    out[11] = rise1Long;
    out[12] = rise5;
    out[13] = fall1;
    out[14] = sinceRise;
    out[15] = noise / limit;
    const drift60 = slopeAt[4]!;
    const drift180 = slopeAt[6]!;
    const level60 = out[SCALARS + 4 * 5 + 1]!;
    const level180 = out[SCALARS + 6 * 5 + 1]!;
    out[slopes] = slopeAt[2]! - drift60;
    out[slopes + 1] = drift60 - drift180;
    out[slopes + 2] = (1 - level60) / (spread60 + 1e-3);
    out[slopes + 3] = (1 - level180) / (spread180 + 1e-3);
    const volatility = noise / limit;
    out[slopes + 4] = Number.isNaN(drift60) ? NaN : firstPassage(1 - usage, drift60 / HOUR, volatility, HOUR);
    out[slopes + 5] = Number.isNaN(drift180) ? NaN : firstPassage(1 - usage, drift180 / HOUR, volatility, HOUR);
    return slopes + 6;
  }

  private readBins(history: UsageHistory, limit: number, start: number): number {
    const out = values;
    let at = start;
    for (const window of COARSE_WINDOWS) {
      const fit = this.fitBins(history, limit, window, 'mean');
      if (fit) {
        out[at] = fit.slope * HOUR;
        out[at + 1] = fit.level + fit.slope * HOUR;
        out[at + 2] = fit.trend;
        out[at + 3] = fit.spread;
      }
      at += 4;
    }
    for (const window of ENVELOPE_WINDOWS) {
      for (const side of ['high', 'low'] as const) {
        const fit = this.fitBins(history, limit, window, side);
        if (fit) {
          out[at] = fit.slope * HOUR;
          out[at + 1] = fit.level + fit.slope * HOUR;
          out[at + 2] = fit.trend;
        }
        at += 3;
      }
    }
    return this.readJumps(history, limit, at);
  }

  /** Rises from bin to bin, the highest ever, and what yesterday did from this time on. */
  private readJumps(history: UsageHistory, limit: number, at: number): number {
    const out = values;
    const last = history.bin;
    const first = history.firstBin;
    let rise36 = 0;
    let rise144 = 0;
    let rises36 = 0;
    let rises144 = 0;
    let falls = 0;
    let sum = 0;
    let steps = 0;
    let above = 0;
    let high = 0;
    let highBin = last;
    const room = 1 - history.at(history.slot) / limit;
    let later = NaN;
    for (let bin = last; bin >= first; bin--) {
      const top = history.highOf(bin) / limit;
      if (top > high) { high = top; highBin = bin; }
      const mean = history.meanOf(bin) / limit;
      if (Number.isNaN(mean)) continue;
      const rise = later - mean;
      later = mean;
      if (Number.isNaN(rise) || last - bin > 144) continue;
      steps += 1;
      if (rise > rise144) rise144 = rise;
      if (rise > 0.03) { rises144 += 1; sum += rise; }
      if (rise >= room) above += 1;
      if (rise < -0.03) falls += 1;
      if (last - bin <= 36) { rise36 = rise144; rises36 = rises144; }
    }
    out[at] = rise36;
    out[at + 1] = rise144;
    out[at + 2] = rises36;
    out[at + 3] = rises144;
    out[at + 4] = sum / Math.max(1, rises144);
    out[at + 5] = falls;
    // A Poisson process of rises of exponential size: the rate of those that would reach the limit, over the next hour.
    const size = sum / Math.max(1, rises144);
    out[at + 6] = steps > 0 && size > 0 ? 1 - Math.exp(-(6 * rises144 * Math.exp(-Math.max(0, room) / size) + above * 0.5) / (steps + 6)) : 0;
    out[at + 7] = high;
    out[at + 8] = last - highBin;
    const then = history.meanOf(last - DAY_BINS);
    let ahead = NaN;
    if (last - DAY_BINS >= first) for (let bin = last - DAY_BINS + 1; bin <= last - DAY_BINS + 6; bin++) if (!(history.highOf(bin) <= ahead)) ahead = history.highOf(bin);
    out[at + 9] = (ahead - then) / limit;
    return at + 10;
  }

  /** Robust line through the newest bins of the present life, pooled to few points; x = 0 is the newest bin's middle, x in minutes. */
  private fitBins(history: UsageHistory, limit: number, window: number, what: 'mean' | 'high' | 'low'): ReturnType<typeof theilSen> {
    const first = Math.max(history.firstBin, history.bin - window + 1);
    // A window hardly longer than the shorter one before it says the same: left out until there is history for it.
    if (history.bin - first + 1 < Math.max(3, window / 2)) return undefined;
    const pooled = Math.ceil(Math.min(window, BINS) / MOST_POINTS);
    let n = 0;
    for (let end = history.bin; end >= first; end -= pooled) {
      let value = NaN;
      let count = 0;
      for (let bin = end; bin > end - pooled && bin >= first; bin--) {
        const next = (what === 'mean' ? history.meanOf(bin) : what === 'high' ? history.highOf(bin) : history.lowOf(bin)) / limit;
        if (Number.isNaN(next)) continue;
        if (Number.isNaN(value)) value = next;
        else if (what === 'mean') value += (next - value) / (count + 1);
        else value = what === 'high' ? Math.max(value, next) : Math.min(value, next);
        count += 1;
      }
      if (Number.isNaN(value)) continue;
      x[n] = -(history.bin - end + (pooled - 1) / 2) * BIN_MINUTES;
      y[n] = value;
      n += 1;
    }
    return theilSen(x, y, n);
  }

  private readTurns(history: UsageHistory, turns: TurningPoints, limit: number, at: number): void {
    const out = values;
    const now = history.slot;
    const peaks = turns.known(true);
    out[at] = peaks;
    if (peaks === 0) return;
    const newest = turns.index(true, 0);
    out[at + 6] = now - turns.slots[newest]!;
    let highest = -Infinity;
    for (let back = 0; back < Math.min(MOST_PEAKS, peaks); back++) highest = Math.max(highest, turns.values[turns.index(true, back)]!);
    const troughs = turns.known(false);
    if (troughs > 0) {
      const trough = turns.index(false, 0);
      out[at + 7] = (turns.values[newest]! - turns.values[trough]!) / limit;
      const since = now - turns.slots[trough]!;
      out[at + 8] = turns.direction === 1 && since > 0 ? ((history.at(now) - turns.values[trough]!) / since) * HOUR / limit : 0;
    }
    out[at + 9] = (history.at(now) - highest) / limit;
    const tops = this.fitTurns(turns, limit, now, true);
    if (tops) {
      out[at + 1] = tops.slope * HOUR;
      out[at + 2] = tops.level + tops.slope * HOUR;
      out[at + 3] = tops.spread;
      out[at + 5] = (turns.slots[newest]! - turns.slots[turns.index(true, Math.min(MOST_PEAKS, peaks) - 1)]!) / (Math.min(MOST_PEAKS, peaks) - 1);
    }
    const floor = this.fitTurns(turns, limit, now, false);
    if (floor) out[at + 4] = floor.slope * HOUR;
  }

  private fitTurns(turns: TurningPoints, limit: number, now: number, peaks: boolean): ReturnType<typeof theilSen> {
    const n = Math.min(MOST_PEAKS, turns.known(peaks));
    for (let back = 0; back < n; back++) {
      const at = turns.index(peaks, back);
      x[back] = turns.slots[at]! - now;
      y[back] = turns.values[at]! / limit;
    }
    return theilSen(x, y, n);
  }
}
