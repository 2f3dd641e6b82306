import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { archive, writeArchive } from '../../../images/archive';
import { buildFromParts, Ingredients } from '../../../images/build';
import type { PreparedImage } from '../../../images/contract';
import { file } from '../../../images/layer';
import { LayerPart, programPart } from '../../../images/parts';
import { ImageStore, keyOf } from '../../../images/store';
import type { Engine } from '../engine';
import { baseFiles, BaseFileValues, STARTED, trimmed } from './base-files';
import { NODE_PACKAGES, NOT_IN_NODES } from './debian-packages';

/** Options of {@link nodeImage}. */
export interface NodeImageOptions {
  /** Images that every node holds from the start: what kubeadm starts, and the provisioner of volumes with its helper. Built ones. */
  readonly images: readonly PreparedImage[];
  readonly values: BaseFileValues;
  /** Where programs and packages come from. */
  readonly from: Ingredients;
  readonly store: ImageStore;
  readonly engine: Engine;
  /** Folder for the archive of the images while the layer is written. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
  /** @default - nothing is told */
  readonly onProgress?: (detail: string) => void;
}

/** A node image that the engine has. */
export interface NodeImage extends PreparedImage {
  /** Equal when the content is. */
  readonly key: string;
}

/** By what the engine's images of ours are found. */
export const NODE_IMAGE_LABEL = 'dev.tideline.node-image';
/** Where node images of ours are, whatever their tag. */
export const NODE_REPOSITORY = 'tideline/node';

/** The images of the control plane, while the layer that holds them is written. */
const ARCHIVE = 'node-images.tar';

/** Programs of Kubernetes that a node runs itself; the others run in pods. */
const PROGRAMS = ['kubeadm', 'kubelet', 'kubectl'] as const;

/**
 * The image that kind starts nodes of, built without a registry, given to the engine. Call it under the store's lock.
 *
 * @throws FaultError when a part cannot be made, the engine does not take it, or a disk is full
 * @throws the signal's reason when aborted
 */
export async function nodeImage(options: NodeImageOptions): Promise<NodeImage> {
  const { values, from, store, engine, signal, onProgress } = options;
  const parts = await partsOf(options);
  const key = keyOf(from.architecture, ...parts.map((part) => part.key)).slice(0, 12);
  const reference = `${NODE_REPOSITORY}:${values.version}-${key}`;
  onProgress?.(reference);
  const image = await build();
  const there = await engine.run(['image', 'inspect', '--format', '{{.Id}}', reference], { signal });
  if (there.status !== 0) {
    onProgress?.(`giving ${reference} to the engine`);
    await engine.output(['load', '--quiet'], { input: archive([image.built!], signal), signal, timeoutSeconds: 600 });
    await removeOlder(engine, reference);
  }
  return { ...image, key };

  async function build(): Promise<PreparedImage> {
    try {
      return await buildFromParts({
        reference,
        source: { entrypoint: ['/usr/local/bin/entrypoint', '/sbin/init'], environment: { container: 'docker' }, user: '0:0' },
        parts,
        // systemd ends in order at this signal; at SIGTERM it starts itself again.
        more: { StopSignal: 'SIGRTMIN+3', Labels: { [NODE_IMAGE_LABEL]: key } },
      }, from.architecture, store, signal);
    } finally {
      rmSync(join(options.scratch, ARCHIVE), { force: true });
    }
  }
}

async function partsOf({ images, values, from, scratch, signal }: NodeImageOptions): Promise<LayerPart[]> {
  const debian = await from.debian(NODE_PACKAGES, NOT_IN_NODES);
  const base = baseFiles(values);
  const built = images.flatMap((image) => image.built ?? []);
  const packages: LayerPart = {
    key: keyOf('node packages', STARTED.source, debian.key),
    make: async () => {
      const made = await debian.make();
      return { ...made, entries: trimmed(made.entries) };
    },
  };
  const held: LayerPart = {
    key: keyOf('node images', ...built.map((image) => [image.reference, image.manifest.digest])),
    make: async () => {
      const path = join(scratch, ARCHIVE);
      await writeArchive(built, path, signal);
      return { entries: [file('kind/images/system.tar', { file: path })], packages: [] };
    },
  };
  const own: LayerPart = {
    key: keyOf('node base', base.map(({ content, ...entry }) => [entry, content instanceof Buffer ? content.toString('base64') : ''])),
    make: async () => ({ entries: base, packages: [] }),
  };
  const programs = await Promise.all(PROGRAMS.map(async (program) => programPart({ program, path: `/usr/bin/${program}` }, await from.program(program))));
  return [packages, ...programs, held, own];
}

/** Each takes about a gigabyte of the engine's disk. One that a node runs of stays: the engine refuses. */
async function removeOlder(engine: Engine, reference: string): Promise<void> {
  const { stdout } = await engine.run(['image', 'ls', '--filter', `label=${NODE_IMAGE_LABEL}`, '--format', '{{.Repository}}:{{.Tag}}']);
  for (const name of stdout.split('\n').filter((line) => line.startsWith(`${NODE_REPOSITORY}:`) && line !== reference)) await engine.run(['image', 'rm', name]);
}
