import type { Forecaster } from '../engine';
import { Ladder, type LadderTransition } from './ladder';
import { defaultRules, type LadderRules } from './rules';
import { type LadderStep, mayScale } from './steps';

/** A forecaster with what its ladder needs of it. */
type Judged = Pick<Forecaster, 'status' | 'ready' | 'lastTime'>;

/** Between two pieces of evidence from history, seconds: half of a window, so that time without a break counts in full. */
const EVERY_SECONDS = 300;

/** A ladder that is driven by a forecaster: while history is replayed as much as when a value arrives. */
export class Climber {
  ladder: Ladder;
  /** Time up to which history has been used, seconds. */
  private until = -Infinity;

  /** @param stepSeconds resolution of the series */
  constructor(private readonly forecaster: Judged, private readonly stepSeconds: number, private readonly rules: LadderRules = defaultRules) {
    this.ladder = new Ladder(rules);
  }

  get step(): LadderStep {
    return this.ladder.step;
  }

  /** Demand may be published. */
  get mayScale(): boolean {
    return mayScale(this.ladder.step);
  }

  /** After a value was learned: evidence as of the end of its step, every five minutes of the series' own time. */
  learned(): LadderTransition | undefined {
    const time = this.forecaster.lastTime + this.stepSeconds;
    const newest = Math.max(this.until, this.ladder.newest ?? -Infinity);
    // History that fills a gap is older than what is known; another clock begins where the forecaster began anew.
    if (!(time >= newest + EVERY_SECONDS) && newest - time <= this.rules.leapSeconds) return undefined;
    return this.show(time, 0);
  }

  /** As of now, whether a value has come or not. @param now by the metrics' clock, seconds */
  look(now: number): LadderTransition | undefined {
    if (!this.forecaster.ready) return undefined;
    return this.show(now, now - this.forecaster.lastTime - this.stepSeconds);
  }

  /** Takes up a ladder that was kept. Returns whether it could be read. */
  restore(snapshot: unknown): boolean {
    const kept = Ladder.restore(snapshot, this.rules);
    if (kept) this.ladder = kept;
    return kept !== undefined;
  }

  private show(time: number, stalenessSeconds: number): LadderTransition | undefined {
    this.until = time;
    const status = this.forecaster.status();
    return this.ladder.observe({ time, skill: status.skill, reasons: status.reasons, stalenessSeconds: Math.max(0, stalenessSeconds) });
  }
}
