import { DAY, fallback, HourlyModel } from './hourly-model';
import { limitsOf, Scale, scaleOf } from './scale';

/** Smoothing weights that are tried: level, trend, season, and the damping of the trend. */
const ALPHAS = [0.05, 0.2, 0.5, 0.9] as const;
const BETAS = [0.001, 0.02, 0.1] as const;
const GAMMAS = [0.02, 0.1, 0.3, 0.6] as const;
const PHIS = [0.8, 0.95] as const;

interface Run {
  readonly squares: number;
  readonly level: number;
  readonly trend: number;
  readonly phi: number;
  readonly season: Float64Array;
}

/**
 * Holt-Winters with a damped trend and one additive season of the logarithm; the weights with the least squared one-step errors.
 *
 * ETS(A,Ad,A): Hyndman, Koehler, Snyder and Grose (2002), A State Space Framework for Automatic Forecasting Using Exponential Smoothing
 * Methods, International Journal of Forecasting 18(3).
 */
export class DampedHoltWinters implements HourlyModel {
  readonly alias = 'damped-holt-winters';
  readonly needs: number;
  private values: Float64Array = new Float64Array(0);
  private scale: Scale = scaleOf(this.values);
  private scaled: Float64Array = this.values;
  private best: Run | undefined;

  constructor(private readonly season: number = DAY) {
    this.needs = 3 * season;
  }

  fit(values: Float64Array): this {
    this.values = values;
    this.best = undefined;
    if (values.length < this.needs) return this;
    this.scale = scaleOf(values);
    this.scaled = values.map(value => this.scale.to(value));
    for (const alpha of ALPHAS) {
      for (const beta of BETAS) {
        for (const gamma of GAMMAS) {
          for (const phi of PHIS) {
            const run = this.smooth(alpha, beta, gamma, phi);
            if (!this.best || run.squares < this.best.squares) this.best = run;
          }
        }
      }
    }
    return this;
  }

  predict(h: number): Float64Array {
    if (!this.best) return fallback(this.values, h);
    const { level, trend, phi, season } = this.best;
    const { low, high } = limitsOf(this.scaled);
    let damped = 0;
    return new Float64Array(h).map((_, i) => {
      damped += phi ** (i + 1);
      const value = level + damped * trend + season[(this.scaled.length + i) % this.season]!;
      return this.scale.from(Math.min(high, Math.max(low, value)));
    });
  }

  private smooth(alpha: number, beta: number, gamma: number, phi: number): Run {
    const m = this.season;
    // Level and season of the first two seasons.
    let level = 0;
    for (let i = 0; i < 2 * m; i++) level += this.scaled[i]! / (2 * m);
    const season = new Float64Array(m).map((_, i) => (this.scaled[i]! + this.scaled[m + i]!) / 2 - level);
    let trend = 0;
    let squares = 0;
    for (let i = 0; i < this.scaled.length; i++) {
      const error = this.scaled[i]! - level - phi * trend - season[i % m]!;
      level += phi * trend + alpha * error;
      trend = phi * trend + alpha * beta * error;
      season[i % m]! += gamma * (1 - alpha) * error;
      if (i >= 2 * m) squares += error * error;
    }
    return { squares, level, trend, phi, season };
  }
}
