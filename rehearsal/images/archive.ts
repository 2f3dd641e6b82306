import { writeFileAtomicFrom } from '../../base/atomic-file';
import type { BuiltImage } from './contract';
import { arrange, file, LayerEntry } from './layer';
import { json } from './oci-image';
import { familiarName, normalizedName, parseReference } from './reference';
import { tar } from './tar';

/**
 * One archive of several images, piece by piece, for the standard input of `docker load` or `ctr images import -`: nothing has to be written to the disk for it.
 * It is an OCI layout and a Docker archive at once, each reader taking the index it knows, and holds a layer that images share once.
 *
 * @throws FaultError when a blob is no longer in the cache
 */
export function archive(images: readonly BuiltImage[], signal?: AbortSignal): AsyncGenerator<Buffer> {
  return tar(arrange(entriesOf(images)), signal);
}

/**
 * The same as a file.
 *
 * @returns bytes written
 * @throws FaultError when the disk is full; nothing half-written is left
 */
export function writeArchive(images: readonly BuiltImage[], path: string, signal?: AbortSignal): Promise<number> {
  return writeFileAtomicFrom(path, archive(images, signal));
}

function entriesOf(images: readonly BuiltImage[]): LayerEntry[] {
  const blobs = new Map(images.flatMap((image) => [image.manifest, image.config, ...image.layers]).map((blob) => [blob.digest, blob.file]));
  return [
    file('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    file('index.json', json({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: images.map(described) })),
    file('manifest.json', json(images.map((image) => ({
      Config: blobPath(image.config.digest), RepoTags: [familiarName(image.reference)], Layers: image.layers.map(({ digest }) => blobPath(digest)),
    })))),
    ...[...blobs].map(([digest, path]) => file(blobPath(digest), { file: path })),
  ];
}

function described(image: BuiltImage): object {
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: image.manifest.digest,
    size: image.manifest.size,
    // The first is what containerd stores the image as, the second what the specification knows.
    annotations: { 'io.containerd.image.name': normalizedName(image.reference), 'org.opencontainers.image.ref.name': parseReference(image.reference).tag },
    platform: { os: 'linux', architecture: image.architecture },
  };
}

const blobPath = (digest: string) => `blobs/sha256/${digest.replace('sha256:', '')}`;
