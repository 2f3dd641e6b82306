import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { FaultError, show } from '../../base/faults';

/** What the environment says about `--compare`. */
export interface CompareSettings {
  /** Folder of everything that can be made again (`TIDELINE_CACHE`, else `$XDG_CACHE_HOME/tideline`, else `~/.cache/tideline`). Absolute. */
  readonly cacheRoot: string;
  /** The Python that makes the virtual environment (`TIDELINE_PYTHON`, else `python3`). */
  readonly python: string;
}

/**
 * Reads the settings once.
 *
 * @throws FaultError when `TIDELINE_CACHE` is not an absolute path
 */
export function readCompareSettings(environment: Readonly<Record<string, string | undefined>> = process.env): CompareSettings {
  const cache = environment.TIDELINE_CACHE;
  if (cache && !isAbsolute(cache)) {
    throw new FaultError('the cache cannot be found', [
      { where: 'TIDELINE_CACHE', got: show(cache), allowed: 'an absolute path', do: 'set TIDELINE_CACHE to an absolute path, or unset it' },
    ]);
  }
  return {
    cacheRoot: cache || join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache'), 'tideline'),
    python: environment.TIDELINE_PYTHON || 'python3',
  };
}
