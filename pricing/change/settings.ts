import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { FaultError, show } from '../../base/faults';

/**
 * Folder in which syntheses are kept: below `TIDELINE_CACHE`, else `$XDG_CACHE_HOME/tideline`, else `~/.cache/tideline`, as every cache of ours.
 *
 * @throws FaultError when `TIDELINE_CACHE` is not an absolute path
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const cache = environment.TIDELINE_CACHE;
  if (cache && !isAbsolute(cache)) {
    throw new FaultError('the cache cannot be found', [{ where: 'TIDELINE_CACHE', got: show(cache), allowed: 'an absolute path', do: 'set TIDELINE_CACHE to an absolute path, or unset it' }]);
  }
  return join(cache || join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache'), 'tideline'), 'price');
}

/** The environment a synthesis runs in: this process's own, with what says where to write. Nothing of a repository that git itself is in the middle of. */
export function synthesisEnvironment(out: string, environment: Readonly<Record<string, string | undefined>> = process.env): Record<string, string> {
  return { ...withoutGit(environment), CDKTF_OUTDIR: out, CHECKPOINT_DISABLE: '1' };
}

/** The environment git runs in: a hook's variables would point it at another repository, and its messages are read, so they are English. */
export function gitEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env): Record<string, string> {
  return { ...withoutGit(environment), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
}

function withoutGit(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && !['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_OBJECT_DIRECTORY'].includes(entry[0])));
}
