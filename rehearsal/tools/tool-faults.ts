import type { Fault } from '../../base/faults';

/** Lines of a failed build that a reader is shown. */
const SHOWN_LINES = 12;

/** No Go on this machine. */
export function goMissing(): Fault {
  return {
    where: 'go',
    got: 'no Go on PATH',
    allowed: 'Go 1.24 or later, or the programs themselves on PATH or in KUBEBUILDER_ASSETS',
    do: 'install Go (Debian: apt install golang from backports; macOS: brew install go), or run with --level simulate',
  };
}

/** A Go that cannot build the tools. */
export function goTooOld(path: string, version: string, needed: string): Fault {
  return {
    where: path,
    got: `Go ${version}`,
    allowed: `Go ${needed} or later (from 1.24 on Go fetches the toolchain it needs, unless GOTOOLCHAIN forbids it)`,
    do: 'install a later Go or unset GOTOOLCHAIN; or run with --level simulate',
  };
}

/** Too little room for what is about to be written. Sizes in bytes. */
export function diskFull(folder: string, free: number, needed: number): Fault {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return {
    where: folder,
    got: `${gigabytes(free)} free`,
    allowed: `at least ${gigabytes(needed)}`,
    do: 'free some space, or move the cache with TIDELINE_CACHE (and Go\'s own with GOCACHE and GOMODCACHE); nothing half-built was left',
  };
}

/**
 * Reads what went wrong from the last lines of a failed go command.
 *
 * @param command what was run, as a reader would name it
 */
export function goFailed(command: string, errorLines: readonly string[]): Fault {
  const text = errorLines.join('\n');
  const last = errorLines.filter((line) => line.trim() !== '').slice(-SHOWN_LINES);
  const shown = last.length > 0 ? last.map((line) => `\n    ${line}`).join('') : 'it said nothing';
  if (/no space left on device|disk quota exceeded/i.test(text)) {
    return {
      where: command,
      got: 'no space left on the disk',
      allowed: 'about 8 GB free for a first build of the control plane, 20 GB for that of all programs',
      do: 'free some space and run again: what was compiled is kept, nothing half-built was left',
    };
  }
  if (/go: .*requires go >= |toolchain not available/.test(text)) {
    return { where: command, got: last.at(-1) ?? '', allowed: 'a Go that can build the pinned programs', do: 'install a later Go, or unset GOTOOLCHAIN' };
  }
  if (/SECURITY ERROR|checksum mismatch|verifying .*: /.test(text)) {
    return {
      where: command,
      got: `a module that is not the pinned one: ${shown}`,
      allowed: 'modules whose hashes are in tools/go.sum',
      do: 'empty the module cache (go clean -modcache) and run again; if it persists, do not trust the module proxy',
    };
  }
  const unreachable = /dial tcp|no such host|connection refused|i\/o timeout|TLS handshake timeout|network is unreachable|module lookup disabled|EOF$|proxyconnect|server misbehaving/im;
  if (unreachable.test(text) || /reading https?:.*: (?:404|410|403|5\d\d)/i.test(text)) {
    return {
      where: command,
      got: `the module proxy did not answer: ${shown}`,
      allowed: 'a Go module proxy that can be reached',
      do: 'check the network and `go env GOPROXY`, then run again (what was fetched is kept); or run with --level simulate',
    };
  }
  if (/signal: killed/.test(text)) {
    return { where: command, got: `the compiler was killed: ${shown}`, allowed: 'about 2 GB of free memory', do: 'close other programs and run again: what was compiled is kept' };
  }
  return {
    where: command,
    got: `it failed: ${shown}`,
    allowed: 'a build that succeeds',
    do: 'read the lines above; run again with --level simulate to go on without it',
  };
}
