import { resolve } from 'node:path';
import { arch } from 'node:os';
import { Fault, FaultError } from '../../base/faults';
import { ensureTools, Progress, ProgramName, PROGRAMS, ProgramSpec, Toolbox, ToolSettings } from '../tools';
import { Go, MINIMUM_GO } from '../tools/go';
import { goFailed } from '../tools/tool-faults';
import type { Ingredients } from './build';
import { bundle } from './bundle';
import { DebianPackage, debianRoot } from './debian';
import type { PackageInside } from './layer';
import { nodeRuntime } from './node-runtime';
import type { Architecture } from './oci-image';
import { parseGoModules } from './sbom';

/** What {@link ingredientsOf} needs to know. */
export interface IngredientsOptions {
  readonly settings: ToolSettings;
  /** Programs that will be asked for: those of a group are compiled together. @default - each alone */
  readonly programs?: readonly ProgramName[];
  /** Folder of the repository. @default - this one */
  readonly root?: string;
  readonly signal?: AbortSignal;
  /** Told how far the compilation of a program has come. @default - nothing is told */
  readonly onProgram?: (progress: Progress) => void;
  /** Told what is fetched for a root file system. @default - nothing is told */
  readonly onDetail?: (detail: string) => void;
}

/** The architecture of this machine, which is that of the nodes on it. @throws FaultError when images cannot be built for it */
export function architectureHere(): Architecture {
  const name = arch();
  if (name === 'x64') return 'amd64';
  if (name === 'arm64') return 'arm64';
  throw new FaultError('images cannot be built', [{ where: 'processor', got: name, allowed: 'x64 or arm64', do: 'use --images pull' }]);
}

/** Parts of images as this machine can make them: Go programs of `tools/`, packages of Debian, bundles of this repository. What several images want is asked for once. */
export function ingredientsOf({ settings, programs = [], root = resolve(__dirname, '..', '..'), signal, onProgram, onDetail }: IngredientsOptions): Ingredients {
  const architecture = architectureHere();
  const debianOptions = { cacheRoot: settings.cacheRoot, architecture, signal, onProgress: onDetail };
  const toolboxes = new Map<string, Promise<Toolbox>>();
  const toolbox = ({ name, group }: ProgramSpec) => {
    const together = PROGRAMS.filter((other) => other.group === group && (other.name === name || programs.includes(other.name))).map((other) => other.name);
    return once(toolboxes, together.join(), () => ensureTools({ programs: together, onlyPinned: true, settings, signal, onProgress: onProgram }));
  };
  const bundles = new Map<string, ReturnType<typeof bundle>>();
  let go: Promise<Go> | undefined;
  let node: ReturnType<typeof nodeRuntime> | undefined;
  return {
    architecture,
    program: async (name) => {
      const known = PROGRAMS.find((program) => program.name === name);
      if (!known) throw new FaultError('an image cannot be built', [unknown(name)]);
      const path = (await toolbox(known)).path(known.name);
      return {
        path,
        modules: async () => {
          const listed = await (await (go ??= Go.find(settings, MINIMUM_GO))).run(['version', '-m', path], { cwd: '/', signal });
          if (listed.status !== 0) throw new FaultError('the parts of a program cannot be listed', [goFailed(`go version -m ${path}`, listed.errorLines)]);
          return parseGoModules(listed.stdout);
        },
      };
    },
    debian: async (packages, without) => {
      const made = await debianRoot(packages, { ...debianOptions, without });
      return { key: made.key, make: async () => ({ entries: made.entries, packages: made.packages.map(asPart) }) };
    },
    node: async () => {
      const made = await (node ??= nodeRuntime(debianOptions));
      const release: PackageInside = { type: 'generic', name: 'node', version: made.version, licence: 'MIT' };
      return { key: made.key, make: async () => ({ entries: made.entries, packages: [release, ...made.packages.map(asPart)] }) };
    },
    bundle: (entry) => once(bundles, entry, () => bundle(root, entry)),
  };
}

function asPart({ name, version, licence }: DebianPackage): PackageInside {
  return { type: 'deb', name, version, licence };
}

function once<K, V>(made: Map<K, V>, key: K, make: () => V): V {
  if (!made.has(key)) made.set(key, make());
  return made.get(key)!;
}

function unknown(name: string): Fault {
  return { where: `program ${name}`, got: 'no such program', allowed: `one of ${PROGRAMS.map((program) => program.name).join(', ')}`, do: 'name it in rehearsal/tools/catalogue.ts, or mend the image\'s source' };
}
