import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { FaultError } from '../base/faults';
import { freePorts, isPortTaken } from './control-plane/ports';
import { ManagedProcess, ProcessSet } from './control-plane/process-set';
import { BUNDLE_OPTIONS } from './images/bundle';

/** A service of ours, running as the process it is. */
export interface RunningService {
  readonly name: string;
  readonly url: string;
  /** Bearer token for everything but health and metrics; made for this run only. */
  readonly token: string;
  readonly process: ManagedProcess;
}

/** How to start one. */
export interface ServiceSpec {
  readonly name: string;
  /** Entry point below the project, e.g. `apps/cost/server.ts`. */
  readonly entry: string;
  /** Path that answers 2xx when it may be used. */
  readonly ready: string;
  /** Its settings, given its port and token. */
  readonly settings: (own: { readonly port: number; readonly token: string }) => Readonly<Record<string, string>>;
}

/** Services of ours, bundled as their images are and run on loopback; they end with the process that started them, however that ends. */
export class Services {
  private readonly set: ProcessSet;
  /** Those whose end was asked for. */
  private readonly endAsked = new Set<ManagedProcess>();

  /**
   * @param folder what they write goes here, their logs to `logs/`
   * @param onEnded told when a service that was ready ends without having been asked to, with how it ended
   */
  constructor(private readonly root: string, private readonly folder: string, private readonly onEnded: (name: string, ending: string) => void = () => undefined) {
    mkdirSync(folder, { recursive: true });
    this.set = new ProcessSet(folder);
  }

  /** Bundles entry points, as images hold them. */
  async bundle(specs: readonly Pick<ServiceSpec, 'name' | 'entry'>[]): Promise<void> {
    await build({
      entryPoints: specs.map((spec) => ({ in: join(this.root, spec.entry), out: spec.name })),
      ...BUNDLE_OPTIONS, outdir: join(this.folder, 'bin'), outExtension: { '.js': '.cjs' }, absWorkingDir: this.root,
    });
  }

  /**
   * Starts a bundled service and waits until it is ready.
   *
   * @throws FaultError naming the service, how it ended and its last words
   */
  async start(spec: ServiceSpec, options: { readonly timeoutSeconds?: number; readonly signal?: AbortSignal } = {}): Promise<RunningService> {
    const { timeoutSeconds = 30, signal } = options;
    const token = randomBytes(24).toString('base64url');
    for (let attempt = 1; ; attempt += 1) {
      const port = (await freePorts(1))[0]!;
      const managed = this.set.start({
        name: spec.name, command: process.execPath, args: [join(this.folder, 'bin', `${spec.name}.cjs`)], environment: spec.settings({ port, token }),
      });
      const url = `http://127.0.0.1:${port}`;
      for (let waited = 0; waited < timeoutSeconds * 1000 && managed.ending() === undefined; waited += 50) {
        if (signal?.aborted) {
          await this.set.stop(managed);
          signal.throwIfAborted();
        }
        if (await answers(`${url}${spec.ready}`)) {
          void managed.ended.then(() => { if (!this.endAsked.has(managed)) this.onEnded(spec.name, managed.ending() ?? 'ended'); });
          return { name: spec.name, url, token, process: managed };
        }
        await sleep(50);
      }
      const ending = managed.ending();
      const lastLines = managed.lastLines(6);
      await this.set.stop(managed);
      if (ending !== undefined && isPortTaken(lastLines) && attempt < 3) continue; // somebody took the port in between
      throw new FaultError(`the service ${spec.name} did not start`, [{
        where: `${spec.entry} (log: ${managed.logPath})`,
        got: `${ending ?? `no answer from ${spec.ready} within ${timeoutSeconds} s`}: ${lastLines.join(' | ') || 'it said nothing'}`,
        allowed: `2xx from ${spec.ready}`,
        do: 'read the log, and run the service alone with the settings of its contract.ts',
      }]);
    }
  }

  /** Ends one service with SIGTERM; its end is then no failure. */
  async stop(service: RunningService): Promise<void> {
    this.endAsked.add(service.process);
    await this.set.stop(service.process);
  }

  /** Ends all of them. */
  async stopAll(): Promise<void> {
    for (const each of this.set.running()) this.endAsked.add(each);
    await this.set.stopAll();
  }
}

async function answers(address: string): Promise<boolean> {
  try {
    return (await fetch(address, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false; // it does not listen yet
  }
}
