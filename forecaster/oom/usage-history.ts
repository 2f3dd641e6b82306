/** Minutes kept one by one. */
export const FINE_MINUTES = 180;
/** Minutes of a bin. */
export const BIN_MINUTES = 10;
/** Bins kept: two days. */
export const BINS = 288;

/**
 * What is remembered of one container: the last three hours by the minute, two days by ten minutes, in a fixed number of bytes.
 *
 * Slots are minutes since 1970 and only ever grow.
 */
export class UsageHistory {
  /** Newest minute with a value; NaN before the first. */
  slot = NaN;
  /** First minute of the present life of the container: nothing before it counts for a trend. */
  lifeStart = NaN;
  /** First minute ever. */
  firstSlot = NaN;
  private readonly fine = new Float32Array(FINE_MINUTES).fill(NaN);
  private readonly low = new Float32Array(BINS).fill(NaN);
  private readonly mean = new Float32Array(BINS).fill(NaN);
  private readonly high = new Float32Array(BINS).fill(NaN);
  /** Values in the newest bin. */
  private inBin = 0;

  /** Newest bin; NaN before the first value. */
  get bin(): number {
    return Math.floor(this.slot / BIN_MINUTES);
  }

  /** @param slot later than every one before */
  add(slot: number, usage: number): void {
    if (Number.isNaN(this.slot)) {
      this.firstSlot = slot;
      this.lifeStart = slot;
      this.openBin(Math.floor(slot / BIN_MINUTES));
    } else {
      for (let gone = Math.max(this.slot + 1, slot - FINE_MINUTES); gone < slot; gone++) this.fine[gone % FINE_MINUTES] = NaN;
      const bin = Math.floor(slot / BIN_MINUTES);
      for (let next = Math.max(this.bin + 1, bin - BINS + 1); next <= bin; next++) this.openBin(next);
    }
    this.slot = slot;
    this.fine[slot % FINE_MINUTES] = usage;
    const at = this.bin % BINS;
    this.low[at] = this.inBin === 0 ? usage : Math.min(this.low[at]!, usage);
    this.high[at] = this.inBin === 0 ? usage : Math.max(this.high[at]!, usage);
    this.mean[at] = this.inBin === 0 ? usage : this.mean[at]! + (usage - this.mean[at]!) / (this.inBin + 1);
    this.inBin += 1;
  }

  /** A new life begins at a minute that may lie a few minutes back; the bin it falls in forgets the life before. */
  beginLife(slot: number): void {
    this.lifeStart = slot;
    const bin = Math.floor(slot / BIN_MINUTES);
    this.openBin(bin);
    for (let at = slot; at <= this.slot; at++) {
      const usage = this.at(at);
      if (Number.isNaN(usage) || Math.floor(at / BIN_MINUTES) !== bin) continue;
      const place = bin % BINS;
      this.low[place] = this.inBin === 0 ? usage : Math.min(this.low[place]!, usage);
      this.high[place] = this.inBin === 0 ? usage : Math.max(this.high[place]!, usage);
      this.mean[place] = this.inBin === 0 ? usage : this.mean[place]! + (usage - this.mean[place]!) / (this.inBin + 1);
      this.inBin += 1;
    }
    if (bin !== this.bin) this.inBin = this.countOf(this.bin);
  }

  /** Value of a minute; NaN where there is none any more or none was seen. */
  at(slot: number): number {
    if (slot > this.slot || slot <= this.slot - FINE_MINUTES || slot < this.firstSlot) return NaN;
    return this.fine[slot % FINE_MINUTES]!;
  }

  lowOf(bin: number): number {
    return this.holds(bin) ? this.low[bin % BINS]! : NaN;
  }

  meanOf(bin: number): number {
    return this.holds(bin) ? this.mean[bin % BINS]! : NaN;
  }

  highOf(bin: number): number {
    return this.holds(bin) ? this.high[bin % BINS]! : NaN;
  }

  /** Oldest bin of the present life that is still remembered. */
  get firstBin(): number {
    return Math.max(Math.floor(this.lifeStart / BIN_MINUTES), this.bin - BINS + 1);
  }

  /** The arrays, to be written and filled in place. */
  get rings(): readonly Float32Array[] {
    return [this.fine, this.low, this.mean, this.high];
  }

  numbers(): number[] {
    return [this.slot, this.lifeStart, this.firstSlot, this.inBin];
  }

  /** Takes {@link numbers} back. */
  take(numbers: readonly number[]): void {
    [this.slot, this.lifeStart, this.firstSlot, this.inBin] = numbers as [number, number, number, number];
  }

  private holds(bin: number): boolean {
    return bin <= this.bin && bin > this.bin - BINS && bin >= Math.floor(this.firstSlot / BIN_MINUTES);
  }

  private openBin(bin: number): void {
    const at = bin % BINS;
    this.low[at] = NaN;
    this.mean[at] = NaN;
    this.high[at] = NaN;
    this.inBin = 0;
  }

  private countOf(bin: number): number {
    let count = 0;
    for (let slot = bin * BIN_MINUTES; slot <= this.slot; slot++) if (!Number.isNaN(this.at(slot))) count += 1;
    return count;
  }
}
