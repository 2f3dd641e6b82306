/** What is compiled by one call of Go: the programs of a group share most of their packages. */
export type GroupName = 'control plane' | 'keda' | 'node' | 'kind' | 'coredns' | 'metrics-server' | 'local-path' | 'argocd' | 'prometheus';

/** Folder below `tools/` with a go.mod of its own; `.` is `tools/` itself. */
export type ModuleFolder = (typeof MODULE_FOLDERS)[number];

/** Every folder that pins something. */
export const MODULE_FOLDERS = ['.', 'argocd', 'coredns', 'karpenter', 'kind', 'local-path', 'metrics-server', 'prometheus'] as const;

/** Versions by module, as a go.mod names them, with their `v`. */
export type Pins = ReadonlyMap<string, string>;

/** How the programs of a group are built. */
export interface GroupSpec {
  readonly name: GroupName;
  /** Whose go.mod pins them. */
  readonly folder: ModuleFolder;
  /** Build tags. @default - none */
  readonly tags?: string;
  /** Variables that tell the version, as upstream's release builds set them. @default - the sources tell it */
  readonly variables?: (pins: Pins) => Readonly<Record<string, string>>;
  /** Room that its first build takes where nothing of it is cached, bytes, measured; what groups before it brought along is not counted again. */
  readonly room: Room;
}

/** Bytes on disk: compiled packages in Go's cache, fetched modules, programs in ours. */
export interface Room {
  readonly compiled: number;
  readonly modules: number;
  readonly programs: number;
}

const pin = (pins: Pins, module: string) => pins.get(module) ?? '';

function kubernetes(pins: Pins): Readonly<Record<string, string>> {
  const version = pin(pins, 'k8s.io/kubernetes');
  const [major = '', minor = ''] = version.replace(/^v/, '').split('.');
  const at = 'k8s.io/component-base/version';
  return { [`${at}.gitVersion`]: version, [`${at}.gitMajor`]: major, [`${at}.gitMinor`]: minor, [`${at}.gitTreeState`]: 'clean' };
}

function argocd(pins: Pins): Readonly<Record<string, string>> {
  const version = pin(pins, 'github.com/argoproj/argo-cd/v3');
  const at = 'github.com/argoproj/argo-cd/v3/common';
  return {
    [`${at}.version`]: version.replace(/^v/, ''),
    [`${at}.gitTag`]: version,
    [`${at}.gitCommit`]: version, // a module does not tell its commit; without any the program calls itself unreleased
    [`${at}.gitTreeState`]: 'clean',
    [`${at}.kubectlVersion`]: pin(pins, 'k8s.io/client-go'),
  };
}

/** Groups in build order: the control plane first, because it is useful without the others. */
export const GROUPS: readonly GroupSpec[] = [
  { name: 'control plane', folder: '.', variables: kubernetes, room: { compiled: 2.8e9, modules: 0.8e9, programs: 0.4e9 } },
  {
    name: 'keda', folder: '.', room: { compiled: 1.8e9, modules: 1.5e9, programs: 0.35e9 },
    variables: (pins) => ({ 'github.com/kedacore/keda/v2/version.Version': pin(pins, 'github.com/kedacore/keda/v2').replace(/^v/, '') }),
  },
  { name: 'node', folder: '.', variables: kubernetes, room: { compiled: 0.5e9, modules: 0.1e9, programs: 0.3e9 } },
  { name: 'kind', folder: 'kind', room: { compiled: 50e6, modules: 50e6, programs: 20e6 } },
  { name: 'coredns', folder: 'coredns', room: { compiled: 0.7e9, modules: 1.7e9, programs: 0.1e9 } },
  {
    name: 'metrics-server', folder: 'metrics-server', room: { compiled: 1.2e9, modules: 0.4e9, programs: 0.1e9 },
    variables: (pins) => ({ 'k8s.io/client-go/pkg/version.gitVersion': pin(pins, 'sigs.k8s.io/metrics-server') }),
  },
  {
    name: 'local-path', folder: 'local-path', room: { compiled: 0.6e9, modules: 0.25e9, programs: 50e6 },
    variables: (pins) => ({ 'main.VERSION': pin(pins, 'github.com/rancher/local-path-provisioner') }),
  },
  { name: 'argocd', folder: 'argocd', variables: argocd, room: { compiled: 1.9e9, modules: 1.8e9, programs: 0.15e9 } },
  {
    name: 'prometheus', folder: 'prometheus', room: { compiled: 0.8e9, modules: 0.8e9, programs: 0.15e9 },
    tags: 'remove_all_sd,enable_kubernetes_sd', // of two dozen places that it could discover targets in, the one it is run in
    variables: (pins) => ({ 'github.com/prometheus/common/version.Version': releaseOf('github.com/prometheus/prometheus', pin(pins, 'github.com/prometheus/prometheus')) }),
  },
];

/** The group of that name. */
export function groupOf(name: GroupName): GroupSpec {
  return GROUPS.find((group) => group.name === name)!;
}

/** Flags of every `go build`: no machine's paths inside; debug information is not even made, which saves a fourteenth of the time. */
const BUILD_FLAGS = ['-trimpath', '-gcflags=all=-dwarf=false'] as const;

/** Flags of `go build` of a group: no symbol tables, and the version that a release would carry. */
export function buildFlags(group: GroupSpec, pins: Pins): readonly string[] {
  const variables = Object.entries(group.variables?.(pins) ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  return [...BUILD_FLAGS, ...(group.tags ? ['-tags', group.tags] : []), '-ldflags', ['-s -w', ...variables].join(' ')];
}

/** The release that a module's version stands for, without a `v`: Prometheus 3.14.0 is published as v0.314.0. */
export function releaseOf(module: string, version: string): string {
  const plain = version.replace(/^v/, '');
  return module === 'github.com/prometheus/prometheus' ? plain.replace(/^0\.(\d)0*(\d+)\.(\d+)$/, '$1.$2.$3') : plain;
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
