import { createHash } from 'node:crypto';
import type { ImageSource } from '../../config';

/** A blob by its digest. */
export interface Blob {
  /** `sha256:...`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** The two documents that make layers an image. */
export interface ImageDocuments {
  readonly config: Buffer;
  readonly manifest: Buffer;
}

/** Architecture as images name it. */
export type Architecture = 'amd64' | 'arm64';

/** User and group that an image runs as if its source names none: those of upstream's distroless images. */
export const NOBODY = '65532:65532';

/** Search path of programs, as every base image has it. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a bundle is in its image. */
export const BUNDLE_PATH = '/app/main.cjs';
/** Where Node.js is in an image of a bundle. */
export const NODE_PATH = '/usr/bin/node';

/**
 * Writes an image's configuration and manifest. Its layers are tar archives that are not compressed, whose digests are also what the configuration calls diff ids:
 * a node unpacks them faster and nothing is sent over a network.
 *
 * @param layers from the lowest up
 * @param more of the configuration, by the specification's own names: `StopSignal`, `Labels`
 */
export function imageDocuments(source: ImageSource, layers: readonly Blob[], architecture: Architecture, more: Readonly<Record<string, unknown>> = {}): ImageDocuments {
  const environment = { PATH, ...(source.bundle ? { NODE_ENV: 'production' } : {}), ...source.environment };
  const config = json({
    architecture,
    os: 'linux',
    created: '1970-01-01T00:00:00Z', // equal content, equal digest
    config: {
      User: source.user ?? NOBODY,
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      Entrypoint: source.entrypoint ?? (source.bundle ? [NODE_PATH, BUNDLE_PATH] : undefined),
      Cmd: source.command,
      WorkingDir: source.bundle ? '/app' : '/',
      ...more,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'tideline' })),
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...blobOf(config) },
    layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer.digest, size: layer.size })),
  });
  return { config, manifest };
}

/** Digest and size of bytes. */
export function blobOf(bytes: Buffer): Blob {
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.length };
}

/** JSON as bytes; what is undefined is left out. */
export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
