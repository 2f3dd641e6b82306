import { expect } from 'vitest';
import { FaultError } from '../../base/faults';
import type { ServiceContract } from '../../components';

/** What `build` is refused for: `where | got` of each fault, all four parts filled. */
export function refusal(build: () => void): string[] {
  let error: unknown;
  try {
    build();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(FaultError);
  const { faults } = error as FaultError;
  for (const fault of faults) for (const part of [fault.where, fault.got, fault.allowed, fault.do]) expect(part.trim()).not.toBe('');
  return faults.map((fault) => `${fault.where} | ${fault.got}`);
}

/** A contract that nothing can be said against, unlike any service of ours. */
export const sampleContract = {
  name: 'sample',
  owner: 'crew',
  port: 9000,
  probes: { startup: '/started', liveness: '/alive', readiness: '/ready' },
  metricsPath: '/stats',
  settings: {
    level: { env: 'SAMPLE_LEVEL', description: 'how much is logged', fallback: 'info' },
    address: { env: 'SAMPLE_ADDRESS', description: 'where it connects to' },
    token: { env: 'SAMPLE_TOKEN', description: 'what callers send', secret: true, fallback: 'none' },
  },
  slo: { latencyP95Seconds: 0.3 },
  resources: { cpuRequestMillicores: 1000, cpuLimitMillicores: 2000, memoryRequestMiB: 100, memoryLimitMiB: 200 },
  startupSeconds: 20,
  work: { cpuSecondsPerRequest: 0.05, idleCpuMillicores: 100 },
} satisfies ServiceContract;

export const sampleOwnership = { owner: 'crew', environment: 'dev', costCentre: 'research' } as const;
