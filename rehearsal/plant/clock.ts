/**
 * Maps this machine's time to the trace's: trace = traceStart + (wall - wallStart) * speed. Both in seconds.
 *
 * Until it is started it stands still at the trace's start, so that pods can come up and policies settle under the first minute's load.
 */
export class AffineClock {
  readonly speed: number;
  private readonly traceStart: number;
  private wallStart: number | undefined;

  /** @param options `speed`: trace seconds per wall second, above 0; `wallStart`: @default - it stands still until {@link start} */
  constructor(options: { readonly traceStart: number; readonly wallStart?: number; readonly speed: number }) {
    if (!(options.speed > 0) || !Number.isFinite(options.speed)) throw new RangeError(`the speed of a clock must be above 0, got ${options.speed}`);
    this.speed = options.speed;
    this.traceStart = options.traceStart;
    this.wallStart = options.wallStart;
  }

  /** Lets it run from this moment on. A clock that runs cannot be started again: trace time would jump back. */
  start(wall: number): void {
    if (this.wallStart !== undefined) throw new RangeError('the clock runs already');
    this.wallStart = wall;
  }

  get running(): boolean {
    return this.wallStart !== undefined;
  }

  toTrace(wall: number): number {
    return this.wallStart === undefined ? this.traceStart : this.traceStart + (wall - this.wallStart) * this.speed;
  }

  /** @throws RangeError while it stands still: no moment of this machine corresponds yet */
  toWall(trace: number): number {
    if (this.wallStart === undefined) throw new RangeError('the clock stands still');
    return this.wallStart + (trace - this.traceStart) / this.speed;
  }
}
