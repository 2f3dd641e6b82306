import { namedReasons } from './feature-reasons';
import type { OomReason } from './oom-reasons';
import { riskOf, type Risk } from './risk-model';
import { SampleGate } from './sample-gate';
import { packState, type StateParts, unpackState } from './state-bytes';
import { UsageLearner } from './usage-learner';

/** One reading of a container's memory or of a disk. */
export interface UsageSample {
  /** Unix seconds. One value per step counts, the first; older ones than the newest are dropped. */
  readonly time: number;
  /** Bytes (any unit, the same for the limit). NaN, infinite and negative values are dropped. */
  readonly usage: number;
  /** In the unit of usage. 0, infinite or above 1e18 = no limit. @default - the last one told */
  readonly limit?: number;
  /** Restarts so far; another number than before means a new life. @default - a fall far below the floor of the last three hours counts as a new life */
  readonly restarts?: number;
}

/** How the watch is set. */
export interface OomOptions {
  /** Length of a step; the engine looks 30 and 60 steps ahead. @default 60 */
  readonly stepSeconds?: number;
  /** The alarm starts when the smoothed probability of 60 steps is this high. @default 0.35 */
  readonly alarmOn?: number;
  /** The alarm ends below this. @default 0.1 */
  readonly alarmOff?: number;
  /** Weight of the newest step in the smoothed probability, (0, 1]. @default 0.3 */
  readonly smoothing?: number;
}

/** For containers: a step is a minute, so that the horizons are 30 and 60 minutes. */
export const memoryOptions: Required<OomOptions> = { stepSeconds: 60, alarmOn: 0.35, alarmOff: 0.1, smoothing: 0.3 };
/** For disks, which fill slowly and take long to grow: a step is five minutes, so that the horizons are 2.5 and 5 hours, and the alarm is later to come. */
export const diskOptions: Required<OomOptions> = { stepSeconds: 300, alarmOn: 0.5, alarmOff: 0.25, smoothing: 0.3 };

/** The outlook of one container or disk. No number in it is ever NaN. */
export interface OomOutlook {
  /** Unix seconds of the newest value; null before the first. */
  readonly time: number | null;
  readonly usage: number | null;
  /** Null = none known. */
  readonly limit: number | null;
  /** That the limit is met within 30 steps, 0 to 1, never above {@link within60}. */
  readonly within30: number;
  /** That the limit is met within 60 steps. */
  readonly within60: number;
  /** Median minutes until then; null when none is in sight (eight hours for memory). */
  readonly minutesToLimit: number | null;
  readonly alarm: boolean;
  readonly reasons: readonly OomReason[];
}

const VERSION = 1;
const STALE_STEPS = 5;
/** An alarm of a container that says nothing any more ends after this. */
const SILENT_STEPS = 60;
const RECENT_STEPS = 60;
const FEW_VALUES = 10;
const LARGEST_LIMIT = 1e18;
/** A gap longer than all that is remembered. */
const FORGOTTEN_STEPS = 2880;
/** Close enough for a sudden rise to matter. */
const IMMINENT_USAGE = 0.88;
const IMMINENT_MINUTES = 5;
const IMMINENT_NOISE = 8;
/** A sudden rise towards the limit is as likely to go on as to stop. */
const IMMINENT_RISK = 0.5;
const NONE: Risk = { within30: 0, within60: 0, minutes: null };

/** Watches one container or disk: learns value by value and tells when the limit will be met. */
export class OomWatch {
  private readonly options: Required<OomOptions>;
  private readonly gate: SampleGate;
  private learner = new UsageLearner();
  private limit = NaN;
  private restarts = NaN;
  private values = 0;
  private smoothed = 0;
  private alarm = false;
  private risk = NONE;
  private imminent = false;
  /** Slots at which something last happened that a reader should know of. */
  private readonly last = { limitChanged: NaN, restarted: NaN, bad: NaN, late: NaN, jumped: NaN };
  private shape: readonly OomReason[] = [];

