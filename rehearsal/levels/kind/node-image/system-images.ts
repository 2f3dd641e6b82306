import { resolve } from 'node:path';
import type { ImageDeclaration } from '../../../images/contract';
import { controlPlaneImages, DEBUG, PAUSE } from '../../../images/infrastructure';
import { Pinned } from '../../../tools/pinned';
import type { BaseFileValues } from './base-files';

/** What every node holds from the start: what kubeadm starts, and what volumes need. */
export interface SystemImages {
  readonly images: readonly ImageDeclaration[];
  readonly values: BaseFileValues;
  /** What kubeadm is told: it would take others. */
  readonly tags: { readonly etcd: string; readonly coredns: string };
}

/**
 * The images at the versions that `tools/` pins.
 *
 * @param toolsFolder @default - `tools/` of this repository
 */
export function systemImages(toolsFolder = resolve(__dirname, '..', '..', '..', '..', 'tools')): SystemImages {
  const pinned = new Pinned(toolsFolder, 'linux');
  const tags = {
    kubernetes: `v${pinned.versionOf('kubelet')}`,
    etcd: `${pinned.versionOf('etcd')}-0`,
    coredns: `v${pinned.versionOf('coredns')}`,
    provisioner: `v${pinned.versionOf('local-path-provisioner')}`,
  };
  const images = controlPlaneImages(tags);
  const provisioner = images.find(({ reference }) => reference.includes('/local-path-provisioner:'))!.reference;
  return { images, values: { version: tags.kubernetes, pause: PAUSE.reference, provisioner, helper: DEBUG.reference }, tags: { etcd: tags.etcd, coredns: tags.coredns } };
}
