/** Due forecasts needed before a share is worth telling. */
const MINIMUM = 30;

/** Rolling share of values that fell inside the bands they were given. */
export class Coverage {
  private readonly decay: number;
  private readonly inside: number[];
  private total = 0;

  /**
   * @param bands how many
   * @param memorySteps steps after which an old verdict counts 1/e
   */
  constructor(bands: number, memorySteps: number) {
    this.decay = Math.exp(-1 / memorySteps);
    this.inside = Array.from({ length: bands }, () => 0);
  }

  /** Learns of one value, for each band whether it held. */
  update(held: readonly boolean[]): void {
    this.total = this.decay * this.total + 1;
    held.forEach((inside, band) => { this.inside[band] = this.decay * this.inside[band]! + (inside ? 1 : 0); });
  }

  /** 0 to 1, or null while too little has come due. */
  of(band: number): number | null {
    return this.total < MINIMUM ? null : this.inside[band]! / this.total;
  }
}
