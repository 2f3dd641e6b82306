/** What a departure looks like. */
export type AnomalyShape = 'spike' | 'level' | 'variance';

/** What the detector says of the newest value. */
export interface AnomalyVerdict {
  readonly anomalous: boolean;
  readonly shape: AnomalyShape;
  /** 0 to 1; 0.5 where departures begin to count. */
  readonly score: number;
}

/** As plain JSON. */
export interface AnomalyDetectorSnapshot {
  readonly seen: number;
  readonly usual: number;
  readonly energy: number;
  readonly recent: number;
  readonly drift: number;
  readonly active: boolean;
}

/** How fast the charts follow, per value. */
const ENERGY_RATE = 0.1;
const RECENT_RATE = 0.3;
const USUAL_RATE = 0.002;
/** Where a departure begins, and where it is over. Chosen on NAB: see the readme. */
const ALARM = 5;
const CALM = 3;
/** Scores above this count as this. */
const LARGEST = 12;
const LARGEST_SQUARE = 100;
/** Values before the detector says anything. */
const LEARNING = 48;

/**
 * Tells when a series departs from its forecasts. Takes the normal scores of values (0 = as expected, 3 = once in 700) and watches two charts
 * of them: the root of their smoothed squares, which sees changes of level and of variance, and their smoothed size, which sees spikes. Both are
 * in units of the series' own usual score, for bands that are too narrow are not the series' fault. Constant memory: six numbers.
 */
export class AnomalyDetector {
  private seen = 0;
  /** Usual size of a score: that of a normal law is 0.8. */
  private usual = 1;
  private energy = 0;
  private recent = 0;
  private drift = 0;
  private active = false;

  update(score: number): AnomalyVerdict {
    if (!Number.isFinite(score)) return this.verdict(0);
    const unit = Math.max(1, this.usual * 1.2533);
    const own = Math.max(-LARGEST, Math.min(LARGEST, score / unit));
    this.energy += ENERGY_RATE * (Math.min(LARGEST_SQUARE, own * own) - this.energy);
    this.recent += RECENT_RATE * (Math.abs(own) - this.recent);
    this.drift += ENERGY_RATE * (own - this.drift);
    this.seen += 1;
    const rate = Math.max(USUAL_RATE, 1 / (this.seen + 20));
    this.usual += rate * (Math.min(Math.abs(score), 8 * Math.max(this.usual, 0.1)) - this.usual);
    return this.verdict(Math.sqrt(this.energy) + this.recent);
  }

  snapshot(): AnomalyDetectorSnapshot {
    const { seen, usual, energy, recent, drift, active } = this;
    return { seen, usual, energy, recent, drift, active };
  }

  static restore(snapshot: AnomalyDetectorSnapshot): AnomalyDetector {
    return Object.assign(new AnomalyDetector(), snapshot);
  }

  private verdict(chart: number): AnomalyVerdict {
    this.active = this.seen >= LEARNING && chart >= (this.active ? CALM : ALARM);
    const spread = Math.sqrt(this.energy);
    const shape = this.recent > 2 * spread ? 'spike' : Math.abs(this.drift) > 0.7 * spread ? 'level' : 'variance';
    return { anomalous: this.active, shape, score: this.seen < LEARNING ? 0 : 1 - 2 ** -(chart / ALARM) };
  }
}
