import { Fault, refuse } from '../../base/faults';

/** The windows of the autoscaler, in seconds of modelled time. */
export interface HpaWindows {
  /** `--horizontal-pod-autoscaler-sync-period`. @default 15 */
  readonly syncPeriodSeconds?: number;
  /** `--horizontal-pod-autoscaler-downscale-stabilization`; a `behavior` in the object goes before it. @default 300 */
  readonly downscaleStabilizationSeconds?: number;
  /** `--horizontal-pod-autoscaler-cpu-initialization-period`. @default 300 */
  readonly cpuInitializationPeriodSeconds?: number;
  /** `--horizontal-pod-autoscaler-initial-readiness-delay`. @default 30 */
  readonly initialReadinessDelaySeconds?: number;
  /** `--horizontal-pod-autoscaler-tolerance`, a share. @default 0.1 */
  readonly tolerance?: number;
}

/** What the windows of a control plane became, for its flags and for the report. Milliseconds of wall time. */
export interface Compression {
  /** Modelled seconds in one second. */
  readonly speed: number;
  readonly hpaSyncPeriodMs: number;
  readonly hpaDownscaleStabilizationMs: number;
  readonly hpaCpuInitializationPeriodMs: number;
  readonly hpaInitialReadinessDelayMs: number;
  readonly hpaTolerance: number;
  /** From the scheduling of a pod to its being ready, where the pod names none itself. */
  readonly podReadyMs: number;
}

/** The shortest sync period that the controllers keep up with on a small machine, in milliseconds. */
export const SHORTEST_SYNC_MS = 50;

/**
 * Divides every window by the speed.
 *
 * @throws FaultError when a value is not usable, or the sync period would become shorter than {@link SHORTEST_SYNC_MS}
 */
export function compress(speed: number, windows: HpaWindows = {}, podReadySeconds = 20): Compression {
  const given = {
    syncPeriodSeconds: windows.syncPeriodSeconds ?? 15,
    downscaleStabilizationSeconds: windows.downscaleStabilizationSeconds ?? 300,
    cpuInitializationPeriodSeconds: windows.cpuInitializationPeriodSeconds ?? 300,
    initialReadinessDelaySeconds: windows.initialReadinessDelaySeconds ?? 30,
    tolerance: windows.tolerance ?? 0.1,
    podReadySeconds,
  };
  const faults: Fault[] = [];
  if (!(Number.isFinite(speed) && speed > 0)) faults.push({ where: 'speed', got: String(speed), allowed: 'a number above 0', do: 'give the modelled seconds per second' });
  for (const [name, value] of Object.entries(given)) {
    if (!(Number.isFinite(value) && value >= 0)) faults.push({ where: name, got: String(value), allowed: 'a number from 0', do: `correct ${name}` });
  }
  const ms = (seconds: number) => Math.round((seconds * 1000) / speed);
  if (faults.length === 0 && ms(given.syncPeriodSeconds) < SHORTEST_SYNC_MS) {
    faults.push({
      where: 'speed',
      got: `${speed}: the autoscaler would act every ${ms(given.syncPeriodSeconds)} ms`,
      allowed: `a sync period of at least ${SHORTEST_SYNC_MS} ms, so a speed up to ${Math.floor((given.syncPeriodSeconds * 1000) / SHORTEST_SYNC_MS)}`,
      do: 'lower the speed',
    });
  }
  refuse('the time cannot be compressed like that', faults);
  return Object.freeze({
    speed,
    hpaSyncPeriodMs: ms(given.syncPeriodSeconds),
    hpaDownscaleStabilizationMs: ms(given.downscaleStabilizationSeconds),
    hpaCpuInitializationPeriodMs: ms(given.cpuInitializationPeriodSeconds),
    hpaInitialReadinessDelayMs: ms(given.initialReadinessDelaySeconds),
    hpaTolerance: given.tolerance,
    podReadyMs: ms(given.podReadySeconds),
  });
}
