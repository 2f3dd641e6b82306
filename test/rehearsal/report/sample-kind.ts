import type { Report } from '../../../rehearsal/report';
import type { ModelRun } from '../../../rehearsal/report/schema-kind';

/** A sample as a level with real containers gives it: one policy, and what only real containers tell. */
export function kindParts(report: Report): Report {
  const predictive = report.policies.find(({ name }) => name === 'predictive')!;
  const { replicas, latencyP95, ready } = predictive.series;
  const minutes = report.demand.length;
  const cpu = report.demand.map((demand, minute) => 12 + (demand / Math.max(1, ready[minute]!)) * 4.1);
  const run = (cpuFactor: number, latencyFactor: number): ModelRun => ({
    latencyP95: { meanAbsolute: 0.031 * Math.abs(latencyFactor - 1), meanRelative: Math.abs(latencyFactor - 1) },
    cpuMillicoresPerReplica: { meanAbsolute: 100 * Math.abs(cpuFactor - 1), meanRelative: Math.abs(cpuFactor - 1) },
    replicas: { meanAbsolute: 0.4, meanRelative: 0.05 },
    series: {
      latencyP95: latencyP95.map((value) => value * latencyFactor),
      cpuMillicoresPerReplica: cpu.map((value) => value * cpuFactor),
      replicas: replicas.map((count, minute) => (minute % 9 === 4 ? count + 1 : count)),
    },
  });
  return {
    ...report,
    trace: { ...report.trace, speed: 6 },
    policies: [{
      ...predictive,
      measured: {
        requests: Math.round(report.demand.reduce((a, b) => a + b, 0) * 10), failed: 3, notSent: 1, latestSendSeconds: 0.012, startupSeconds: 8.4,
        series: {
          requestsPerSecond: report.demand, failed: report.demand.map((_, minute) => (minute === 7 ? 4 : 0)),
          cpuMillicoresPerReplica: cpu.map((value, minute) => (minute === 11 ? null : value)), memoryBytesPerReplica: cpu.map(() => 90 * 2 ** 20),
        },
      },
    }],
    agreement: {
      simulatorVsHpa: null,
      plantVsKind: {
        policy: 'predictive', minutes,
        assumed: { cpuSecondsPerRequest: 0.01, idleCpuMillicores: 10, startupSeconds: 60, latencyFloorSeconds: 0, idleMemoryMiB: 96 },
        measured: { cpuSecondsPerRequest: 0.0041, idleCpuMillicores: 12, startupSeconds: 8.4, latencyFloorSeconds: 0.002, idleMemoryMiB: null },
        fittedMinutes: minutes - 1, rSquared: 0.97, contract: run(2.4, 5), calibrated: run(1.03, 1.2),
      },
    },
    cluster: { engine: 'Docker 20.10.24', kubernetesVersion: 'v1.36.3', nodes: ['tideline-dev-control-plane'], readySeconds: 41.2, memoryPeakBytes: 3 * 2 ** 30 },
    images: [
      { reference: 'quay.io/argoproj/argocd:v3.2.5', provenance: 'built', digest: `sha256:${'ab'.repeat(32)}`, sizeBytes: 210 * 2 ** 20 },
      { reference: 'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0', provenance: 'cache', digest: `sha256:${'cd'.repeat(32)}`, sizeBytes: 101 * 2 ** 20, standIn: 'its module is not on the Go proxy' },
      { reference: 'docker.io/library/busybox:1.37', provenance: 'registry', digest: null, sizeBytes: null },
    ],
    gitops: {
      revision: '0123456789abcdef0123456789abcdef01234567',
      repositories: [{ url: 'https://github.com/example/tideline.git', revision: 'main', commit: '0123456789abcdef0123456789abcdef01234567', files: 96 }],
      applications: [
        { name: 'namespaces', wave: 0, sync: 'Synced', health: 'Healthy', secondsToHealthy: 12.5 },
        { name: 'catalog', wave: 4, sync: 'Synced', health: 'Healthy', secondsToHealthy: 88 },
        { name: 'cost', wave: 4, sync: 'OutOfSync', health: 'Degraded', secondsToHealthy: null },
      ],
      drift: { object: 'Deployment cost/cost', change: 'replicas from 1 to 2', seconds: 3.1 },
      promotion: { application: 'cost', object: 'Deployment cost/cost', change: 'an annotation', from: '0123456789ab', to: '123456789abc', seconds: 9 },
    },
    leftOut: [{ what: 'karpenter', why: 'it starts EC2 instances' }],
  };
}