  constructor(options: OomOptions = {}) {
    this.options = { ...memoryOptions, ...options };
    this.gate = new SampleGate(this.options.stepSeconds);
  }

  /** Brings back a watch from {@link snapshot}; the options are not part of it. @throws FaultError for damaged bytes or another version */
  static restore(bytes: Uint8Array, options: OomOptions = {}): OomWatch {
    const watch = new OomWatch(options);
    watch.take(unpackState(VERSION, bytes, watch.parts()));
    return watch;
  }

  /** Learns a sample and tells the outlook after it. Constant time; never throws. */
  observe(sample: UsageSample): OomOutlook {
    const limitChanged = this.hearLimit(sample.limit);
    const admission = this.gate.admit(sample.time, sample.usage, this.limit);
    const { slot } = this.gate;
    if (admission === 'non_finite' || admission === 'implausible') this.last.bad = slot;
    else if (admission === 'late') this.last.late = slot;
    const accepted = admission === 'accepted' || admission === 'restart';
    if (accepted) this.learn(sample, admission === 'restart');
    else if (limitChanged && this.values > 0) this.judge(this.learner.history.at(slot));
    return this.outlook();
  }

  /**
   * The outlook as it stands.
   *
   * @param now unix seconds, to tell how old the newest value is. @default - that of the newest value
   */
  outlook(now?: number): OomOutlook {
    const { slot } = this.gate;
    const { stepSeconds } = this.options;
    const known = this.values > 0 && !Number.isNaN(slot);
    const time = slot * stepSeconds;
    const silentSteps = known && now !== undefined && Number.isFinite(now) ? Math.max(0, Math.floor((now - time) / stepSeconds)) : 0;
    const minutes = this.risk.minutes === null ? null : Math.max(0, ((this.risk.minutes - silentSteps) * stepSeconds) / 60);
    const usage = this.learner.history.at(slot);
    return {
      time: known ? time : null,
      usage: known && Number.isFinite(usage) ? usage : null,
      limit: Number.isFinite(this.limit) ? this.limit : null,
      within30: this.risk.within30,
      within60: this.risk.within60,
      minutesToLimit: minutes,
      alarm: this.alarm && silentSteps <= SILENT_STEPS,
      reasons: this.reasons(known, silentSteps),
    };
  }

  /** Everything needed to go on elsewhere, in a fixed number of bytes. */
  snapshot(): Uint8Array {
    return packState(VERSION, this.parts());
  }

  private learn(sample: UsageSample, jumped: boolean): void {
    const { slot } = this.gate;
    const { history } = this.learner;
    if (jumped) this.last.jumped = slot;
    if (jumped || slot - history.slot > FORGOTTEN_STEPS) this.beginAnew();
    const counted = Number.isFinite(sample.restarts) ? sample.restarts! : this.restarts;
    const restarted = counted !== this.restarts && !Number.isNaN(this.restarts);
    this.restarts = counted;
    this.values += 1;
    if (this.learner.add(slot, sample.usage, restarted)) {
      this.last.restarted = slot;
      this.values = restarted ? 1 : 2;
      this.smoothed = 0;
      this.alarm = false;
    }
    this.judge(sample.usage);
  }

  private judge(usage: number): void {
    if (!Number.isFinite(this.limit)) {
      this.risk = NONE;
      this.shape = [];
      this.smoothed = 0;
      this.alarm = false;
      return;
    }
    const features = this.learner.features(this.limit);
    const told = riskOf(features);
    this.imminent = this.risesSuddenly(usage);
    this.risk = usage >= this.limit ? { within30: 1, within60: 1, minutes: 0 } : this.imminent ? atLeast(told, IMMINENT_RISK) : told;
    this.shape = namedReasons(features);
    const { smoothing, alarmOn, alarmOff } = this.options;
    this.smoothed += (this.values === 1 ? 1 : smoothing) * (this.risk.within60 - this.smoothed);
    this.alarm = this.imminent || usage >= this.limit || this.smoothed >= (this.alarm ? alarmOff : alarmOn);
  }

