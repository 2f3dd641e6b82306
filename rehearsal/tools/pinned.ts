import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf, ProgramName } from './catalogue';
import { buildFlags, groupOf, GROUPS, ModuleFolder, pinsOf, Pins, releaseOf } from './groups';

/** What decides what a build gives. */
export interface BuildInput {
  /** Texts of go.mod and go.sum. */
  readonly texts: readonly string[];
  /** Everything on the command line of the builds. */
  readonly flags: readonly string[];
  /** `linux-x64`. */
  readonly platform: string;
}

/** Equal input, equal key. */
export function keyOf(input: BuildInput): string {
  const hash = createHash('sha256');
  for (const part of [...input.texts, ...input.flags, input.platform]) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}

/** What one go.mod pins. */
export interface PinnedModule {
  /** Names its folder in the cache: another version of anything in this go.mod, other flags or another platform give another key. */
  readonly key: string;
  readonly pins: Pins;
  /** Its `go` line. */
  readonly goVersion: string;
}

/** What a `tools/` folder pins. Each go.mod is read when it is asked for, and once. */
export class Pinned {
  private readonly modules = new Map<ModuleFolder, PinnedModule>();

  /** @param platform `linux-x64` */
  constructor(readonly toolsFolder: string, private readonly platform: string) {}

  module(folder: ModuleFolder): PinnedModule {
    const known = this.modules.get(folder);
    if (known) return known;
    const [goMod, goSum] = ['go.mod', 'go.sum'].map((name) => readFileSync(join(this.toolsFolder, folder, name), 'utf8')) as [string, string];
    const pins = pinsOf(goMod);
    const flags = GROUPS.filter((group) => group.folder === folder).flatMap((group) => [group.name, ...buildFlags(group, pins)]);
    const key = keyOf({ texts: [goMod, goSum], flags, platform: this.platform });
    const module: PinnedModule = { key, pins, goVersion: /^go (\S+)$/m.exec(goMod)?.[1] ?? '' };
    this.modules.set(folder, module);
    return module;
  }

  /** Version of a program's release, without a `v`. */
  versionOf(name: ProgramName): string {
    const { module, group } = programOf(name);
    return releaseOf(module, this.module(groupOf(group).folder).pins.get(module) ?? '');
  }
}
