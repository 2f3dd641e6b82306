/** A program that a rehearsal, or a test, runs as it is. */
export type ProgramName =
  | 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok' | 'keda-operator' | 'keda-adapter' | 'prometheus' | 'promtool';

/** What is compiled by one call of Go: the programs of a group share most of their packages. */
export type GroupName = 'control plane' | 'keda' | 'prometheus';

/** One program of the catalogue. */
export interface ProgramSpec {
  readonly name: ProgramName;
  readonly group: GroupName;
  /** Go package of its `main`. */
  readonly package: string;
  /** Module that pins it. */
  readonly module: string;
  /** How an installed one is recognized. @default - never taken from elsewhere: it cannot tell its version */
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
];

const namesOf = (group: GroupName) => PROGRAMS.filter((program) => program.group === group).map((program) => program.name);

/** The programs that `startControlPlane` needs. */
export const CONTROL_PLANE_PROGRAMS: readonly ProgramName[] = namesOf('control plane');
/** The programs that `startKeda` needs besides. */
export const KEDA_PROGRAMS: readonly ProgramName[] = namesOf('keda');
/** A real Prometheus and the program that fills it with history. No rehearsal needs them: tests do. */
export const PROMETHEUS_PROGRAMS: readonly ProgramName[] = namesOf('prometheus');

/** Groups in build order: the control plane first, because it is useful without KEDA. */
export const GROUPS: readonly GroupName[] = ['control plane', 'keda', 'prometheus'];

/** Folder below `tools/` whose go.mod pins a group. */
export function moduleFolderOf(group: GroupName): string {
  return group === 'prometheus' ? 'prometheus' : '.';
}

/** Flags of `go build` that only one group has. */
export function groupFlags(group: GroupName): readonly string[] {
  return group === 'prometheus' ? ['-tags', 'remove_all_sd'] : []; // without the clients of two dozen clouds that it could discover targets in
}

/** Files that come from a Go module at the pinned version. */
export interface AssetSpec {
  /** Module whose files they are. */
  readonly module: string;
  /** Folder below `tools/` whose go.mod pins the module. */
  readonly pinnedIn: '.' | 'assets' | 'karpenter';
  /** Folder in the cache: `assets/<name>`, with the key of its own if it has one. */
  readonly name: 'kwok' | 'keda' | 'argo-cd' | 'karpenter';
  /** Whether a key of its own says if the files are those that are pinned: no program is built from their module, so none has to be built again for them. @default false */
  readonly ownKey?: boolean;
  /** Paths in the module. A path that ends in `/` means all its YAML files but `kustomization.yaml`. */
  readonly files: readonly string[];
}

/** What the rehearsal reads from upstream's own releases. */
export const ASSETS: readonly AssetSpec[] = [
  {
    module: 'sigs.k8s.io/kwok',
    pinnedIn: '.',
    name: 'kwok',
    files: [
      'kustomize/stage/node/fast/node-initialize.yaml',
      'kustomize/stage/node/heartbeat/node-heartbeat.yaml',
      'kustomize/stage/pod/fast/pod-ready.yaml',
      'kustomize/stage/pod/fast/pod-complete.yaml',
      'kustomize/stage/pod/fast/pod-delete.yaml',
    ],
  },
  { module: 'github.com/kedacore/keda/v2', pinnedIn: '.', name: 'keda', files: ['config/crd/bases/'] },
  { module: 'github.com/argoproj/argo-cd/v3', pinnedIn: 'assets', name: 'argo-cd', files: ['manifests/crds/'] },
  { module: 'github.com/aws/karpenter-provider-aws', pinnedIn: 'karpenter', name: 'karpenter', ownKey: true, files: ['pkg/apis/crds/'] },
];

/** Linker flags of a group: no symbol tables, and the version that a release build would carry. */
export function linkerFlags(group: GroupName, pins: ReadonlyMap<string, string>): string {
  const pin = (module: string) => pins.get(module) ?? '';
  if (group === 'keda') {
    return `-s -w -X github.com/kedacore/keda/v2/version.Version=${pin('github.com/kedacore/keda/v2').replace(/^v/, '')}`;
  }
  if (group === 'prometheus') {
    return `-s -w -X github.com/prometheus/common/version.Version=${releaseOf(pin('github.com/prometheus/prometheus'))}`;
  }
  const version = pin('k8s.io/kubernetes');
  const [major = '', minor = ''] = version.replace(/^v/, '').split('.');
  const variables = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return ['-s -w', ...Object.entries(variables).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)].join(' ');
}

/** Prometheus 3.14.0 is published as the module version v0.314.0. */
function releaseOf(version: string): string {
  return version.replace(/^v0\.(\d)0*(\d+)\.(\d+)$/, '$1.$2.$3');
}

/** Versions that a go.mod names, by module. Replaced versions are not resolved: none of the pinned modules is replaced. */
export function pinsOf(goMod: string): Map<string, string> {
  const pins = new Map<string, string>();
  for (const line of goMod.split('\n')) {
    const match = /^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]+\/\S+)\s+(v\S+)/.exec(line);
    if (match && !line.includes('=>')) pins.set(match[1]!, match[2]!);
  }
  return pins;
}
