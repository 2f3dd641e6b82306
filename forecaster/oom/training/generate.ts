/** A container's life by the minute, made up: usage as a share of the limit. */
export interface MadeSeries {
  readonly id: string;
  readonly kind: string;
  /** Share of the limit per minute; NaN = sample missing. */
  readonly usage: Float64Array;
  /** Minute of the kill (the series ends there); null = none. */
  readonly oomMinute: number | null;
}

/** A stream of numbers in [0, 1) that a seed decides. */
export type Random = () => number;

const MODULUS = 2_147_483_647;
const MULTIPLIER = 48_271;
const SEED_SPREAD = 104_729;
const WARM_UP = 8;

/** Park and Miller (1988), Random number generators: good ones are hard to find, CACM 31(10). Exact in doubles. */
export function seeded(seed: number): Random {
  let state = (((seed % MODULUS) + 1) * SEED_SPREAD) % MODULUS;
  const next = (): number => {
    state = (state * MULTIPLIER) % MODULUS;
    return state / MODULUS;
  };
  for (let i = 0; i < WARM_UP; i++) next();
  return next;
}

/** Kinds that end in a kill. */
export const leakKinds = ['linear', 'gc_sawtooth', 'step', 'load_leak', 'accel', 'late_onset', 'jittery', 'bursty_leak', 'diurnal_leak', 'burst_kill'] as const;
/** Kinds that do not. */
export const controlKinds = ['flat_noise', 'diurnal', 'gc_sawtooth_stable', 'warmup_plateau', 'deploy_steps', 'batch_spikes', 'near_limit', 'bursty'] as const;

type Kind = (typeof leakKinds)[number] | (typeof controlKinds)[number];

const CONTROL_MINUTES = 2880;
const LONGEST_LEAK = 6000;

/** One series of a kind. The same stream of numbers gives the same series. */
export function makeSeries(id: string, kind: Kind, random: Random): MadeSeries {
  const draw = new Draw(random);
  const leak = (leakKinds as readonly string[]).includes(kind);
  const minutes = leak ? LONGEST_LEAK : CONTROL_MINUTES;
  const shape = shapes[kind](draw, minutes);
  const missing = kind === 'jittery' ? draw.between(0.02, 0.12) : draw.between(0, 0.012);
  const kill = leak ? shape.findIndex((value) => value >= 1) : -1;
  const end = kill < 0 ? Math.min(minutes, CONTROL_MINUTES) : kill;
  const usage = new Float64Array(end);
  for (let minute = 0; minute < end; minute++) usage[minute] = random() < missing ? NaN : Math.max(0.001, Math.min(leak ? 1 : 0.995, shape[minute]!));
  return { id, kind, usage, oomMinute: kill < 0 ? null : kill };
}

/** Draws from the distributions used. */
class Draw {
  constructor(readonly random: Random) {}

  between(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** Even on the scale of logarithms. */
  scale(low: number, high: number): number {
    return low * (high / low) ** this.random();
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.random());
  }

  /** First-order autoregressive noise of a standard deviation. */
  noise(deviation: number, memory: number): () => number {
    const fresh = Math.sqrt(1 - memory * memory) * deviation;
    let state = this.normal() * deviation;
    return () => (state = memory * state + fresh * this.normal());
  }

  quiet(): () => number {
    return this.noise(this.scale(0.0006, 0.012), this.between(0.2, 0.95));
  }
}

type Shape = (draw: Draw, minutes: number) => number[];

function build(minutes: number, at: (minute: number) => number): number[] {
  return Array.from({ length: minutes }, (_, minute) => at(minute));
}

/** Minutes a leak takes from its start to the limit. */
function duration(draw: Draw): number {
  return draw.random() < 0.5 ? draw.between(170, 2100) : draw.scale(170, 2400);
}

