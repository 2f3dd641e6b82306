import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../../../base/faults';
import type { ProcessSet } from '../../control-plane/process-set';
import type { Engine } from './engine';
import { CLUSTER_LABEL } from './removal';

const POLL_MS = 1_000;

/** A watch over nodes. */
export interface NodeWatch {
  /** Rejects with a FaultError when a node ends or the engine does not answer any more; never resolves. */
  readonly failed: Promise<never>;
  /** From now on the end of a node is no failure. */
  stop(): void;
}

/** Watches over the nodes of a cluster. @param processes what the watch runs is stopped with them */
export function watchNodes(engine: Engine, processes: ProcessSet, name: string, nodes: readonly string[]): NodeWatch {
  // The engine's own stream of events: it says at once what a look now and then would say late, and it ends with the engine.
  const events = processes.start({
    name: 'engine-events',
    command: engine.command,
    args: ['events', '--filter', `label=${CLUSTER_LABEL}=${name}`, '--filter', 'event=die', '--format', '{{.Actor.Attributes.name}}'],
    environment: engine.environment,
  });
  let stopped = false;
  const failed = (async (): Promise<never> => {
    while (events.ending() === undefined && !events.lastLines().some((line) => nodes.includes(line))) {
      await Promise.race([events.ended, sleep(POLL_MS, undefined, { ref: false })]);
    }
    if (stopped) return new Promise<never>(() => undefined);
    throw await whatHappened(engine, nodes);
  })();
  failed.catch(() => undefined); // whoever cares races it; nobody has to
  return { failed, stop: () => (stopped = true) };
}

async function whatHappened(engine: Engine, nodes: readonly string[]): Promise<FaultError> {
  try {
    const states = await engine.states(nodes);
    const faults = nodes.flatMap((node) => {
      const state = states.find((each) => each.name === node);
      if (state?.running) return [];
      const how = state === undefined ? 'it is gone' : state.outOfMemory ? 'it ran out of memory' : `it ended with status ${state.exitCode}${state.exitCode === 137 ? ' (killed)' : ''}`;
      return [{ where: `node ${node}`, got: how, allowed: 'nodes that run until the rehearsal has ended', do: 'see who stopped it (`docker events`, memory of the machine), and run again' }];
    });
    if (faults.length > 0) return new FaultError('a node of the cluster ended', faults);
    return new FaultError('a node of the cluster ended', [{ where: `nodes ${nodes.join(', ')}`, got: 'a node that ended and was started again by the engine', allowed: 'nodes that run until the rehearsal has ended', do: 'see who stopped it, and run again' }]);
  } catch (error) {
    return error instanceof FaultError
      ? new FaultError('the Docker engine stopped in the middle of the rehearsal', error.faults)
      : new FaultError('the Docker engine stopped in the middle of the rehearsal', [{ where: 'docker', got: (error as Error).message, allowed: 'an engine that runs', do: 'start it and run again' }]);
  }
}
