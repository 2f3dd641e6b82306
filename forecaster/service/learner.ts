import type { LadderTransition } from '../ladder/ladder';
import type { LabelledSamples } from './prometheus-client';
import type { Need, Question } from './questions';
import type { Entry } from './store';

/** What a {@link Learner} works with. */
export interface LearnerOptions {
  readonly stepSeconds: number;
  readonly historySeconds: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  /** Told of every step up or down the ladder, history included. @default - nobody is told */
  readonly onTransition?: (entry: Entry, transition: LadderTransition) => void;
}

/** Learning may hold up other work for this long: a request waits no longer for its turn, milliseconds. */
const TURN_MS = 15;
/** Samples between two looks at the clock. */
const LOOK_EVERY = 16;
/** Samples after which others get their turn whatever the clock says. */
const LONGEST_TURN = 1000;
/** Samples may arrive this many steps late and are still asked for. */
const LATE_STEPS = 3;
const SET_BACK_SECONDS = 86_400;

/** Knows what each series lacks, and teaches its forecaster what Prometheus answered. */
export class Learner {
  private turnBegan = 0;
  private sinceTurn = 0;

  constructor(private readonly options: LearnerOptions) {}

  /** What is to be asked for a series; undefined = nothing new can be there. @param end newest time, seconds */
  need(entry: Entry, end: number): Need | undefined {
    const { stepSeconds, historySeconds } = this.options;
    const oldest = end - Math.floor(historySeconds / stepSeconds) * stepSeconds;
    // The metrics' clock was set back by more than a late sample explains: everything is new again.
    if (entry.askedUntil !== undefined && entry.askedUntil > end + SET_BACK_SECONDS) entry.askedUntil = undefined;
    const start = Math.max(oldest, entry.askedUntil === undefined ? oldest : entry.askedUntil + stepSeconds);
    return start > end ? undefined : { entry, start };
  }

  /**
   * Teaches what was answered.
   *
   * @param end newest time of the refresh, seconds; a question that ends before it was a part of a history
   * @returns what is to be asked next for the same series
   */
  async learn({ needs, end: asked }: Question, answer: readonly LabelledSamples[], end: number): Promise<Need[]> {
    const meant = new Map(needs.map((need) => [identity(need.entry), need]));
    for (const { labels, samples } of answer) {
      const need = meant.get(identity(labels));
      if (!need) continue; // another shard's, or a combination of names that was not meant
      for (const { time, value } of samples) {
        // A rule evaluated at a time describes the step that ends there. What lies outside the question was not asked for.
        if (time >= need.start && time <= asked) this.observe(need.entry, time, value, end);
        if (this.due()) await this.giveTurn();
      }
    }
    const { stepSeconds } = this.options;
    for (const { entry } of needs) {
      // Samples of the last steps may still be on their way: until they are there, they are asked for again.
      const newest = entry.forecaster.ready ? entry.forecaster.lastTime + stepSeconds : -Infinity;
      entry.askedUntil = Math.min(asked, Math.max(end - stepSeconds * LATE_STEPS, newest));
    }
    return asked < end ? needs.map(({ entry }) => ({ entry, start: asked + stepSeconds })) : [];
  }

  private observe(entry: Entry, time: number, value: number, end: number): void {
    // Prometheus repeats the newest sample for up to five minutes where the next is not recorded yet. So a newest step that equals
    // the one before may be no news at all: it is left for the next refresh, which for a series that really stands still costs nothing.
    if (time === end && value === entry.lastValue) return;
    entry.forecaster.observe(time - this.options.stepSeconds, value);
    entry.lastValue = value;
    const transition = entry.climber.learned();
    if (transition) this.options.onTransition?.(entry, transition);
  }

  private due(): boolean {
    this.sinceTurn += 1;
    if (this.sinceTurn % LOOK_EVERY !== 0) return false;
    return this.sinceTurn >= LONGEST_TURN || this.options.clock() - this.turnBegan > TURN_MS;
  }

  private async giveTurn(): Promise<void> {
    await new Promise((done) => setImmediate(done));
    this.turnBegan = this.options.clock();
    this.sinceTurn = 0;
  }
}

function identity({ namespace, service }: { readonly namespace?: string; readonly service?: string }): string {
  return JSON.stringify([namespace, service]);
}
