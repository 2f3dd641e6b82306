import { FaultError } from '../../../base/faults';
import { inheritedEnvironment } from '../../settings';
import { CommandOptions, CommandResult, runCommand } from '../../tools/command';

/** How {@link Engine.run} works. */
export interface EngineOptions {
  /** What the command reads. @default - nothing */
  readonly input?: CommandOptions['input'];
  /** @default - none */
  readonly signal?: AbortSignal;
  /** Seconds after which the engine is taken for one that does not answer. @default 120 */
  readonly timeoutSeconds?: number;
}

/** What `docker inspect` says of a container, as far as it is read here. */
export interface ContainerState {
  readonly name: string;
  readonly running: boolean;
  /** Exit status of a container that does not run. */
  readonly exitCode: number;
  readonly outOfMemory: boolean;
}

/** The Docker engine, by its own client: whichever context, host or socket the user has chosen is the one that is used. */
export class Engine {
  /** @param command @default docker */
  constructor(readonly command = 'docker', readonly environment: Readonly<Record<string, string>> = inheritedEnvironment({ DOCKER_CLI_HINTS: 'false' })) {}

  /**
   * Runs one command of the client.
   *
   * @throws FaultError when there is no client, or no answer in time; the signal's reason when aborted
   */
  async run(args: readonly string[], options: EngineOptions = {}): Promise<CommandResult> {
    const { timeoutSeconds = 120 } = options;
    const late = AbortSignal.timeout(timeoutSeconds * 1000);
    try {
      return await runCommand(this.command, args, {
        cwd: '/',
        environment: this.environment,
        input: options.input,
        signal: options.signal ? AbortSignal.any([options.signal, late]) : late,
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      if (late.aborted) throw this.fault(args, `no answer within ${timeoutSeconds} s`, 'an engine that answers', 'see whether the machine or the engine is overloaded, and run again');
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        throw this.fault(args, 'no program of that name', 'the client of a Docker engine on the PATH', 'install Docker (https://docs.docker.com/engine/install/)');
      }
      throw error;
    }
  }

  /**
   * The same, and its output.
   *
   * @throws FaultError also when the command does not succeed, with its last words
   */
  async output(args: readonly string[], options: EngineOptions = {}): Promise<string> {
    const result = await this.run(args, options);
    if (result.status === 0) return result.stdout;
    throw this.failure(args, result);
  }

  /** Names of the containers that carry a label, those that are stopped too. */
  async containers(label: string): Promise<string[]> {
    return lines(await this.output(['ps', '--all', '--filter', `label=${label}`, '--format', '{{.Names}}'])).sort();
  }

  /** How containers are; one that does not exist is not in the answer. */
  async states(names: readonly string[], signal?: AbortSignal): Promise<ContainerState[]> {
    const format = '{{.Name}}\t{{.State.Running}}\t{{.State.ExitCode}}\t{{.State.OOMKilled}}';
    const { stdout, status, errorLines } = await this.run(['container', 'inspect', '--format', format, ...names], { signal, timeoutSeconds: 30 });
    if (status !== 0 && !errorLines.every((line) => /no such container/i.test(line))) throw this.failure(['container', 'inspect'], { status, stdout, errorLines });
    return lines(stdout).map((line) => {
      const [name = '', running, exitCode, outOfMemory] = line.split('\t');
      return { name: name.replace(/^\//, ''), running: running === 'true', exitCode: Number(exitCode), outOfMemory: outOfMemory === 'true' };
    });
  }

  /** What kind of thing went wrong, where the client's last words say so. */
  failure(args: readonly string[], result: CommandResult): FaultError {
    const said = result.errorLines.slice(-5).join(' / ') || `it ended with status ${result.status}`;
    if (/no space left on device/i.test(said)) {
      return this.fault(args, `no space left on the disk of the engine: ${said}`, 'room for images and the volumes of nodes', 'free some space (`docker system df` shows what takes it) and run again');
    }
    if (/cannot connect to the docker daemon|connection refused|error during connect|EOF$/i.test(said)) {
      return this.fault(args, said, 'a Docker engine that runs and that this user may use', 'start it, see `docker info`, and run again');
    }
    if (/permission denied/i.test(said) && /docker(\.sock|d)/i.test(said)) {
      return this.fault(args, said, 'a Docker engine that this user may use', 'add the user to the group `docker`, or use a rootless engine');
    }
    if (/unable to apply caps/i.test(said)) return missingCapability(said);
    return this.fault(args, said, 'a command of the engine that succeeds', 'see its own log');
  }

  private fault(args: readonly string[], got: string, allowed: string, todo: string): FaultError {
    return new FaultError('the Docker engine does not do what it is asked', [{ where: `docker ${args.slice(0, 2).join(' ')}`, got, allowed, do: todo }]);
  }
}

/** The engine asks for every capability, and this machine has one less. */
export function missingCapability(said: string): FaultError {
  return new FaultError('the Docker engine cannot start nodes', [{
    where: 'docker run --privileged',
    got: said,
    allowed: 'an engine that can start privileged containers',
    do: 'this machine lacks a capability, most often CAP_SYS_RESOURCE: give the engine a runtime that does not ask for it (docs/rehearsal.md, "A machine without CAP_SYS_RESOURCE")',
  }]);
}

/** Lines that hold something. */
export function lines(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}
