import { stat } from 'node:fs/promises';
import type { GoProgramSource, ImageSource } from '../../config';
import type { Bundle } from './bundle';
import { refuseUnlessStatic } from './elf';
import { directory, file, LayerEntry, PackageInside, symlink } from './layer';
import { BUNDLE_PATH, NOBODY } from './oci-image';
import { keyOf } from './store';

/** What a layer holds. */
export interface LayerContent {
  readonly entries: readonly LayerEntry[];
  readonly packages: readonly PackageInside[];
}

/** A layer to be: its key says all that decides about its content, which is made only where the cache does not have it. */
export interface LayerPart {
  readonly key: string;
  readonly make: () => Promise<LayerContent>;
}

/** A program that is ready to be put into an image. */
export interface LinuxProgram {
  /** On disk. */
  readonly path: string;
  /** Modules that it was built from. */
  readonly modules: () => Promise<readonly PackageInside[]>;
}

/**
 * A layer of one program. Its key takes size and time of the file, because hashing hundreds of megabytes at every run would cost seconds; files of the tool cache never change in place.
 *
 * @throws FaultError when it cannot run in an image that holds nothing else
 */
export async function programPart(source: GoProgramSource, program: LinuxProgram): Promise<LayerPart> {
  await refuseUnlessStatic(program.path, source.program);
  const { size, mtimeMs } = await stat(program.path);
  return {
    key: keyOf('program', source, program.path, size, mtimeMs),
    make: async () => ({ entries: [file(source.path, { file: program.path }, 0o755)], packages: await program.modules() }),
  };
}

/** The layer that is the image's own: users, a folder for temporary files, the bundle, and the files, links and folders that its source names. */
export function ownPart(source: ImageSource, bundle: Bundle | undefined): LayerPart {
  const [uid, gid] = (source.user ?? NOBODY).split(':').map(Number) as [number, number];
  const given = source.files ?? {};
  const basics = Object.entries({ '/etc/passwd': passwd(uid, gid), '/etc/group': group(gid) }).filter(([path]) => given[path] === undefined);
  const entries: LayerEntry[] = [
    directory('tmp', 0o1777),
    ...basics.map(([path, content]) => file(path, Buffer.from(content))),
    ...Object.entries(given).map(([path, { content, executable }]) => file(path, Buffer.from(content), executable ? 0o755 : 0o644)),
    ...Object.entries(source.links ?? {}).map(([path, target]) => symlink(path, target)),
    ...(source.writable ?? []).map((path) => ({ ...directory(path), uid, gid })),
    ...(bundle ? [file(BUNDLE_PATH, bundle.code)] : []),
  ];
  const key = keyOf('own', entries.map(({ content, ...entry }) => [entry, content instanceof Buffer ? content.toString('base64') : undefined]));
  return { key, make: async () => ({ entries, packages: bundle?.packages ?? [] }) };
}

function passwd(uid: number, gid: number): string {
  const own = uid === 0 ? [] : [`${userName(uid)}:x:${uid}:${gid}::/:/sbin/nologin`];
  return ['root:x:0:0:root:/root:/sbin/nologin', ...own, ''].join('\n');
}

function group(gid: number): string {
  return ['root:x:0:', ...(gid === 0 ? [] : [`${userName(gid)}:x:${gid}:`]), ''].join('\n');
}

const userName = (id: number) => (id === 65532 ? 'nonroot' : `user${id}`);
