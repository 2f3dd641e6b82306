/** Running sums of a least-squares line; points are added one by one. x and y should be small numbers (minutes ago, share of the limit). */
export class LeastSquares {
  n = 0;
  private sx = 0;
  private sy = 0;
  private sxx = 0;
  private sxy = 0;
  private syy = 0;

  clear(): void {
    this.n = 0;
    this.sx = 0;
    this.sy = 0;
    this.sxx = 0;
    this.sxy = 0;
    this.syy = 0;
  }

  add(x: number, y: number): void {
    this.n += 1;
    this.sx += x;
    this.sy += y;
    this.sxx += x * x;
    this.sxy += x * y;
    this.syy += y * y;
  }

  /** Per unit of x; 0 for fewer than two different x. */
  get slope(): number {
    const width = this.n * this.sxx - this.sx * this.sx;
    return width > 0 ? (this.n * this.sxy - this.sx * this.sy) / width : 0;
  }

  /** Height of the line at x = 0. */
  get level(): number {
    return this.n > 0 ? (this.sy - this.slope * this.sx) / this.n : 0;
  }

  /** Standard deviation around the line. */
  get residual(): number {
    if (this.n < 3) return 0;
    const rise = this.n * this.sxy - this.sx * this.sy;
    const width = this.n * this.sxx - this.sx * this.sx;
    const height = this.n * this.syy - this.sy * this.sy;
    const rest = width > 0 ? height - (rise * rise) / width : height;
    return Math.sqrt(Math.max(0, rest) / this.n / (this.n - 2));
  }

  /** Slope over its standard error, within [-1000, 1000]. */
  get slopeScore(): number {
    const width = this.n * this.sxx - this.sx * this.sx;
    if (this.n < 3 || width <= 0) return 0;
    const error = this.residual * Math.sqrt(this.n / width);
    const { slope } = this;
    if (error <= 0) return Math.sign(slope) * 1000;
    return Math.max(-1000, Math.min(1000, slope / error));
  }
}
