import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, BuildFailure, BuildOptions, Message } from 'esbuild';
import { Fault, FaultError } from '../../base/faults';
import type { PackageInside } from './layer';

/** A service in one file. */
export interface Bundle {
  /** JavaScript that Node.js runs alone, without `node_modules`. */
  readonly code: Buffer;
  /** npm packages that are in it, by name and version. */
  readonly packages: readonly PackageInside[];
}

/** How every bundle of this repository is made: those of images, and those that a rehearsal runs as processes. */
export const BUNDLE_OPTIONS = {
  bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'silent', legalComments: 'eof',
} as const satisfies BuildOptions;

/**
 * Bundles an entry point. Equal sources give equal bytes, wherever the repository is.
 *
 * @param root folder of the repository
 * @param entry below it, e.g. `apps/cost/server.ts`
 * @throws FaultError with a line of the source for each error, at most six
 */
export async function bundle(root: string, entry: string): Promise<Bundle> {
  try {
    const { outputFiles, metafile } = await build({ ...BUNDLE_OPTIONS, absWorkingDir: root, entryPoints: [join(root, entry)], write: false, metafile: true });
    return { code: Buffer.from(outputFiles[0]!.contents), packages: packagesOf(root, Object.keys(metafile.inputs)) };
  } catch (error) {
    throw asFault(entry, error);
  }
}

/** The npm packages that files belong to, sorted. */
export function packagesOf(root: string, inputs: readonly string[]): PackageInside[] {
  const folders = new Set(inputs.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter((folder) => folder !== undefined));
  const packages = [...folders].map((folder): PackageInside => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name: string; version: string; license?: unknown };
    return { type: 'npm', name, version, licence: typeof license === 'string' ? license : undefined };
  });
  const unique = new Map(packages.map((each) => [`${each.name}@${each.version}`, each]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

function asFault(entry: string, error: unknown): unknown {
  const errors = (error as Partial<BuildFailure>).errors;
  if (!Array.isArray(errors)) return error;
  return new FaultError(`${entry} cannot be bundled`, errors.slice(0, 6).map((each: Message): Fault => ({
    where: each.location ? `${each.location.file}:${each.location.line}` : entry,
    got: each.text,
    allowed: 'sources that esbuild can bundle',
    do: 'mend that line (npx projen test finds what does not compile); after a new dependency run npm ci',
  })));
}
