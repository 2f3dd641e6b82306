import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic, writeFileAtomicFrom } from '../../base/atomic-file';
import type { StoredBlob } from './contract';
import type { PackageInside } from './layer';
import { Blob, blobOf } from './oci-image';

/** What the cache knows of a layer. */
export interface LayerRecord extends Blob {
  /** Symbolic links in it, which paths of the layers above may lead through. */
  readonly links: Readonly<Record<string, string>>;
  readonly packages: readonly PackageInside[];
}

/** What the cache knows of an image. */
export interface ImageRecord {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
  readonly sbom: Blob;
}

/** How long what nobody used is kept, in milliseconds. */
const UNUSED_MS = 14 * 24 * 3_600_000;

/**
 * Layers and images in the cache. A blob is named for its digest, so that what images share is there once; a record says under a key, made of all that goes into it,
 * which blobs a layer or an image is. Everything appears by rename: what is there is whole.
 */
export class ImageStore {
  private readonly folder: string;

  /** @param cacheRoot root of the cache, `ToolSettings.cacheRoot` */
  constructor(cacheRoot: string) {
    this.folder = join(cacheRoot, 'images');
  }

  get lockFile(): string {
    return join(this.folder, 'lock');
  }

  /** The layer of that key, if all of it is there. */
  layer(key: string): LayerRecord | undefined {
    const record = this.read<LayerRecord>('layers', key);
    return record && this.has(record) ? record : undefined;
  }

  /** The image of that key, if all of it is there. */
  image(key: string): ImageRecord | undefined {
    const record = this.read<ImageRecord>('images', key);
    return record && [record.manifest, record.config, record.sbom, ...record.layers].every((blob) => this.has(blob)) ? record : undefined;
  }

  writeLayerRecord(key: string, record: LayerRecord): void {
    writeFileAtomic(this.record('layers', key), JSON.stringify(record));
  }

  writeImageRecord(key: string, record: ImageRecord): void {
    writeFileAtomic(this.record('images', key), JSON.stringify(record));
  }

  /** Where a blob is. */
  stored(blob: Blob): StoredBlob {
    return { digest: blob.digest, size: blob.size, file: join(this.folder, 'blobs', blob.digest.replace('sha256:', '')) };
  }

  /** Writes bytes. @throws FaultError when the disk is full */
  write(bytes: Buffer): Blob {
    const blob = blobOf(bytes);
    if (!this.has(blob)) writeFileAtomic(this.stored(blob).file, bytes);
    return blob;
  }

  /** Writes what comes piece by piece. @throws FaultError when the disk is full, and whatever making the pieces throws; nothing half-written is left */
  async writeFrom(pieces: AsyncIterable<Buffer>): Promise<Blob> {
    const hash = createHash('sha256');
    const incoming = join(this.folder, 'incoming', randomUUID());
    const size = await writeFileAtomicFrom(incoming, hashed(pieces, hash));
    const blob = { digest: `sha256:${hash.digest('hex')}`, size };
    mkdirSync(join(this.folder, 'blobs'), { recursive: true });
    renameSync(incoming, this.stored(blob).file);
    return blob;
  }

  /** Removes what killed runs left half-written, records that nobody used for two weeks, and blobs that no record names. Call it under the lock. */
  prune(now: number): void {
    rmSync(join(this.folder, 'incoming'), { recursive: true, force: true });
    const named = new Set<string>();
    for (const kind of ['layers', 'images'] as const) {
      for (const name of namesIn(join(this.folder, kind))) {
        const path = join(this.folder, kind, name);
        const record = name.endsWith('.json') && now - statSync(path).mtimeMs <= UNUSED_MS ? parse<Partial<LayerRecord & ImageRecord>>(path) : undefined;
        if (record === undefined) rmSync(path, { force: true });
        else for (const digest of digestsOf(record)) named.add(digest.replace('sha256:', ''));
      }
    }
    for (const name of namesIn(join(this.folder, 'blobs'))) if (!named.has(name)) rmSync(join(this.folder, 'blobs', name), { force: true });
  }

  private has(blob: Blob): boolean {
    return statSync(this.stored(blob).file, { throwIfNoEntry: false })?.size === blob.size;
  }

  private record(kind: 'layers' | 'images', key: string): string {
    return join(this.folder, kind, `${key}.json`);
  }

  /** Reads a record and notes that it is in use. */
  private read<T>(kind: 'layers' | 'images', key: string): T | undefined {
    const path = this.record(kind, key);
    const record = parse<T>(path);
    if (record === undefined) return undefined;
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch { /* a cache that cannot be written is no reason not to use it */ }
    return record;
  }
}

/** The name of a record: equal input, equal name. */
export function keyOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

async function* hashed(pieces: AsyncIterable<Buffer>, hash: { update(bytes: Buffer): unknown }): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}

function digestsOf(record: Partial<LayerRecord & ImageRecord>): string[] {
  return [record, record.manifest, record.config, record.sbom, ...(record.layers ?? [])].flatMap((blob) => blob?.digest ?? []);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function parse<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined; // not there, or what a power cut left
  }
}
