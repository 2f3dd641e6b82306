import { catalogue } from '../../config';
import { argocdSettings } from '../../config/argocd-settings';

/** Options of {@link argocdValues}. */
export interface ArgocdOptions {
  /** Whether the loss of a zone may not take it down: two replicas of what can have two, spread over zones. */
  readonly survivesZoneLoss: boolean;
  /** Labels of everything it makes. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels of the nodes it runs on: nodes that are there before it deploys what starts others, and still there when it has removed those. */
  readonly nodes: Readonly<Record<string, string>>;
}

/** Values of the Argo CD chart: the settings of every install, in the chart's words. No secret is among them: the chart generates its own in the cluster. */
export function argocdValues(options: ArgocdOptions): object {
  const { images: { argocd } } = catalogue.argocd;
  const { redis } = catalogue.redis.images;
  const { cm, params, rbac, environment, resources, replicated: { replicas, spread } } = argocdSettings;
  const replicated = options.survivesZoneLoss ? { replicas, pdb: { enabled: true, minAvailable: 1 }, topologySpreadConstraints: [spread] } : { replicas: 1 };
  return {
    global: {
      image: { repository: argocd.name, tag: argocd.tag }, // the catalogue's, whatever the chart would take
      additionalLabels: options.labels,
      nodeSelector: options.nodes,
      networkPolicy: { create: true, defaultDenyIngress: true },
      env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    },
    crds: { install: true, keep: true }, // with their definitions all Applications would go, and with them what they deployed
    configs: { cm, params, rbac },
    controller: { resources: resources.controller },
    repoServer: { ...replicated, resources: resources.repoServer },
    server: { ...replicated, resources: resources.server, service: { type: 'ClusterIP' }, ingress: { enabled: false } },
    applicationSet: { ...replicated, resources: resources.applicationSet },
    redis: { image: { repository: redis.name, tag: redis.tag }, resources: resources.redis },
    dex: { enabled: false },
    notifications: { enabled: false },
  };
}
