import { rejectionOf } from './series';

/** What became of a sample. */
export type Admission = 'accepted' | 'restart' | 'non_finite' | 'negative' | 'duplicate' | 'out_of_order';

/** Counts of what was refused since the start. */
export interface IntakeCounts {
  accepted: number;
  non_finite: number;
  negative: number;
  duplicate: number;
  out_of_order: number;
  restart: number;
}

/** A leap further ahead than this is believed only when a second sample confirms it. */
const FARTHEST_LEAP_SECONDS = 30 * 86_400;
/** Samples older than this are not late ones: when several agree, the clock was set back. */
const LATEST_SECONDS = 86_400;
const CONFIRMATIONS = 3;

/**
 * The gate of a forecaster: turns samples of any quality into slots that only ever grow.
 *
 * One wild timestamp must neither stop the forecaster (everything after would look late) nor move it, so a leap needs confirmation.
 */
export class Intake {
  readonly counts: IntakeCounts = { accepted: 0, non_finite: 0, negative: 0, duplicate: 0, out_of_order: 0, restart: 0 };
  /** Slot of the newest accepted sample; NaN before the first. */
  slot = NaN;
  private doubted = NaN;
  private agreeing = 0;

  constructor(private readonly stepSeconds: number, private readonly nonNegative: boolean) {}

  /** Judges a sample; on 'accepted' and 'restart' its slot becomes the newest. */
  admit(time: number, value: number): Admission {
    const slot = Math.floor(time / this.stepSeconds);
    if (!Number.isSafeInteger(slot)) return this.count('non_finite');
    const rejection = rejectionOf(value, this.nonNegative);
    if (rejection) return this.count(rejection);
    if (Number.isNaN(this.slot)) return this.accept(slot, 'accepted');
    const ahead = slot - this.slot;
    if (ahead === 0) return this.count('duplicate');
    const leapt = ahead * this.stepSeconds > FARTHEST_LEAP_SECONDS || -ahead * this.stepSeconds > LATEST_SECONDS;
    if (leapt) return this.confirm(slot) ? this.accept(slot, 'restart') : this.count('out_of_order');
    return ahead > 0 ? this.accept(slot, 'accepted') : this.count('out_of_order');
  }

  private confirm(slot: number): boolean {
    const follows = slot > this.doubted && (slot - this.doubted) * this.stepSeconds <= LATEST_SECONDS;
    this.agreeing = follows ? this.agreeing + 1 : 1;
    this.doubted = slot;
    return this.agreeing >= CONFIRMATIONS;
  }

  private accept(slot: number, admission: 'accepted' | 'restart'): Admission {
    this.slot = slot;
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
