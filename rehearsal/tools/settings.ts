import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { FaultError, show } from '../../base/faults';

/** What the environment of this process says about tools. */
export interface ToolSettings {
  /** Folder of the tool cache (`TIDELINE_CACHE`, else `$XDG_CACHE_HOME/tideline`, else `~/.cache/tideline`). Absolute. */
  readonly cacheRoot: string;
  /** Folders searched for programs (`PATH`), in order. */
  readonly path: readonly string[];
  /** Folder of kubebuilder's test binaries (`KUBEBUILDER_ASSETS`). @default - none */
  readonly kubebuilderAssets?: string;
  /** Environment handed to Go, without the values that would change what is built. */
  readonly goEnvironment: Readonly<Record<string, string>>;
}

/** A user's shell may set these for other projects; here they would build for another platform or from other sources. */
const NOT_FOR_GO = ['GOFLAGS', 'GOOS', 'GOARCH', 'GOWORK', 'GOEXPERIMENT', 'CGO_ENABLED', 'GO111MODULE'];

/**
 * Reads the settings of the tools once.
 *
 * @throws FaultError when `TIDELINE_CACHE` is not an absolute path.
 */
export function readToolSettings(environment: Readonly<Record<string, string | undefined>> = process.env): ToolSettings {
  const cache = environment.TIDELINE_CACHE;
  if (cache && !isAbsolute(cache)) {
    throw new FaultError('the tool cache cannot be found', [
      { where: 'TIDELINE_CACHE', got: show(cache), allowed: 'an absolute path', do: 'set TIDELINE_CACHE to an absolute path, or unset it' },
    ]);
  }
  const goEnvironment: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !NOT_FOR_GO.includes(name)) goEnvironment[name] = value;
  }
  const home = environment.HOME || homedir();
  return Object.freeze({
    cacheRoot: cache || join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'tideline'),
    path: (environment.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder)),
    kubebuilderAssets: environment.KUBEBUILDER_ASSETS || undefined,
    goEnvironment: Object.freeze(goEnvironment),
  });
}
