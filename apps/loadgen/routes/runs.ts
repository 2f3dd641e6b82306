import { Static, Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { HttpFault } from '../../http/errors';
import type { LoadReport, LoadRun } from '../load-run';
import { LIMITS, Shape, shapeFaults } from '../shape';

const Rate = Type.Number({ minimum: 0, maximum: LIMITS.ratePerSecond });
const Seconds = Type.Number({ exclusiveMinimum: 0, maximum: LIMITS.seconds });
const closed = { additionalProperties: false };
const Body = Type.Object({
  shape: Type.Union([
    Type.Object({ kind: Type.Literal('steady'), ratePerSecond: Rate, seconds: Seconds }, closed),
    Type.Object({ kind: Type.Literal('ramp'), fromPerSecond: Rate, toPerSecond: Rate, seconds: Seconds }, closed),
    Type.Object({ kind: Type.Literal('burst'), ratePerSecond: Rate, burstPerSecond: Rate, burstAtSeconds: Type.Number({ minimum: 0 }), burstSeconds: Seconds, seconds: Seconds }, closed),
    Type.Object({
      kind: Type.Literal('trace'), ratesPerSecond: Type.Array(Type.Union([Type.Number({ minimum: 0 }), Type.Null()]), { minItems: 1, maxItems: LIMITS.steps }),
      stepSeconds: Seconds, compression: Type.Optional(Type.Number({ exclusiveMinimum: 0 })), scale: Type.Optional(Type.Number({ minimum: 0 })),
    }, closed),
  ]),
  spacing: Type.Optional(Type.Union([Type.Literal('even'), Type.Literal('poisson')])),
  /** Requests of the same seed and shape come at the same times. */
  seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, default: 1 }),
  intervalSeconds: Type.Optional(Type.Number({ minimum: 0.1, maximum: 86_400 })),
}, closed);

/** The one run there is. */
export interface Runs {
  readonly current: () => LoadRun | undefined;
  readonly start: (asked: { readonly shape: Shape; readonly spacing?: 'even' | 'poisson'; readonly seed: number; readonly intervalSeconds?: number }) => LoadRun;
}

/** `POST /run` starts, `GET /run` reports, `DELETE /run` stops. There is one run at a time: two would share what they measure. */
export function runRoutes(app: FastifyInstance, runs: Runs): void {
  const existing = (): LoadRun => {
    const run = runs.current();
    if (!run) throw new HttpFault(404, 'no_run', 'nothing was started yet', [{ where: 'run', got: 'none', allowed: 'a run that was started', do: 'POST /run' }]);
    return run;
  };

  app.post<{ Body: Static<typeof Body> }>('/run', { schema: { body: Body } }, (request, reply) => {
    if (runs.current()?.report().state === 'running') {
      throw new HttpFault(409, 'run_exists', 'a run is under way', [{ where: 'run', got: 'one that is running', allowed: 'one run at a time', do: 'wait for it, or DELETE /run' }]);
    }
    const faults = shapeFaults(request.body.shape);
    if (faults.length > 0) throw new HttpFault(422, 'unusable_shape', 'the shape cannot be sent', faults);
    return reply.code(201).send(runs.start(request.body).report());
  });
  app.get('/run', (): LoadReport => existing().report());
  app.delete('/run', async (): Promise<LoadReport> => {
    const run = existing();
    run.stop();
    return run.done;
  });
}
