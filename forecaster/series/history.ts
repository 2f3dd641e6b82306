/** The last values of a series, one per slot, in single precision. */
export class History {
  private readonly ring: Float32Array;
  private slot = NaN;
  private length = 0;

  /** @param capacity slots kept */
  constructor(readonly capacity: number) {
    this.ring = new Float32Array(capacity);
  }

  /**
   * Learns the value of a slot; slots in between repeat the value before them, as a reader of the last known value would see it.
   *
   * @param slot a whole number greater than before
   */
  update(slot: number, value: number): void {
    const gap = Number.isNaN(this.slot) ? 1 : Math.min(slot - this.slot, this.capacity);
    const before = this.length === 0 ? value : this.ring[this.slot % this.capacity]!;
    for (let i = gap - 1; i > 0; i--) this.ring[(slot - i) % this.capacity] = before;
    this.ring[slot % this.capacity] = value;
    this.slot = slot;
    this.length = Math.min(this.capacity, this.length + gap);
  }

  /**
   * Writes what is kept, oldest first.
   *
   * @param out at least `capacity` long
   * @returns how many values were written
   */
  read(out: Float64Array): number {
    const from = this.slot - this.length + 1;
    for (let i = 0; i < this.length; i++) out[i] = this.ring[(from + i) % this.capacity]!;
    return this.length;
  }
}
