import { rejectionOf } from './series';

/** What became of a sample. */
export type Admission = 'accepted' | 'restart' | 'non_finite' | 'negative' | 'implausible' | 'duplicate' | 'out_of_order';

/** Counts of what was refused since the start. */
export interface IntakeCounts {
  accepted: number;
  non_finite: number;
  negative: number;
  implausible: number;
  duplicate: number;
  out_of_order: number;
  restart: number;
}

/** A leap further ahead than this is believed only when a second sample confirms it. */
const FARTHEST_LEAP_SECONDS = 30 * 86_400;
/** Samples older than this are not late ones: when several agree, the clock was set back. */
const LATEST_SECONDS = 86_400;
const CONFIRMATIONS = 3;
/** A value this many times the largest so far is believed only when the next one is of the same kind. */
const IMPLAUSIBLE_RATIO = 1000;
/** Values after which there is an opinion about what is plausible. */
const ACQUAINTED = 60;

/**
 * The gate of a forecaster: turns samples of any quality into slots that only ever grow.
 *
 * One wild timestamp must neither stop the forecaster (everything after would look late) nor move it, so a leap needs confirmation.
 */
export class Intake {
  readonly counts: IntakeCounts = { accepted: 0, non_finite: 0, negative: 0, implausible: 0, duplicate: 0, out_of_order: 0, restart: 0 };
  /** Slot of the newest accepted sample; NaN before the first. */
  slot = NaN;
  private doubted = NaN;
  private agreeing = 0;
  private largest = 0;
  private held = NaN;

  constructor(private readonly stepSeconds: number, private readonly nonNegative: boolean) {}

  /** Judges a sample; on 'accepted' and 'restart' its slot becomes the newest. */
  admit(time: number, value: number): Admission {
    const slot = Math.floor(time / this.stepSeconds);
    if (!Number.isSafeInteger(slot)) return this.count('non_finite');
    const rejection = rejectionOf(value, this.nonNegative);
    if (rejection) return this.count(rejection);
    if (Number.isNaN(this.slot)) return this.accept(slot, 'accepted', value);
    const ahead = slot - this.slot;
    if (ahead === 0) return this.count('duplicate');
    const leapt = ahead * this.stepSeconds > FARTHEST_LEAP_SECONDS || -ahead * this.stepSeconds > LATEST_SECONDS;
    if (leapt) return this.confirm(slot) ? this.accept(slot, 'restart', value) : this.count('out_of_order');
    if (ahead < 0) return this.count('out_of_order');
    return this.plausible(slot, value) ? this.accept(slot, 'accepted', value) : this.count('implausible');
  }

  private confirm(slot: number): boolean {
    const follows = slot > this.doubted && (slot - this.doubted) * this.stepSeconds <= LATEST_SECONDS;
    this.agreeing = follows ? this.agreeing + 1 : 1;
    this.doubted = slot;
    return this.agreeing >= CONFIRMATIONS;
  }

  private plausible(slot: number, value: number): boolean {
    if (this.counts.accepted < ACQUAINTED || this.largest === 0) return true;
    if (Math.abs(value) <= IMPLAUSIBLE_RATIO * this.largest) return true;
    if (this.held < slot) return true; // the second in a row
    this.held = slot;
    return false;
  }

  private accept(slot: number, admission: 'accepted' | 'restart', value: number): Admission {
    this.slot = slot;
    this.held = NaN;
    this.largest = Math.max(this.largest, Math.abs(value));
    this.doubted = NaN;
    this.agreeing = 0;
    if (admission === 'restart') this.counts.accepted += 1;
    return this.count(admission);
  }

  private count(admission: Admission): Admission {
    this.counts[admission] += 1;
    return admission;
  }
}
