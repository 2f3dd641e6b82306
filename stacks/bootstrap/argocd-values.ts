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

/** Options of {@link argocdValues}. */
export interface ArgocdOptions {
  /** Whether the loss of a zone may not take it down: two replicas of what can have two, spread over zones. */
  readonly survivesZoneLoss: boolean;
  /** Labels of everything it makes. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Values of the Argo CD chart. No secret is among them: the chart generates its own in the cluster. */
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
      networkPolicy: { create: true },
    },
    configs: { cm: { 'resource.customizations.health.argoproj.io_Application': APPLICATION_HEALTH } },
    controller: requests('250m', '1Gi'), // the controller is sharded, not replicated: one it is
    repoServer: { ...replicated, ...requests('100m', '512Mi') },
    server: { ...replicated, ...requests('50m', '256Mi') },
    applicationSet: { ...replicated, ...requests('50m', '128Mi') },
    redis: requests('50m', '128Mi'),
    dex: { enabled: false },
    notifications: { enabled: false },
  };
}
