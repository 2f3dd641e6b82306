import type { ImageSource } from './image-source';

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
  readonly images: Readonly<Record<string, ReleaseImage>>;
  /** Helm chart that carries this version; its own version is another number. @default - not installed by Helm */
  readonly helm?: { readonly repository: string; readonly chart: string; readonly chartVersion: string };
}

/** An image of a release. */
export interface ReleaseImage {
  readonly name: string;
  readonly tag: string;
  readonly digest: `sha256:${string}` | 'unpinned';
  /** How a rehearsal builds it where no registry can be reached. @default - it cannot be built, and is left out there */
  readonly source?: ImageSource;
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
  karpenter: {
    version: '1.14.1', // for Kubernetes 1.36 it has to be 1.13 at least
    licence: 'Apache-2.0',
    homepage: 'https://karpenter.sh',
    repository: 'https://github.com/aws/karpenter-provider-aws.git',
    images: {
      // The digest that upstream's own chart of this version names.
      controller: { name: 'public.ecr.aws/karpenter/controller', tag: '1.14.1', digest: 'sha256:723130949e4cab989461ff07d1be4cd781d63515432494641b33c235f300ae23' },
    },
  },
} as const satisfies Readonly<Record<string, Release>>;

export type ReleaseName = keyof typeof catalogue;

/**
 * Machine image of the nodes that Karpenter starts, as an alias of EKS's own: one release of it, because `latest` would replace nodes on the day that another one
 * appears. It serves every minor of `kubernetesVersions`.
 *
 * @see https://github.com/awslabs/amazon-eks-ami/releases
 */
export const nodeImage = { family: 'al2023', release: 'v20260714' } as const;
