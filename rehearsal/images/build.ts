import type { ImageSource } from '../../config';
import type { Bundle } from './bundle';
import type { BuiltImage, PreparedImage } from './contract';
import { arrange, Links, linksOf } from './layer';
import { Architecture, imageDocuments } from './oci-image';
import { LayerPart, LinuxProgram, ownPart, programPart } from './parts';
import { sbom } from './sbom';
import { ImageRecord, ImageStore, keyOf, LayerRecord } from './store';
import { tar } from './tar';

/** Bump it when equal sources should give other images than before. */
const FORMAT = 1;

/** Where the parts of images come from. */
export interface Ingredients {
  readonly architecture: Architecture;
  /** A program compiled for Linux. @throws FaultError when there is none */
  readonly program: (name: string) => Promise<LinuxProgram>;
  /** A root file system of Debian packages with all they depend on. */
  readonly debian: (packages: readonly string[], without: readonly string[]) => Promise<LayerPart>;
  /** What Node.js needs to run. */
  readonly node: () => Promise<LayerPart>;
  /** An entry point of this repository as one file. */
  readonly bundle: (entry: string) => Promise<Bundle>;
}

/** What an image is made of. */
export interface ImageParts {
  readonly reference: string;
  /** How it is started. */
  readonly source: ImageSource;
  /** Its layers, from the lowest up. */
  readonly parts: readonly LayerPart[];
  /** See {@link imageDocuments}. @default - nothing */
  readonly more?: Readonly<Record<string, unknown>>;
}

/**
 * Builds an image, or finds it in the cache: its key is made of everything that decides about its content. Call it under the store's lock.
 *
 * @throws FaultError when a layer cannot be made or the disk is full; nothing half-built is left
 * @throws the signal's reason when aborted
 */
export async function buildFromParts({ reference, source, parts, more }: ImageParts, architecture: Architecture, store: ImageStore, signal?: AbortSignal): Promise<PreparedImage> {
  signal?.throwIfAborted();
  const key = keyOf(FORMAT, reference, architecture, source, parts.map((part) => part.key), more);
  const cached = store.image(key);
  const record = cached ?? await make();
  const stored = (blob: { digest: string; size: number }) => store.stored(blob);
  const built: BuiltImage = {
    reference, architecture, manifest: stored(record.manifest), config: stored(record.config), layers: record.layers.map(stored),
  };
  return {
    reference,
    provenance: cached ? 'cache' : 'built',
    built,
    digest: record.manifest.digest,
    sizeBytes: record.layers.reduce((sum, { size }) => sum + size, 0),
    sbom: store.stored(record.sbom).file,
    standIn: source.standIn,
  };

  async function make(): Promise<ImageRecord> {
    const layers: LayerRecord[] = [];
    let links: Links = new Map();
    for (const part of parts) {
      const layer = await layerOf(part, links, store, signal);
      layers.push(layer);
      links = new Map([...links, ...Object.entries(layer.links)]);
    }
    const documents = imageDocuments(source, layers, architecture, more);
    const manifest = store.write(documents.manifest);
    const made: ImageRecord = {
      manifest,
      config: store.write(documents.config),
      layers: layers.map(({ digest, size }) => ({ digest, size })),
      sbom: store.write(sbom({ reference, digest: manifest.digest, packages: layers.flatMap(({ packages }) => packages), standIn: source.standIn })),
    };
    store.writeImageRecord(key, made);
    return made;
  }
}

/**
 * The layers of an image, from the lowest up: what is shared by most images first, what changes most often last.
 *
 * @throws FaultError when a part cannot be had
 */
export async function partsOf(source: ImageSource, from: Ingredients): Promise<LayerPart[]> {
  const parts: LayerPart[] = [];
  if (source.bundle) parts.push(await from.node());
  if (source.debian?.length) parts.push(await from.debian(source.debian, source.without ?? []));
  for (const program of source.go ?? []) parts.push(await programPart(program, await from.program(program.program)));
  parts.push(ownPart(source, source.bundle ? await from.bundle(source.bundle) : undefined));
  return parts;
}

/** A layer out of the cache, or made. What is below decides where its paths lead, so that it belongs to the key. */
async function layerOf(part: LayerPart, below: Links, store: ImageStore, signal?: AbortSignal): Promise<LayerRecord> {
  const key = keyOf(FORMAT, part.key, [...below]);
  const cached = store.layer(key);
  if (cached) return cached;
  const { entries, packages } = await part.make();
  const arranged = arrange(entries, below);
  const record: LayerRecord = { ...await store.writeFrom(tar(arranged, signal)), links: Object.fromEntries(linksOf(arranged)), packages };
  store.writeLayerRecord(key, record);
  return record;
}
