import { defineEnvironment } from '../define-environment';

/** Where changes land first: small, mostly spot, one NAT gateway. */
export const dev = defineEnvironment({
  name: 'dev',
  account: '111111111111',
  region: 'us-east-1',
  owner: 'platform',
  costCentre: 'engineering',
  protect: false,
  network: { cidr: '10.10.0.0/16', availabilityZones: 3, nat: 'single' },
  kubernetes: { version: '1.36', publicAccessCidrs: ['203.0.113.0/24'] },
  nodeProvisioner: 'karpenter',
  nodePools: [
    { name: 'system', capacity: 'on-demand', scaledBy: 'node-group', instanceTypes: ['t4g.large'], minNodes: 2, maxNodes: 3 },
    { name: 'workload', capacity: 'spot', scaledBy: 'provisioner', instanceTypes: ['m7g.large', 'm6g.large', 'c7g.large'], minNodes: 0, maxNodes: 8 },
  ],
  data: { postgres: { instanceClass: 'db.t4g.micro', storageGiB: 20, multiAz: false, backupDays: 1 }, redis: { nodeType: 'cache.t4g.micro', replicas: 0 }, billingExport: true },
  services: {
    catalog: { minReplicas: 2, maxReplicas: 20 },
    cost: { minReplicas: 1, maxReplicas: 1 },
    forecaster: { minReplicas: 1, maxReplicas: 1 },
    loadgen: { minReplicas: 1, maxReplicas: 1 },
  },
  scaling: { mode: 'predictive', demandSource: 'external', cpuTargetPercent: 75, demandTargetPercent: 80, demandQuantile: 0.975, leadTimeSeconds: 300, scaleDownStabilizationSeconds: 240 },
  budget: { monthlyUsd: 600, notify: ['platform@example.com'] },
  observability: { managedPrometheus: false, managedGrafana: false },
  retention: { logsDays: 7, metricsDays: 15 },
  images: { repository: '111111111111.dkr.ecr.us-east-1.amazonaws.com/tideline', tag: '0.1.0' },
  slo: { availability: 0.99 },
  gitops: { repository: 'https://github.com/example/tideline.git', revision: 'main' },
  github: { repository: 'example/tideline', deploysFrom: { branch: 'main' } },
});
