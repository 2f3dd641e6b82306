/** What a {@link Pace} keeps within. */
export interface PaceOptions {
  /** Questions under way at once, at most. @default 8 */
  readonly mostConcurrent?: number;
  /** Samples that one question may ask for, at most. @default 150000 */
  readonly mostSamples?: number;
  /** An answer that takes longer than this is slow, milliseconds. */
  readonly slowMs: number;
}

/** How an answer went. */
export type Experience = 'good' | 'overloaded' | 'too_large';

const LEAST_SAMPLES = 500;

/**
 * How hard Prometheus may be pressed: additive increase, multiplicative decrease (as TCP does) of the questions under way at once and of
 * the samples that each asks for. A server that is slow gets fewer and smaller questions until it is not slow any more.
 *
 * Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance in computer networks", 1989.
 */
export class Pace {
  private readonly mostConcurrent: number;
  private readonly mostSamples: number;
  private window: number;
  private budget: number;
  private lastCut = -Infinity;

  constructor(private readonly options: PaceOptions) {
    this.mostConcurrent = options.mostConcurrent ?? 8;
    this.mostSamples = options.mostSamples ?? 150_000;
    this.window = Math.min(2, this.mostConcurrent);
    this.budget = this.mostSamples / 2;
  }

  /** Questions that may be under way at once, from 1. */
  get concurrency(): number {
    return Math.max(1, Math.floor(this.window));
  }

  /** Samples that one question may ask for. */
  get samples(): number {
    return Math.floor(this.budget);
  }

  /**
   * Learns how a question went.
   *
   * @param began when it was asked, milliseconds of any clock that only goes forward
   * @param ended when its answer was complete, or given up
   */
  note(experience: Experience, began: number, ended: number): void {
    if (experience === 'too_large') { // says something about the answer, nothing about the server
      this.budget = Math.max(LEAST_SAMPLES, this.budget / 2);
      return;
    }
    const slow = experience === 'overloaded' || ended - began > this.options.slowMs;
    if (!slow) {
      this.window = Math.min(this.mostConcurrent, this.window + 1 / this.window);
      this.budget = Math.min(this.mostSamples, this.budget + this.mostSamples / 20);
      return;
    }
    if (began < this.lastCut) return; // asked before the last cut: the same congestion, not a new one
    this.lastCut = ended;
    this.window = Math.max(1, this.window / 2);
    this.budget = Math.max(LEAST_SAMPLES, this.budget / 2);
  }
}
