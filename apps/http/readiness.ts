import type { FastifyInstance } from 'fastify';
import type { Fault } from '../../base/faults';
import { errorBody } from '../../base/http';

/** Whether a service may be sent requests. */
export class Readiness {
  private stopping = false;

  /** @param check every reason not to be ready; throwing is one too */
  constructor(private readonly check: () => Promise<readonly Fault[]> | readonly Fault[]) {}

  /** From now on the service is not ready, whatever else is true. */
  stop(): void {
    this.stopping = true;
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  /** Why the service is not ready; empty if it is. */
  async faults(): Promise<readonly Fault[]> {
    if (this.stopping) return [{ where: 'service', got: 'it is stopping', allowed: 'a running service', do: 'ask another replica' }];
    try {
      return await this.check();
    } catch {
      return [{ where: 'service', got: 'its readiness check failed', allowed: 'a check that passes', do: 'read its log' }];
    }
  }
}

/** Answers the probes: alive while the process answers at all, ready while {@link Readiness} finds nothing. */
export function answerProbes(app: FastifyInstance, probes: { readonly liveness: string; readonly readiness: string }, readiness: Readiness): void {
  app.get(probes.liveness, () => ({ status: 'alive' }));
  app.get(probes.readiness, async (_request, reply) => {
    const faults = await readiness.faults();
    if (faults.length > 0) return reply.code(503).send(errorBody('not_ready', 'this replica should not be sent requests', faults));
    return { status: 'ready' };
  });
}
