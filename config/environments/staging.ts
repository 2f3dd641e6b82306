import { defineEnvironment } from '../define-environment';

/** Production's shape at a smaller size: releases are proven here. */
export const staging = defineEnvironment({
  name: 'staging',
  account: '222222222222',
  region: 'eu-west-1',
  owner: 'platform',
  costCentre: 'engineering',
  protect: false,
  network: { cidr: '10.20.0.0/16', availabilityZones: 3, nat: 'single' },
  kubernetes: { version: '1.36', publicAccessCidrs: [] },
  nodeProvisioner: 'karpenter',
  nodePools: [
    { name: 'system', capacity: 'on-demand', scaledBy: 'node-group', instanceTypes: ['m7g.large'], minNodes: 2, maxNodes: 4 },
    { name: 'workload', capacity: 'spot', scaledBy: 'provisioner', instanceTypes: ['m7g.large', 'm6g.large', 'c7g.large'], minNodes: 0, maxNodes: 10 },
  ],
  data: { postgres: { instanceClass: 'db.t4g.medium', storageGiB: 50, multiAz: false, backupDays: 7 }, redis: { nodeType: 'cache.t4g.small', replicas: 1 }, billingExport: true },
  services: {
    catalog: { minReplicas: 2, maxReplicas: 24 },
    cost: { minReplicas: 2, maxReplicas: 2 },
    forecaster: { minReplicas: 2, maxReplicas: 2 },
  },
  scaling: { mode: 'predictive', cpuTargetPercent: 75, demandTargetPercent: 80, demandQuantile: 0.975, leadTimeSeconds: 300, scaleDownStabilizationSeconds: 240 },
  budget: { monthlyUsd: 900, notify: ['platform@example.com'] },
  observability: { managedPrometheus: false, managedGrafana: false },
  retention: { logsDays: 30, metricsDays: 30 },
  images: { repository: '222222222222.dkr.ecr.eu-west-1.amazonaws.com/tideline', tag: '0.1.0' },
  slo: { availability: 0.995 },
  gitops: { repository: 'https://github.com/example/tideline.git', revision: 'main' },
  github: { repository: 'example/tideline', deploysFrom: { tag: 'v*' } },
});
