import type { ImageSource } from '../../config';

/** Where an image of a rehearsal comes from. `auto` asks the registry first, briefly, and builds what it does not get. */
export type ImageMode = 'build' | 'pull' | 'auto';

/** An image that a rehearsal needs. */
export interface ImageDeclaration {
  /** As manifests name it, with tag: `registry/name:tag`. The built image carries exactly this name, so no manifest has to change. */
  readonly reference: string;
  /** @default - it cannot be built */
  readonly source?: ImageSource;
  /** An image of this repository's own, which is always built: what a registry has of it is what was published, not what is rehearsed. @default false */
  readonly ours?: boolean;
}

/** A blob in the cache. */
export interface StoredBlob {
  /** `sha256:...`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Absolute path. */
  readonly file: string;
}

/** An image in the cache. Layers that images share are there once. */
export interface BuiltImage {
  readonly reference: string;
  readonly architecture: 'amd64' | 'arm64';
  readonly manifest: StoredBlob;
  readonly config: StoredBlob;
  /** From the lowest up; tar archives that are not compressed. */
  readonly layers: readonly StoredBlob[];
}

/** An image that is ready to be given to nodes, or that they fetch themselves. */
export interface PreparedImage {
  readonly reference: string;
  /** `built` just now, `cache` built by an earlier run, `registry` the nodes pull it. */
  readonly provenance: 'built' | 'cache' | 'registry';
  /** What the cache holds of it, for `archive` and `writeArchive`. @default - none: the nodes pull it */
  readonly built?: BuiltImage;
  /** Digest of its manifest (`sha256:...`). @default - not known before it is pulled */
  readonly digest?: string;
  /** Bytes of its layers, uncompressed. @default - not known */
  readonly sizeBytes?: number;
  /** SPDX 2.3 document. @default - none: it was not built here */
  readonly sbom?: string;
  /** Says that it stands in for the release. @default - it is the release */
  readonly standIn?: string;
}

/** An image that can be had neither way, and why. What needs it is left out. */
export interface MissingImage {
  readonly reference: string;
  readonly why: string;
}
