import { defineEnvironment } from '../define-environment';

/** Three zones, a NAT gateway in each, on-demand base under spot, a private API endpoint, a pinned revision. */
export const prod = defineEnvironment({
  name: 'prod',
  account: '333333333333',
  region: 'eu-west-1',
  owner: 'platform',
  costCentre: 'product',
  protect: true,
  network: { cidr: '10.30.0.0/16', availabilityZones: 3, nat: 'per-zone', interfaceEndpoints: ['ecr.api', 'ecr.dkr', 'logs', 'sts'] },
  kubernetes: { version: '1.35', publicAccessCidrs: [] },
  nodeProvisioner: 'karpenter',
  nodePools: [
    { name: 'system', capacity: 'on-demand', scaledBy: 'node-group', instanceTypes: ['m7g.large'], minNodes: 3, maxNodes: 6 },
    { name: 'workload', capacity: 'on-demand', scaledBy: 'provisioner', instanceTypes: ['m7g.xlarge'], minNodes: 0, maxNodes: 12 },
    { name: 'burst', capacity: 'spot', scaledBy: 'provisioner', instanceTypes: ['m7g.xlarge', 'm6g.xlarge', 'c7g.xlarge'], minNodes: 0, maxNodes: 20 },
  ],
  data: { postgres: { instanceClass: 'db.m7g.large', storageGiB: 200, multiAz: true, backupDays: 30 }, redis: { nodeType: 'cache.m7g.large', replicas: 2 }, billingExport: true },
  services: {
    catalog: { minReplicas: 3, maxReplicas: 60 },
    cost: { minReplicas: 2, maxReplicas: 2 },
    forecaster: { minReplicas: 2, maxReplicas: 2 },
  },
  scaling: { mode: 'predictive', cpuTargetPercent: 70, demandTargetPercent: 80, demandQuantile: 0.975, leadTimeSeconds: 420, scaleDownStabilizationSeconds: 300 },
  budget: { monthlyUsd: 3000, notify: ['platform@example.com', 'finance@example.com'] },
  observability: { managedPrometheus: false, managedGrafana: false },
  retention: { logsDays: 90, metricsDays: 90 },
  images: { repository: '333333333333.dkr.ecr.eu-west-1.amazonaws.com/tideline', tag: '0.1.0' },
  slo: { availability: 0.999 },
  gitops: { repository: 'https://github.com/example/tideline.git', revision: 'v0.1.0' },
  github: { repository: 'example/tideline', deploysFrom: { tag: 'v*' } },
});
