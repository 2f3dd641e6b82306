/** Maps this machine's time to the trace's: trace = traceStart + (wall - wallStart) * speed. Both in seconds. */
export class AffineClock {
  readonly speed: number;
  private readonly traceStart: number;
  private readonly wallStart: number;

  /** @param options `speed`: trace seconds per wall second, above 0 */
  constructor(options: { readonly traceStart: number; readonly wallStart: number; readonly speed: number }) {
    if (!(options.speed > 0) || !Number.isFinite(options.speed)) throw new RangeError(`the speed of a clock must be above 0, got ${options.speed}`);
    this.speed = options.speed;
    this.traceStart = options.traceStart;
    this.wallStart = options.wallStart;
  }

  toTrace(wall: number): number {
    return this.traceStart + (wall - this.wallStart) * this.speed;
  }

  toWall(trace: number): number {
    return this.wallStart + (trace - this.traceStart) / this.speed;
  }
}
