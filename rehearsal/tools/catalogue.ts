import type { GroupName, ModuleFolder } from './groups';

/** A program that a rehearsal, a test or an image of ours runs as it is. */
export type ProgramName =
  | 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok' | 'keda-operator' | 'keda-adapter' | 'prometheus' | 'promtool'
  | 'kubeadm' | 'kubelet' | 'kubectl' | 'kube-proxy' | 'kind' | 'coredns' | 'metrics-server' | 'local-path-provisioner' | 'argocd';

/** One program of the catalogue. */
export interface ProgramSpec {
  readonly name: ProgramName;
  readonly group: GroupName;
  /** Go package of its `main`. */
  readonly package: string;
  /** Module that pins it. */
  readonly module: string;
  /** How an installed one is recognized. @default - never taken from elsewhere: it cannot tell its version, or must be the pinned one */
  readonly installed?: {
    /** Finds the version in what `<program> --version` prints. */
    readonly version: RegExp;
    /** Oldest version that the rehearsal's flags and objects work with. */
    readonly minimum: string;
    /** Programs that must come from the same place at the same minor version; a controller manager newer than its API server is unsupported. @default - itself alone */
    readonly together?: readonly ProgramName[];
  };
}

const PROMETHEUS = ['prometheus', 'promtool'] as const;

const prometheus = (name: (typeof PROMETHEUS)[number]): ProgramSpec => ({
  name,
  group: 'prometheus',
  package: `github.com/prometheus/prometheus/cmd/${name}`,
  module: 'github.com/prometheus/prometheus',
  installed: { version: new RegExp(`${name}, version (\\d+\\.\\d+\\.\\d+)`), minimum: '3.0.0', together: PROMETHEUS },
});

const KUBE = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
const NODE = ['kubeadm', 'kubelet', 'kubectl', 'kube-proxy'] as const;

const kube = (name: (typeof KUBE)[number]): ProgramSpec => ({
  name,
  group: 'control plane',
  package: `k8s.io/kubernetes/cmd/${name}`,
  module: 'k8s.io/kubernetes',
  // 1.30: the first with ContainerResource metrics in the HPA for all and ValidatingAdmissionPolicy v1.
  installed: { version: /Kubernetes v(\d+\.\d+\.\d+)/, minimum: '1.30.0', together: KUBE },
});

/** Every program, in the order in which it is useful to have it. */
export const PROGRAMS: readonly ProgramSpec[] = [
  {
    name: 'etcd',
    group: 'control plane',
    package: 'go.etcd.io/etcd/server/v3',
    module: 'go.etcd.io/etcd/server/v3',
    installed: { version: /etcd Version: (\d+\.\d+\.\d+)/, minimum: '3.5.0' },
  },
  ...KUBE.map(kube),
  {
    name: 'kwok',
    group: 'control plane',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    module: 'sigs.k8s.io/kwok',
    installed: { version: /kwok version v(\d+\.\d+\.\d+)/, minimum: '0.6.0' },
  },
  { name: 'keda-operator', group: 'keda', package: 'github.com/kedacore/keda/v2/cmd/operator', module: 'github.com/kedacore/keda/v2' },
  { name: 'keda-adapter', group: 'keda', package: 'github.com/kedacore/keda/v2/cmd/adapter', module: 'github.com/kedacore/keda/v2' },
  ...PROMETHEUS.map(prometheus),
  ...NODE.map((name): ProgramSpec => ({ name, group: 'node', package: `k8s.io/kubernetes/cmd/${name}`, module: 'k8s.io/kubernetes' })),
  { name: 'kind', group: 'kind', package: 'sigs.k8s.io/kind', module: 'sigs.k8s.io/kind' },
  { name: 'coredns', group: 'coredns', package: 'github.com/coredns/coredns', module: 'github.com/coredns/coredns' },
  { name: 'metrics-server', group: 'metrics-server', package: 'sigs.k8s.io/metrics-server/cmd/metrics-server', module: 'sigs.k8s.io/metrics-server' },
  { name: 'local-path-provisioner', group: 'local-path', package: 'github.com/rancher/local-path-provisioner', module: 'github.com/rancher/local-path-provisioner' },
  { name: 'argocd', group: 'argocd', package: 'github.com/argoproj/argo-cd/v3/cmd', module: 'github.com/argoproj/argo-cd/v3' },
];

const namesOf = (group: GroupName) => PROGRAMS.filter((program) => program.group === group).map((program) => program.name);

/** The programs that `startControlPlane` needs. */
export const CONTROL_PLANE_PROGRAMS: readonly ProgramName[] = namesOf('control plane');
/** The programs that `startKeda` needs besides. */
export const KEDA_PROGRAMS: readonly ProgramName[] = namesOf('keda');
/** A real Prometheus and the program that fills it with history. */
export const PROMETHEUS_PROGRAMS: readonly ProgramName[] = namesOf('prometheus');
/** What makes a machine a node, and kubectl. */
export const NODE_PROGRAMS: readonly ProgramName[] = namesOf('node');

/** What the kind level runs on the machine itself: kind, and kubectl to reach into its clusters. */
export const KIND_PROGRAMS: readonly ProgramName[] = [...namesOf('kind'), 'kubectl'];
/** What its images and its nodes are built of where no registry gives them. */
export const IMAGE_PROGRAMS: readonly ProgramName[] = PROGRAMS.map(({ name }) => name).filter((name) => name !== 'kwok' && name !== 'kind');

/** The program of that name. */
export function programOf(name: ProgramName): ProgramSpec {
  return PROGRAMS.find((program) => program.name === name)!;
}

/** Whether a name is that of a program here. */
export function isProgramName(name: string): name is ProgramName {
  return PROGRAMS.some((program) => program.name === name);
}

/** Files that come from a Go module at the pinned version. */
export interface AssetSpec {
  /** Module whose files they are. */
  readonly module: string;
  /** Folder below `tools/` whose go.mod pins the module. */
  readonly pinnedIn: ModuleFolder;
  /** Paths in the module. One that ends in `/` means all YAML files below it. */
  readonly paths: readonly string[];
}

/** What the rehearsal, and tests, read from upstream's own releases. */
export const ASSETS = {
  kwok: {
    module: 'sigs.k8s.io/kwok',
    pinnedIn: '.',
    paths: [
      'kustomize/stage/node/fast/node-initialize.yaml',
      'kustomize/stage/node/heartbeat/node-heartbeat.yaml',
      'kustomize/stage/pod/fast/pod-ready.yaml',
      'kustomize/stage/pod/fast/pod-complete.yaml',
      'kustomize/stage/pod/fast/pod-delete.yaml',
    ],
  },
  keda: { module: 'github.com/kedacore/keda/v2', pinnedIn: '.', paths: ['config/crd/bases/'] },
  argoCd: { module: 'github.com/argoproj/argo-cd/v3', pinnedIn: 'argocd', paths: ['manifests/'] },
  metricsServer: { module: 'sigs.k8s.io/metrics-server', pinnedIn: 'metrics-server', paths: ['manifests/base/'] },
  karpenter: { module: 'github.com/aws/karpenter-provider-aws', pinnedIn: 'karpenter', paths: ['pkg/apis/crds/'] },
} as const satisfies Readonly<Record<string, AssetSpec>>;

/** Name of a set of files. */
export type AssetName = keyof typeof ASSETS;

/** All of them. */
export const ASSET_NAMES = Object.keys(ASSETS) as readonly AssetName[];
