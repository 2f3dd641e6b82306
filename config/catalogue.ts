/** A third-party system that the platform installs: data only, next to nothing else. */
export interface Release {
  /** Exact version, as upstream writes it without the leading v. */
  readonly version: string;
  /** SPDX licence expression. */
  readonly licence: string;
  readonly homepage: string;
  /** Repository its manifests come from. */
  readonly repository: string;
  /** Images by role. `unpinned` is an open fact that `verify` reports, never a pass. */
  readonly images: Readonly<Record<string, { readonly name: string; readonly tag: string; readonly digest: `sha256:${string}` | 'unpinned' }>>;
  /** Helm chart that carries this version; its own version is another number. @default - not installed by Helm */
  readonly helm?: { readonly repository: string; readonly chart: string; readonly chartVersion: string };
}

/** Kubernetes minors an environment may ask for, with what is true of each. */
export const kubernetesVersions: Readonly<Record<string, { readonly rehearsedBy: string }>> = {
  '1.34': { rehearsedBy: '1.36.3' },
  '1.35': { rehearsedBy: '1.36.3' },
  '1.36': { rehearsedBy: '1.36.3' },
};

/** Every third-party release, in one place. A version literal elsewhere fails `test/contract/catalogue.test.ts`. */
export const catalogue = {
  keda: {
    version: '2.21.0',
    licence: 'Apache-2.0',
    homepage: 'https://keda.sh',
    repository: 'https://github.com/kedacore/keda.git',
    images: {
      operator: { name: 'ghcr.io/kedacore/keda', tag: '2.21.0', digest: 'unpinned' },
      metricsApiserver: { name: 'ghcr.io/kedacore/keda-metrics-apiserver', tag: '2.21.0', digest: 'unpinned' },
    },
  },
  argocd: {
    version: '3.2.5',
    licence: 'Apache-2.0',
    homepage: 'https://argo-cd.readthedocs.io',
    repository: 'https://github.com/argoproj/argo-cd.git',
    images: { argocd: { name: 'quay.io/argoproj/argocd', tag: 'v3.2.5', digest: 'unpinned' } },
    helm: { repository: 'https://argoproj.github.io/argo-helm', chart: 'argo-cd', chartVersion: '9.3.4' }, // appVersion v3.2.5 in its Chart.yaml
  },
} as const satisfies Readonly<Record<string, Release>>;

export type ReleaseName = keyof typeof catalogue;
