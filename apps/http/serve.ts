import type { FastifyInstance } from 'fastify';
import { FaultError } from '../../base/faults';
import { stopOnSignals } from '../../base/graceful-stop';
import type { Readiness } from './readiness';

/** A built service that can be listened to. */
export interface Service {
  readonly app: FastifyInstance;
  readonly readiness: Readiness;
  /** Lets go of what the service holds, after the last request was answered. */
  readonly release: () => Promise<void>;
}

/** How a service is run. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** Seconds between saying "not ready" and closing, in which balancers stop sending requests. @default 0 */
  readonly drainSeconds?: number;
}

/**
 * Listens until a signal comes. Then, in this order: not ready, drained, closed (requests under way are finished), released.
 *
 * @throws FaultError if it cannot listen; what was built is released first
 */
export async function serve(service: Service, options: ServeOptions): Promise<void> {
  const { app, readiness, release } = service;
  const drainMs = (options.drainSeconds ?? 0) * 1000;
  stopOnSignals(process, {
    graceMs: 15_000 + drainMs,
    log: (message, error) => (error === undefined ? app.log.info(message) : app.log.error({ err: error }, message)),
    stop: async () => {
      readiness.stop();
      await new Promise((done) => setTimeout(done, drainMs));
      await app.close();
      await release();
    },
  });
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    await release();
    throw listenFault(error, options);
  }
}

/** Runs a program's main function: what is wrong goes to standard error as faults, and the exit code is 1. */
export function run(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof FaultError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
    // Whatever still holds the process must not: a service that failed to start has to be seen as ended.
    setTimeout(() => process.exit(1), 1000).unref();
  });
}

function listenFault(error: unknown, { host, port }: ServeOptions): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL' && code !== 'ENOTFOUND') return error;
  const got = { EADDRINUSE: 'the port is taken', EACCES: 'this user may not use the port', EADDRNOTAVAIL: 'this machine has no such address', ENOTFOUND: 'no such host' }[code];
  return new FaultError('the service cannot listen', [{ where: `${host}:${port}`, got: `${got} (${code})`, allowed: 'a free port above 1023 on an address of this machine', do: 'stop what uses it, or set another host and port' }]);
}
