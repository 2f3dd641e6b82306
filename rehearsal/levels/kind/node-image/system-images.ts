import { resolve } from 'node:path';
import type { ImageSource } from '../../../../config';
import type { ImageDeclaration } from '../../../images/contract';
import type { ProgramName } from '../../../tools';
import { Pinned } from '../../../tools/pinned';

/** The images that every node holds from the start. */
export interface SystemImages {
  /** Of Kubernetes, with `v`. */
  readonly version: string;
  /** Tags that kubeadm is told, because they are those of the programs that `tools/` pins. */
  readonly etcdTag: string;
  readonly corednsTag: string;
  /** All of them. */
  readonly images: readonly ImageDeclaration[];
  readonly pause: string;
  readonly provisioner: string;
  readonly helper: string;
}

/** kube-proxy calls the same programs as the node, and their plugins; a plugin that lacks a library makes every Service unreachable. */
const KUBE_PROXY: ImageSource = {
  go: [{ program: 'kube-proxy', path: '/usr/local/bin/kube-proxy' }],
  debian: ['conntrack', 'ethtool', 'ipset', 'iptables', 'kmod', 'netbase'],
  links: Object.fromEntries(['iptables', 'ip6tables'].flatMap((name) => ['', '-save', '-restore'].map((suffix) => [`/usr/sbin/${name}${suffix}`, `${name}-nft${suffix}`]))),
  entrypoint: ['/usr/local/bin/kube-proxy'],
  user: '0:0',
};

/** catatonit waits for the end of processes that lost their parent, which is all that a pod's first process does. */
const PAUSE: ImageSource = { debian: ['catatonit'], entrypoint: ['/usr/bin/catatonit', '-P'], user: '65535:65535' };

const HELPER: ImageSource = { debian: ['busybox-static'], links: { '/bin/sh': '/bin/busybox', '/bin/mkdir': '/bin/busybox', '/bin/rm': '/bin/busybox' }, command: ['/bin/sh'], user: '0:0' };

/**
 * What kubeadm starts, and what volumes need, at the versions that `tools/` pins.
 *
 * @param toolsFolder @default - `tools/` of this repository
 */
export function systemImages(toolsFolder = resolve(__dirname, '..', '..', '..', '..', 'tools')): SystemImages {
  const pinned = new Pinned(toolsFolder, 'linux');
  const version = `v${pinned.versionOf('kubelet')}`;
  const etcdTag = `${pinned.versionOf('etcd')}-0`;
  const corednsTag = `v${pinned.versionOf('coredns')}`;
  const pause = 'registry.k8s.io/pause:3.10.2';
  const provisioner = `docker.io/rancher/local-path-provisioner:v${pinned.versionOf('local-path-provisioner')}`;
  const helper = 'docker.io/library/busybox:1.35.0';
  return {
    version,
    etcdTag,
    corednsTag,
    pause,
    provisioner,
    helper,
    images: [
      ...(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const).map((name) => ({ reference: `registry.k8s.io/${name}:${version}`, source: program(name) })),
      { reference: `registry.k8s.io/kube-proxy:${version}`, source: KUBE_PROXY },
      { reference: `registry.k8s.io/etcd:${etcdTag}`, source: program('etcd') },
      { reference: `registry.k8s.io/coredns/coredns:${corednsTag}`, source: program('coredns') },
      { reference: pause, source: PAUSE },
      { reference: provisioner, source: program('local-path-provisioner', '65532:65532') },
      { reference: helper, source: HELPER },
    ],
  };
}

/** An image of one program, which kubeadm's manifests call by its name. Those of the control plane read keys that only root may read. */
function program(name: ProgramName, user: ImageSource['user'] = '0:0'): ImageSource {
  const path = `/usr/local/bin/${name}`;
  return { go: [{ program: name, path }], entrypoint: [path], user };
}
