/** What became of a sample. */
export type Admission = 'accepted' | 'restart' | 'non_finite' | 'implausible' | 'duplicate' | 'late';

/** Beyond any memory or disk, in bytes. */
const LARGEST = 1e18;
/** This many times the limit is believed only when a second value says so. */
const IMPLAUSIBLE_RATIO = 100;
const DAY_SECONDS = 86_400;
/** A leap further ahead than this is believed only when others confirm it. */
const FARTHEST_LEAP_DAYS = 30;
const CONFIRMATIONS = 3;

/** Lets through one plausible value per slot, in the order of time. */
export class SampleGate {
  /** Newest slot let through; NaN before the first. */
  slot = NaN;
  private doubted = NaN;
  private agreeing = 0;
  private held = NaN;

  constructor(private readonly stepSeconds: number) {}

  /** @returns 'accepted', or 'restart' when time itself has leapt and everything known is void; anything else: leave the sample out */
  admit(time: number, usage: number, limit: number): Admission {
    const slot = Math.floor(time / this.stepSeconds);
    if (!Number.isSafeInteger(slot) || slot < 0 || !(usage >= 0 && usage <= LARGEST)) return 'non_finite';
    if (Number.isNaN(this.slot)) return this.plausible(slot, usage, limit) ? this.accept(slot, 'accepted') : 'implausible';
    const aheadSeconds = (slot - this.slot) * this.stepSeconds;
    if (aheadSeconds > FARTHEST_LEAP_DAYS * DAY_SECONDS || aheadSeconds < -DAY_SECONDS) return this.confirmed(slot) ? this.accept(slot, 'restart') : 'late';
    if (aheadSeconds === 0) return 'duplicate';
    if (aheadSeconds < 0) return 'late';
    return this.plausible(slot, usage, limit) ? this.accept(slot, 'accepted') : 'implausible';
  }

  /** For {@link restore}. */
  state(): number[] {
    return [this.slot, this.doubted, this.agreeing, this.held];
  }

  restore(state: readonly number[]): void {
    [this.slot, this.doubted, this.agreeing, this.held] = state as [number, number, number, number];
  }

  private accept(slot: number, admission: Admission): Admission {
    this.slot = slot;
    this.doubted = NaN;
    this.agreeing = 0;
    this.held = NaN;
    return admission;
  }

  private plausible(slot: number, usage: number, limit: number): boolean {
    if (!(limit > 0) || usage <= IMPLAUSIBLE_RATIO * limit || this.held < slot) return true;
    this.held = slot;
    return false;
  }

  private confirmed(slot: number): boolean {
    const follows = slot > this.doubted && (slot - this.doubted) * this.stepSeconds <= DAY_SECONDS;
    this.agreeing = follows ? this.agreeing + 1 : 1;
    this.doubted = slot;
    return this.agreeing >= CONFIRMATIONS;
  }
}
