/** How demand becomes replicas. */
export interface ReplicaDemandOptions {
  /** What one replica is meant to take at most when demand is as high as provided for, unit of the series per replica. */
  readonly limitPerReplica: number;
  /** The autoscaler's target per replica: it divides what is published by this. */
  readonly targetPerReplica: number;
  /** Share around the target within which the autoscaler does nothing. @default 0.1 */
  readonly tolerance?: number;
  /** Steps for which a number of replicas is kept at least: bounds how often replicas change. @default 5 */
  readonly holdSteps?: number;
  /** @default 1 */
  readonly minReplicas?: number;
}

/**
 * Publishes demand in whole replicas, so that an autoscaler with a tolerance follows it exactly. An autoscaler that does nothing within a tenth of its
 * target is up to a tenth late upwards and a tenth too generous downwards; beyond ten replicas it ignores single steps altogether. So: when more
 * replicas are needed than before, at least as much is published as gets past the tolerance; otherwise the low edge of the interval that still
 * means the same number of replicas, which lets a surplus go. Never is less published than the demand of the moment: a plain trigger on the same
 * metric would not ask for more.
 */
export class ReplicaDemand {
  private readonly tolerance: number;
  private readonly hold: number;
  private readonly least: number;
  private readonly recent: number[] = [];
  private before = 0;

  constructor(private readonly options: ReplicaDemandOptions) {
    if (!(options.limitPerReplica > 0)) throw new RangeError(`limitPerReplica is ${options.limitPerReplica}; it must be above 0`);
    if (!(options.targetPerReplica > 0)) throw new RangeError(`targetPerReplica is ${options.targetPerReplica}; it must be above 0`);
    this.tolerance = options.tolerance ?? 0.1;
    this.hold = Math.max(1, Math.round(options.holdSteps ?? 5));
    this.least = Math.max(1, options.minReplicas ?? 1);
  }

  /** Replicas that the last publication stands for; 0 before the first. */
  get replicas(): number {
    return this.before;
  }

  /**
   * One step.
   *
   * @param demand to provide for; anything but a finite number above 0 counts as 0
   * @param present demand of the newest step; likewise
   * @returns what to publish, above 0 and finite
   */
  publish(demand: number, present: number): number {
    const { limitPerReplica, targetPerReplica } = this.options;
    const now = usable(present);
    const wanted = Math.max(this.least, replicasFor(usable(demand), limitPerReplica), replicasFor(now, targetPerReplica));
    this.recent.push(wanted);
    if (this.recent.length > this.hold) this.recent.shift();
    const replicas = Math.max(...this.recent);
    const rising = replicas > this.before;
    // The smallest whole number that is past the tolerance above what was asked for before.
    const past = Math.floor((1 + this.tolerance) * this.before + 1e-9) + 1;
    const asked = rising ? Math.max(replicas, past) : replicas;
    this.before = replicas;
    const published = rising ? asked * targetPerReplica : (replicas - 1 + LOW_EDGE) * targetPerReplica;
    return Math.min(MOST, Math.max(published, now));
  }
}

/** How far above the next lower number of replicas the low edge lies: enough for three decimals of a metric. */
const LOW_EDGE = 0.02;
/** Anything above is no demand that a cluster could serve; it keeps products finite. */
const MOST = 1e15;

function usable(value: number): number {
  return value > 0 && Number.isFinite(value) ? Math.min(value, MOST) : 0;
}

function replicasFor(demand: number, perReplica: number): number {
  return Math.ceil(demand / perReplica - 1e-9);
}
