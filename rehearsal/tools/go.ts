import { totalmem } from 'node:os';
import { FaultError } from '../../base/faults';
import { CommandOptions, CommandResult, runCommand } from './command';
import { goFailed, goMissing, goTooOld } from './tool-faults';
import { findOnPath } from './search';
import type { ToolSettings } from './settings';
import { compareVersions, goVersionOf } from './version';

/** The oldest Go that can fetch the toolchain a go.mod asks for and knows `tool` directives. */
export const MINIMUM_GO = '1.24';

/** Compilers are short-lived: collecting garbage less often saves a tenth of the time, where there is memory for it. */
export function compilerEnvironment(memoryBytes: number = totalmem()): Readonly<Record<string, string>> {
  return memoryBytes > 6e9 ? { GOGC: '400' } : {};
}

/** The Go of this machine. */
export class Go {
  private constructor(
    readonly path: string,
    /** Version installed; Go itself may fetch a later one that a go.mod asks for. */
    readonly version: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /**
   * Finds Go on PATH and checks that it can build what asks for `needed`.
   *
   * @param needed the version in the `go` line of the module to be built
   * @throws FaultError when there is none, or it is too old
   */
  static async find(settings: ToolSettings, needed: string): Promise<Go> {
    const path = findOnPath('go', settings.path);
    if (!path) throw new FaultError('the tools cannot be built', [goMissing()]);
    const environment = {
      ...compilerEnvironment(),
      ...settings.goEnvironment,
      CGO_ENABLED: '0', // pure Go: no C compiler needed, the same result everywhere
      GOFLAGS: '-mod=readonly',
      GOWORK: 'off',
    };
    const cwd = '/'; // outside any module, where Go answers for itself and fetches nothing
    const asked = await runCommand(path, ['version'], { cwd, environment: { ...environment, GOTOOLCHAIN: 'local' } });
    const version = goVersionOf(asked.stdout);
    if (asked.status !== 0 || !version) throw new FaultError('the tools cannot be built', [goFailed('go version', asked.errorLines)]);
    if (compareVersions(version, MINIMUM_GO) < 0) throw new FaultError('the tools cannot be built', [goTooOld(path, version, MINIMUM_GO)]);
    if (compareVersions(version, needed) < 0) {
      const choice = await runCommand(path, ['env', 'GOTOOLCHAIN'], { cwd, environment });
      if (/^(?:local|path)\b/.test(choice.stdout.trim())) throw new FaultError('the tools cannot be built', [goTooOld(path, version, needed)]);
    }
    return new Go(path, version, environment);
  }

  /** Runs a go command to its end; a status other than 0 is left to the caller. */
  run(args: readonly string[], options: Omit<CommandOptions, 'environment'>): Promise<CommandResult> {
    return runCommand(this.path, args, { ...options, environment: this.environment });
  }

  /** Where Go keeps what it compiled and what it fetched. */
  async folders(cwd: string): Promise<{ readonly GOCACHE: string; readonly GOMODCACHE: string }> {
    const result = await this.run(['env', '-json', 'GOCACHE', 'GOMODCACHE'], { cwd });
    if (result.status !== 0) throw new FaultError('the tools cannot be built', [goFailed('go env', result.errorLines)]);
    return JSON.parse(result.stdout) as { GOCACHE: string; GOMODCACHE: string };
  }
}
