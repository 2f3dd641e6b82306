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

/** Names that Argo CD's one program goes by: by them it knows which of its programs it is. */
const ARGOCD_PROGRAMS = ['server', 'repo-server', 'application-controller', 'applicationset-controller', 'cmp-server', 'commit-server', 'dex', 'notifications', 'k8s-auth'];

/** Every third-party release, in one place. A version literal elsewhere fails `test/contract/catalogue.test.ts`. */
export const catalogue = {
  keda: {
    version: '2.21.0',
    licence: 'Apache-2.0',
    homepage: 'https://keda.sh',
    repository: 'https://github.com/kedacore/keda.git',
    images: {
      operator: {
        name: 'ghcr.io/kedacore/keda',
        tag: '2.21.0',
        digest: 'unpinned',
        source: { go: [{ program: 'keda-operator', path: '/keda' }], entrypoint: ['/keda'] },
      },
      metricsApiserver: {
        name: 'ghcr.io/kedacore/keda-metrics-apiserver',
        tag: '2.21.0',
        digest: 'unpinned',
        source: { go: [{ program: 'keda-adapter', path: '/keda-adapter' }], entrypoint: ['/keda-adapter'] },
      },
    },
  },
  argocd: {
    version: '3.2.5',
    licence: 'Apache-2.0',
    homepage: 'https://argo-cd.readthedocs.io',
    repository: 'https://github.com/argoproj/argo-cd.git',
    images: {
      argocd: {
        name: 'quay.io/argoproj/argocd',
        tag: 'v3.2.5',
        digest: 'unpinned',
        // As upstream's Dockerfile has it, without what is not used: its web pages, Helm, Kustomize, GnuPG and ssh.
        source: {
          go: [{ program: 'argocd', path: '/usr/local/bin/argocd' }],
          debian: ['git', 'tini'],
          links: Object.fromEntries(ARGOCD_PROGRAMS.map((name) => [`/usr/local/bin/argocd-${name}`, '/usr/local/bin/argocd'])),
          writable: ['/home/argocd'],
          entrypoint: ['/usr/bin/tini', '--'],
          environment: { HOME: '/home/argocd', USER: 'argocd' },
          user: '999:999',
        },
      },
    },
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
  redis: {
    version: '8.2.2', // the one that Argo CD's own manifests name
    licence: 'AGPL-3.0-only', // one of the three it may be had under
    homepage: 'https://redis.io',
    repository: 'https://github.com/redis/redis.git',
    images: {
      redis: {
        name: 'public.ecr.aws/docker/library/redis',
        tag: '8.2.2-alpine',
        digest: 'unpinned',
        source: {
          debian: ['redis-server'],
          entrypoint: ['/usr/bin/redis-server'], // what upstream's script puts before arguments that begin with a dash
          user: '999:999',
          standIn: 'Debian\'s Redis, an older release: what Argo CD asks of its cache has long been in it',
        },
      },
    },
  },
  metricsServer: {
    version: '0.9.0',
    licence: 'Apache-2.0',
    homepage: 'https://github.com/kubernetes-sigs/metrics-server',
    repository: 'https://github.com/kubernetes-sigs/metrics-server.git',
    images: {
      metricsServer: {
        name: 'registry.k8s.io/metrics-server/metrics-server',
        tag: 'v0.9.0',
        digest: 'unpinned',
        source: { go: [{ program: 'metrics-server', path: '/metrics-server' }], entrypoint: ['/metrics-server'], user: '65534:65534' },
      },
    },
  },
  prometheus: {
    version: '3.14.0',
    licence: 'Apache-2.0',
    homepage: 'https://prometheus.io',
    repository: 'https://github.com/prometheus/prometheus.git',
    images: {
      prometheus: {
        name: 'quay.io/prometheus/prometheus',
        tag: 'v3.14.0',
        digest: 'unpinned',
        source: { go: [{ program: 'prometheus', path: '/bin/prometheus' }, { program: 'promtool', path: '/bin/promtool' }], writable: ['/prometheus'], entrypoint: ['/bin/prometheus'] },
      },
    },
  },
  kubeStateMetrics: {
    version: '2.20.0', // made with the client of Kubernetes 1.36
    licence: 'Apache-2.0',
    homepage: 'https://github.com/kubernetes/kube-state-metrics',
    repository: 'https://github.com/kubernetes/kube-state-metrics.git',
    images: {
      kubeStateMetrics: {
        name: 'registry.k8s.io/kube-state-metrics/kube-state-metrics',
        tag: 'v2.20.0',
        digest: 'unpinned',
        source: {
          bundle: 'rehearsal/stand-ins/kube-state-metrics/server.ts',
          standIn: 'a program of ours that tells of pods in the same four families: the release is not among the Go modules that can be fetched',
        },
      },
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
