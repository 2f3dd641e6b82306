import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { directory, file, LayerEntry, symlink } from '../../../images/layer';

/** Names in the base files that stand for images. */
export interface BaseFileValues {
  /** Image of the process that holds a pod's namespaces. */
  readonly pause: string;
  /** Image of the provisioner of volumes. */
  readonly provisioner: string;
  /** Image with a shell that makes and removes folders for it. */
  readonly helper: string;
  /** Of Kubernetes, with `v`. */
  readonly version: string;
}

const ROOT = join(__dirname, 'root');

/** Units that start with a node. */
const ENABLED = ['containerd.service', 'node-images.service', 'kubelet.service', 'node-network.path'];

/** What systemd starts of its own in a node; the rest is about disks, consoles and users. */
export const STARTED = /\/(systemd-journald(-dev-log)?\.socket|systemd-journald\.service|systemd-journal-flush\.service|systemd-sysctl\.service|dev-mqueue\.mount|dev-hugepages\.mount)$/;

/** Debian's files without what no node starts or runs. */
export function trimmed(entries: readonly LayerEntry[]): LayerEntry[] {
  return entries.filter(({ path, type }) => !(type === 'symlink' && /^usr\/lib\/systemd\/system\/[^/]+\.wants\//.test(path) && !STARTED.test(path)));
}

/** The files that make a Debian root a node: those in `root/`, and the links that installing packages would make. */
export function baseFiles(values: BaseFileValues): LayerEntry[] {
  return [
    ...filesBelow(ROOT).map((path) => file(relative(ROOT, path), Buffer.from(filled(path, values)), isProgram(path) ? 0o755 : 0o644)),
    file('kind/version', Buffer.from(values.version)),
    file('etc/machine-id', Buffer.alloc(0)),
    symlink('usr/bin/awk', 'mawk'),
    ...['iptables', 'ip6tables'].flatMap((name) => ['', '-save', '-restore'].flatMap((suffix) => [
      symlink(`usr/sbin/${name}${suffix}`, `/etc/alternatives/${name}${suffix}`),
      symlink(`etc/alternatives/${name}${suffix}`, `/usr/sbin/${name}-nft${suffix}`), // the entrypoint may choose otherwise
    ])),
    ...ENABLED.map((unit) => symlink(`etc/systemd/system/multi-user.target.wants/${unit}`, `/etc/systemd/system/${unit}`)),
    directory('etc/kubernetes/manifests'),
    directory('var/log'),
  ];
}

/** By its folder: a checkout may have lost the bit that says so. */
function isProgram(path: string): boolean {
  return /\/usr\/local\/s?bin\//.test(path);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

function filled(path: string, values: BaseFileValues): string {
  return readFileSync(path, 'utf8').replaceAll('@PAUSE@', values.pause).replaceAll('@PROVISIONER@', values.provisioner).replaceAll('@HELPER@', values.helper);
}