  /** The last minutes rose by more than is left: if they repeat themselves it is over, and no trend of hours can tell. */
  private risesSuddenly(usage: number): boolean {
    const left = this.limit - usage;
    if (usage <= IMMINENT_USAGE * this.limit || left <= 0) return false;
    const { history } = this.learner;
    let lowest = usage;
    for (let slot = history.slot - IMMINENT_MINUTES; slot < history.slot; slot++) {
      const value = slot >= history.lifeStart ? history.at(slot) : NaN;
      if (value < lowest) lowest = value;
    }
    return usage - lowest >= left && usage - lowest > IMMINENT_NOISE * this.learner.noise;
  }

  private hearLimit(limit: number | undefined): boolean {
    if (limit === undefined || Number.isNaN(limit) || limit < 0) return false;
    const heard = limit === 0 || limit > LARGEST_LIMIT ? Infinity : limit;
    if (heard === this.limit) return false;
    if (!Number.isNaN(this.limit)) {
      this.last.limitChanged = this.gate.slot;
      this.smoothed = 0;
    }
    this.limit = heard;
    return true;
  }

  private beginAnew(): void {
    this.learner = new UsageLearner();
    this.values = 0;
    this.smoothed = 0;
    this.alarm = false;
  }

  private reasons(known: boolean, silentSteps: number): OomReason[] {
    if (!known) return ['no_data'];
    const reasons: OomReason[] = [];
    const limited = Number.isFinite(this.limit);
    if (!limited) reasons.push('no_limit');
    else if (this.learner.history.at(this.gate.slot) >= this.limit) reasons.push('at_limit');
    if (limited && this.imminent) reasons.push('sudden_rise');
    if (limited) reasons.push(...this.shape);
    if (this.values < FEW_VALUES) reasons.push('insufficient_history');
    if (silentSteps > STALE_STEPS) reasons.push('stale_metrics');
    const recent = (slot: number): boolean => this.gate.slot + silentSteps - slot <= RECENT_STEPS;
    if (recent(this.last.limitChanged)) reasons.push('limit_changed');
    if (recent(this.last.restarted)) reasons.push('restarted');
    if (recent(this.last.bad)) reasons.push('bad_values_dropped');
    if (recent(this.last.late)) reasons.push('late_values_dropped');
    if (recent(this.last.jumped)) reasons.push('clock_jump');
    return reasons;
  }

  private parts(): StateParts {
    const { limitChanged, restarted, bad, late, jumped } = this.last;
    const { within30, within60, minutes } = this.risk;
    const own = [this.limit, this.restarts, this.values, this.smoothed, this.alarm ? 1 : 0, this.imminent ? 1 : 0];
    const learner = this.learner.parts();
    return { ...learner, numbers: [...own, within30, within60, minutes ?? NaN, limitChanged, restarted, bad, late, jumped, ...this.gate.state(), ...learner.numbers] };
  }

  private take(numbers: readonly number[]): void {
    let at = 0;
    const next = (): number => numbers[at++]!;
    this.limit = next();
    this.restarts = next();
    this.values = next();
    this.smoothed = next();
    this.alarm = next() === 1;
    this.imminent = next() === 1;
    const [within30, within60, minutes] = [next(), next(), next()];
    this.risk = { within30, within60, minutes: Number.isNaN(minutes) ? null : minutes };
    for (const event of ['limitChanged', 'restarted', 'bad', 'late', 'jumped'] as const) this.last[event] = next();
    this.gate.restore([next(), next(), next(), next()]);
    this.learner.take(numbers.slice(at));
    if (this.values > 0 && Number.isFinite(this.limit)) this.shape = namedReasons(this.learner.features(this.limit));
  }
}

function atLeast(risk: Risk, floor: number): Risk {
  if (risk.within30 >= floor) return risk;
  return { within30: floor, within60: Math.max(floor, risk.within60), minutes: Math.min(30, risk.minutes ?? 30) };
}
