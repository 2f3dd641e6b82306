import { FeatureReader } from './features';
import type { StateParts } from './state-bytes';
import { TurningPoints } from './turning-points';
import { UsageHistory } from './usage-history';

/** A value below this share of everything in the last hours is a new life: no collection of garbage falls below its own floor. */
const NEW_LIFE_SHARE = 0.75;
/** Values below that before it is believed. */
const CONFIRMATIONS = 2;
/** Changes beyond this many times the usual one count as that many: a jump must not widen the noise. */
const CLIPPED_CHANGE = 5;
const NOISE_MEMORY = 60;
/** Reversals smaller than this share of the last hours' range are no turn. */
const REVERSAL_SHARE = 0.3;
const REVERSAL_NOISE = 5;
const RANGE_MINUTES = 180;

/** Learns one container minute by minute and tells its features. */
export class UsageLearner {
  readonly history = new UsageHistory();
  readonly turns = new TurningPoints();
  readonly reader = new FeatureReader();
  /** Typical change from one minute to the next. */
  noise = 0;
  private changes = 0;
  private below = 0;

  /**
   * Takes the value of a minute later than every one before.
   *
   * @param restarted the container is known to have started anew since the last value
   * @returns whether a new life began
   */
  add(slot: number, usage: number, restarted: boolean): boolean {
    const { history } = this;
    const before = history.at(history.slot);
    const [low, high] = this.range(slot);
    history.add(slot, usage);
    const fell = Number.isFinite(low) && usage < NEW_LIFE_SHARE * low;
    this.below = fell ? this.below + 1 : 0;
    if (restarted || this.below >= CONFIRMATIONS) {
      this.beginLife(slot, restarted ? 1 : CONFIRMATIONS);
      return true;
    }
    if (!fell && Number.isFinite(before)) this.learnNoise(Math.abs(usage - before));
    if (!fell) this.turns.add(slot, usage, Math.max(REVERSAL_SHARE * (Math.max(high, usage) - Math.min(low, usage)), REVERSAL_NOISE * this.noise, Number.MIN_VALUE));
    return false;
  }

  /** @param limit above 0 */
  features(limit: number): Float64Array {
    return this.reader.read(this.history, this.turns, limit, this.noise);
  }

  /** What has to survive, for {@link take}. */
  parts(): StateParts {
    const { history, turns, reader } = this;
    return {
      numbers: [this.noise, this.changes, this.below, ...history.numbers(), ...turns.numbers()],
      doubles: [turns.slots, reader.keptFor],
      floats: [turns.values, reader.kept, ...history.rings],
    };
  }

  /** Takes the numbers of {@link parts}; its arrays were filled in place. */
  take(numbers: readonly number[]): void {
    [this.noise, this.changes, this.below] = numbers as [number, number, number];
    this.history.take(numbers.slice(3, 7));
    this.turns.take(numbers.slice(7));
  }

  private beginLife(slot: number, values: number): void {
    let start = slot;
    for (let back = 1; back < values; back++) {
      start -= 1;
      while (start > slot - 10 && Number.isNaN(this.history.at(start))) start -= 1;
    }
    this.history.beginLife(start);
    this.turns.clear();
    this.below = 0;
  }

  private learnNoise(change: number): void {
    this.changes = Math.min(NOISE_MEMORY, this.changes + 1);
    const clipped = this.changes < 10 ? change : Math.min(change, CLIPPED_CHANGE * this.noise);
    this.noise += (clipped - this.noise) / this.changes;
    if (this.noise === 0) this.noise = change / NOISE_MEMORY;
  }

  /** Lowest and highest of the present life within the last hours. */
  private range(slot: number): [number, number] {
    let low = Infinity;
    let high = -Infinity;
    const { history } = this;
    for (let at = Math.max(history.lifeStart, slot - RANGE_MINUTES); at <= history.slot; at++) {
      const value = history.at(at);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    // The value under suspicion stays out, or the second one would be compared with the first.
    return [this.below > 0 ? this.lowBeforeFall(slot) : low, high];
  }

  private lowBeforeFall(slot: number): number {
    let low = Infinity;
    const { history } = this;
    for (let at = Math.max(history.lifeStart, slot - RANGE_MINUTES); at < history.slot; at++) {
      const value = history.at(at);
      if (value < low) low = value;
    }
    return low;
  }
}
