/**
 * How Argo CD is set wherever it runs: as the chart that the bootstrap stack installs, and as the typed install of `dist/<environment>/bootstrap`. What only one of
 * the two has to say stands there.
 *
 * Nobody logs in to it. There is no `admin` with a password to rotate, and no user: people use `argocd --core`, which works with their own rights on the cluster, and what is
 * deployed changes in Git. A login, when one is wanted, comes from an identity provider, and reads.
 */

/**
 * Health of an Application, as Argo CD no longer assesses it by itself. Without it a sync wave of the root Application does not wait for the
 * Applications of the wave before. One that was never synced is called Healthy by itself where its kinds have no health, as definitions have none before they are
 * there: it is not, or the next wave would come before them.
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
  if hs.status == "Healthy" and obj.status.history == nil then
    hs.status = "Progressing"
    hs.message = "never synced"
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

/** What a program asks for; what it may use of memory is what it asks for. */
const requests = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { memory } });

/** Settings that both installs hold to. */
export const argocdSettings = {
  /** Entries of the ConfigMap `argocd-cm`. */
  cm: {
    'admin.enabled': 'false',
    'users.anonymous.enabled': 'false',
    'exec.enabled': 'false',
    'resource.exclusions': EXCLUDED.map((each) => `- ${JSON.stringify(each)}\n`).join(''),
    'resource.customizations.health.argoproj.io_Application': APPLICATION_HEALTH,
    // A status that changes is no change of what was deployed; one that changes an object's health is seen all the same.
    'resource.customizations.ignoreResourceUpdates.all': 'jsonPointers:\n- /status\n',
  },
  /** Entries of `argocd-cmd-params-cm`. */
  params: {
    'server.insecure': false,
    'server.disable.auth': false,
    // What the API server would make of an object is what is compared: else everything that it fills in by itself (of volumeClaimTemplates, say) would be a difference for ever.
    'controller.diff.server.side': true,
    'reposerver.enable.git.submodule': false, // what is synced is plain manifests: no repository brings others along
  },
  /** Entries of `argocd-rbac-cm`. */
  rbac: { 'policy.default': 'role:readonly', 'policy.csv': '' },
  /** Variables of every program. */
  environment: { ARGOCD_GPG_ENABLED: 'false' }, // no project asks for signed commits; a keyring would have to be made at every start
  /** What each program asks for. */
  resources: {
    controller: requests('250m', '1Gi'),
    repoServer: requests('100m', '512Mi'),
    server: requests('50m', '256Mi'),
    applicationSet: requests('50m', '128Mi'),
    redis: requests('50m', '128Mi'),
  },
  /** What can have replicas, where the loss of a zone may not take Argo CD down. The controller is sharded, not replicated: one it is. */
  replicated: { replicas: 2, spread: { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' } },
} as const;
