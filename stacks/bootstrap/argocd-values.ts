import { catalogue } from '../../config';

/**
 * Health of an Application, as Argo CD no longer assesses it by itself. Without it a sync wave of the root Application does not wait for the
 * Applications of the wave before.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#argocd-app
 */
const APPLICATION_HEALTH = `hs = {}
hs.status = "Progressing"
hs.message = ""
if obj.status ~= nil then
  if obj.status.health ~= nil then
    hs.status = obj.status.health.status
    if obj.status.health.message ~= nil then
      hs.message = obj.status.health.message
    end
  end
end
return hs
`;

/**
 * Kinds that Argo CD neither watches nor shows: what controllers write by the thousand, and requests that are gone once answered. Nothing of it comes from Git.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#resource-exclusioninclusion
 */
const EXCLUDED = [
  { apiGroups: ['', 'discovery.k8s.io'], kinds: ['Endpoints', 'EndpointSlice'], clusters: ['*'] },
  { apiGroups: ['', 'events.k8s.io'], kinds: ['Event'], clusters: ['*'] },
  { apiGroups: ['coordination.k8s.io'], kinds: ['Lease'], clusters: ['*'] },
  { apiGroups: ['authentication.k8s.io', 'authorization.k8s.io'], kinds: ['*'], clusters: ['*'] },
  { apiGroups: ['certificates.k8s.io'], kinds: ['CertificateSigningRequest'], clusters: ['*'] },
  { apiGroups: ['metrics.k8s.io', 'custom.metrics.k8s.io', 'external.metrics.k8s.io'], kinds: ['*'], clusters: ['*'] },
  { apiGroups: ['karpenter.sh'], kinds: ['NodeClaim'], clusters: ['*'] },
];

/** Options of {@link argocdValues}. */
export interface ArgocdOptions {
  /** Whether the loss of a zone may not take it down: two replicas of what can have two, spread over zones. */
  readonly survivesZoneLoss: boolean;
  /** Labels of everything it makes. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels of the nodes it runs on: nodes that are there before it deploys what starts others, and still there when it has removed those. */
  readonly nodes: Readonly<Record<string, string>>;
}

/**
 * Values of the Argo CD chart. No secret is among them: the chart generates its own in the cluster.
 *
 * Nobody logs in to it. There is no `admin` with a password to rotate, and no user: people use `argocd --core`, which works with their own rights on the cluster, and what is
 * deployed changes in Git. A login, when one is wanted, comes from an identity provider, and reads.
 */
export function argocdValues(options: ArgocdOptions): object {
  const { name, tag } = catalogue.argocd.images.argocd;
  const requests = (cpu: string, memory: string) => ({ resources: { requests: { cpu, memory }, limits: { memory } } });
  const replicated = options.survivesZoneLoss
    ? {
      replicas: 2,
      pdb: { enabled: true, minAvailable: 1 },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    }
    : { replicas: 1 };
  return {
    global: {
      image: { repository: name, tag }, // the catalogue's, whatever the chart would take
      additionalLabels: options.labels,
      nodeSelector: options.nodes,
      networkPolicy: { create: true, defaultDenyIngress: true },
    },
    crds: { install: true, keep: true }, // with their definitions all Applications would go, and with them what they deployed
    configs: {
      cm: {
        'admin.enabled': 'false',
        'users.anonymous.enabled': 'false',
        'exec.enabled': 'false',
        'resource.exclusions': EXCLUDED.map((each) => `- ${JSON.stringify(each)}\n`).join(''),
        'resource.customizations.health.argoproj.io_Application': APPLICATION_HEALTH,
      },
      params: { 'server.insecure': false, 'server.disable.auth': false },
      rbac: { 'policy.default': 'role:readonly', 'policy.csv': '' },
    },
    controller: requests('250m', '1Gi'), // the controller is sharded, not replicated: one it is
    repoServer: { ...replicated, ...requests('100m', '512Mi') },
    server: { ...replicated, ...requests('50m', '256Mi'), service: { type: 'ClusterIP' }, ingress: { enabled: false } },
    applicationSet: { ...replicated, ...requests('50m', '128Mi') },
    redis: requests('50m', '128Mi'),
    dex: { enabled: false },
    notifications: { enabled: false },
  };
}
