/** Turns kept: peaks and troughs alternate. */
export const MOST_TURNS = 16;

/**
 * Peaks and troughs of a saw, found by reversals larger than a threshold (the zigzag filter; a turn is known only once the reversal has happened).
 */
export class TurningPoints {
  readonly slots = new Float64Array(MOST_TURNS);
  readonly values = new Float32Array(MOST_TURNS);
  /** Turns so far, without end; the newest is at (count - 1) % MOST_TURNS. Odd counts end with the kind of `firstIsPeak`. */
  count = 0;
  /** Whether the newest turn is a peak. */
  newestIsPeak = false;
  /** Direction since the newest turn: 1 up, -1 down, 0 unknown. */
  direction = 0;
  private extreme = NaN;
  private extremeSlot = NaN;
  private other = NaN;

  clear(): void {
    this.count = 0;
    this.direction = 0;
    this.extreme = NaN;
    this.extremeSlot = NaN;
    this.other = NaN;
  }

  /** @param reversal smallest change of direction that counts, in the unit of the values, above 0 */
  add(slot: number, value: number, reversal: number): void {
    if (Number.isNaN(this.extreme)) {
      this.extreme = value;
      this.other = value;
      this.extremeSlot = slot;
      return;
    }
    if (this.direction === 0) {
      this.extreme = Math.max(this.extreme, value);
      this.other = Math.min(this.other, value);
      if (this.extreme - this.other <= reversal) return;
      this.direction = value >= this.extreme ? 1 : -1;
      this.extreme = value;
      this.extremeSlot = slot;
      return;
    }
    if ((value - this.extreme) * this.direction >= 0) {
      this.extreme = value;
      this.extremeSlot = slot;
    } else if (Math.abs(value - this.extreme) > reversal) {
      this.slots[this.count % MOST_TURNS] = this.extremeSlot;
      this.values[this.count % MOST_TURNS] = this.extreme;
      this.count += 1;
      this.newestIsPeak = this.direction === 1;
      this.direction = -this.direction;
      this.extreme = value;
      this.extremeSlot = slot;
    }
  }

  numbers(): number[] {
    return [this.count, this.newestIsPeak ? 1 : 0, this.direction, this.extreme, this.extremeSlot, this.other];
  }

  /** Takes {@link numbers} back. */
  take(numbers: readonly number[]): void {
    const [count, newestIsPeak, direction, extreme, extremeSlot, other] = numbers as [number, number, number, number, number, number];
    Object.assign(this, { count, newestIsPeak: newestIsPeak === 1, direction, extreme, extremeSlot, other });
  }

  /** How many peaks (or troughs) are remembered. */
  known(peaks: boolean): number {
    const kept = Math.min(this.count, MOST_TURNS);
    return this.newestIsPeak === peaks ? Math.ceil(kept / 2) : Math.floor(kept / 2);
  }

  /** Index into slots/values of the peak (or trough) that is `back` of its kind before the newest. */
  index(peaks: boolean, back: number): number {
    return (this.count - 1 - 2 * back - (this.newestIsPeak === peaks ? 0 : 1)) % MOST_TURNS;
  }
}