function saw(draw: Draw, leakPerMinute: number, base: number, amplitude: number): (minute: number) => number {
  const period = draw.scale(10, 170);
  const keep = draw.between(0, 0.12);
  const noise = draw.noise(amplitude * draw.scale(0.004, 0.05), 0.5);
  const unsteady = draw.between(0.05, 0.3);
  let garbage = draw.between(0, 0.5) * amplitude;
  let pace = amplitude / period;
  let ceiling = amplitude;
  return (minute) => {
    garbage += pace;
    if (garbage >= ceiling) {
      garbage = amplitude * keep * draw.random() * 2;
      pace = (amplitude / period) * Math.max(0.3, 1 + unsteady * draw.normal());
      ceiling = amplitude * Math.max(0.5, 1 + draw.between(0, 0.12) * draw.normal());
    }
    return base + leakPerMinute * minute + garbage + noise();
  };
}

/** Like the memory of real jobs: slow drift back to a level, level shifts, bursts, fast noise. */
function bursty(draw: Draw): () => number {
  const fast = draw.quiet();
  const slow = draw.noise(draw.scale(0.002, 0.03), draw.between(0.98, 0.998));
  const burstRate = draw.random() < 0.5 ? draw.scale(0.0003, 0.005) : 0;
  const shiftRate = draw.scale(0.0003, 0.004);
  let burst = 0;
  let shift = 0;
  return () => {
    if (draw.random() < burstRate) burst = draw.exponential(0.12);
    if (draw.random() < shiftRate) shift = 0.02 * draw.normal();
    burst *= draw.random() < 0.3 ? 0.3 : 0.95;
    return fast() + slow() + shift + Math.min(0.4, burst);
  };
}

const shapes: Readonly<Record<Kind, Shape>> = {
  linear: (draw, minutes) => {
    const base = draw.between(0.2, 0.6);
    const slope = (1 - base) / duration(draw);
    const noise = draw.quiet();
    return build(minutes, (minute) => base + slope * minute + noise());
  },
  gc_sawtooth: (draw, minutes) => {
    const base = draw.between(0.2, 0.5);
    const amplitude = draw.between(0.06, 0.4) * (1 - base);
    return build(minutes, saw(draw, (1 - base - amplitude) / duration(draw), base, amplitude));
  },
  step: (draw, minutes) => {
    const noise = draw.quiet();
    const size = draw.scale(0.02, 0.16);
    const regular = draw.random() < 0.4;
    const gap = draw.scale(12, 160);
    let level = draw.between(0.2, 0.55);
    let next = draw.exponential(gap);
    let shown = level;
    let until = 0;
    return build(minutes, (minute) => {
      if (minute >= next) {
        level += draw.random() < 0.5 ? draw.exponential(size) : size * draw.between(0.3, 2.2);
        until = minute + (draw.random() < 0.3 ? draw.between(1, 8) : 0);
        next += regular ? gap * draw.between(0.6, 1.4) : draw.exponential(gap);
      }
      shown += minute >= until ? level - shown : (level - shown) / (until - minute + 1);
      return shown + noise();
    });
  },
  load_leak: (draw, minutes) => {
    const base = draw.between(0.2, 0.6);
    const slope = (1 - base) / duration(draw);
    const swing = draw.between(0.3, 1);
    const phase = draw.between(0, 2 * Math.PI);
    const noise = draw.quiet();
    const load = draw.noise(0.3, 0.97);
    let leaked = 0;
    return build(minutes, (minute) => {
      leaked += slope * Math.max(0, 1 + swing * Math.sin((2 * Math.PI * minute) / 1440 + phase) + load());
      return base + leaked + noise();
    });
  },
  accel: (draw, minutes) => {
    const base = draw.between(0.2, 0.6);
    const length = duration(draw);
    const power = draw.between(1.4, 3.2);
    const noise = draw.quiet();
    return build(minutes, (minute) => base + (1 - base) * (minute / length) ** power + noise());
  },
  late_onset: (draw, minutes) => {
    const base = draw.between(0.2, 0.65);
    const onset = draw.between(200, 1800);
    const slope = (1 - base) / draw.between(80, 700);
    const swing = draw.between(0, 0.04);
    const noise = draw.quiet();
    return build(minutes, (minute) => base + swing * Math.sin((2 * Math.PI * minute) / 1440) + slope * Math.max(0, minute - onset) + noise());
  },
  jittery: (draw, minutes) => {
    const base = draw.between(0.25, 0.55);
    const slope = (1 - base) / duration(draw);
    const slow = draw.noise(draw.between(0.008, 0.03), draw.between(0.5, 0.93));
    const fast = draw.noise(draw.between(0.008, 0.04), 0);
    return build(minutes, (minute) => base + slope * minute + slow() + fast());
  },
  burst_kill: (draw, minutes) => {
    const base = draw.between(0.2, 0.8);
    const rest = bursty(draw);
    const start = draw.between(120, 2600);
    const pace = (1 - base) / draw.scale(1.5, 40);
    return build(minutes, (minute) => base + rest() + pace * Math.max(0, minute - start) * draw.between(0.7, 1.3));
  },
  bursty_leak: (draw, minutes) => {
    const base = draw.between(0.2, 0.55);
    const slope = (1 - base) / duration(draw);
    const rest = bursty(draw);
    return build(minutes, (minute) => base + slope * minute + rest());
  },
  diurnal_leak: (draw, minutes) => {
    const base = draw.between(0.25, 0.5);
    const swing = draw.between(0.02, 0.15);
    const slope = (1 - base - swing) / duration(draw);
    const phase = draw.between(0, 2 * Math.PI);
    const noise = draw.quiet();
    return build(minutes, (minute) => base + swing * (1 + Math.sin((2 * Math.PI * minute) / 1440 + phase)) / 2 + slope * minute + noise());
  },
  flat_noise: (draw, minutes) => {
    const base = draw.between(0.2, 0.8);
    const noise = draw.noise(draw.scale(0.001, 0.02), draw.between(0, 0.9));
    return build(minutes, () => base + noise());
  },
  diurnal: (draw, minutes) => {
    const low = draw.between(0.15, 0.5);
    const swing = draw.between(0.08, Math.min(0.5, 0.9 - low));
    const phase = draw.between(0, 2 * Math.PI);
    const noise = draw.quiet();
    return build(minutes, (minute) => low + swing * (1 + Math.sin((2 * Math.PI * minute) / 1440 + phase)) / 2 + noise());
  },
  gc_sawtooth_stable: (draw, minutes) => {
    const base = draw.between(0.2, 0.5);
    return build(minutes, saw(draw, 0, base, draw.between(0.1, Math.min(0.55, 0.92 - base))));
  },
  warmup_plateau: (draw, minutes) => {
    const start = draw.between(0.08, 0.4);
    const plateau = draw.between(start + 0.15, 0.93);
    const pace = draw.scale(20, 450);
    const noise = draw.quiet();
    return build(minutes, (minute) => plateau - (plateau - start) * Math.exp(-minute / pace) + noise());
  },
  deploy_steps: (draw, minutes) => {
    const noise = draw.quiet();
    const gap = draw.scale(150, 900);
    let level = draw.between(0.2, 0.8);
    let next = draw.exponential(gap);
    return build(minutes, (minute) => {
      if (minute >= next) {
        const target = draw.random() < 0.7 ? level * draw.between(0.55, 1.45) : draw.between(0.2, 0.8);
        level = Math.min(draw.between(0.75, 0.88), Math.max(0.15, target));
        next += draw.exponential(gap);
      }
      return level + noise();
    });
  },
  batch_spikes: (draw, minutes) => {
    const base = draw.between(0.2, 0.55);
    const height = draw.between(0.1, Math.min(0.5, 0.9 - base));
    const every = draw.scale(45, 420);
    const length = every * draw.between(0.08, 0.4);
    const ramp = draw.random() < 0.7;
    const noise = draw.quiet();
    let next = draw.between(0, every);
    let top = height;
    return build(minutes, (minute) => {
      if (minute >= next + length) {
        next += every * draw.between(0.95, 1.05);
        top = height * draw.between(0.92, 1.04);
      }
      const into = minute - next;
      return base + (into < 0 ? 0 : ramp ? top * (into / length) : top) + noise();
    });
  },
  near_limit: (draw, minutes) => {
    const base = draw.between(0.84, 0.945);
    const noise = draw.noise(Math.min(draw.scale(0.001, 0.012), (0.985 - base) / 4), draw.between(0, 0.8));
    return build(minutes, () => base + noise());
  },
  bursty: (draw, minutes) => {
    const base = draw.between(0.2, 0.8);
    const rest = bursty(draw);
    return build(minutes, () => Math.min(0.985, base + rest()));
  },
};
