import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../../../base/faults';
import { freePorts, isPortTaken } from '../../control-plane/ports';
import type { ManagedProcess, ProcessSet } from '../../control-plane/process-set';
import type { Forward } from './contract';

/** Where and as whom kubectl speaks to the cluster. */
export interface ForwardOptions {
  readonly kubectl: string;
  readonly kubeconfigPath: string;
  readonly namespace: string;
  /** `svc/name` or `pod/name`. */
  readonly target: string;
  readonly port: number;
}

/** How long a forward may take to be there, and a pod to come back behind it. */
const READY_MS = 60_000;
const PAUSE_MS = 250;

/**
 * Opens a way to a Service or pod. It is opened again, at the same port of this machine, when the pod behind it ends.
 *
 * @throws FaultError when it does not come about in a minute, with kubectl's last words
 */
export async function openForward(processes: ProcessSet, options: ForwardOptions): Promise<Forward> {
  const [port] = await freePorts(1) as [number];
  const name = `forward-${options.namespace}-${options.target.replace('/', '-')}-${options.port}`;
  let closed = false;
  const start = () => processes.start({
    name,
    command: options.kubectl,
    args: ['--kubeconfig', options.kubeconfigPath, 'port-forward', '--namespace', options.namespace, '--address', '127.0.0.1', options.target, `${port}:${options.port}`],
  });
  let current = start();
  const deadline = performance.now() + READY_MS;
  while (!isOpen(current)) {
    if (current.ending() !== undefined) {
      if (isPortTaken(current.lastLines())) return openForward(processes, options);
      if (performance.now() > deadline) throw notOpened(current, options);
      await sleep(PAUSE_MS);
      current = start();
    }
    await sleep(50);
  }
  void (async () => {
    while (!closed) {
      await current.ended;
      await sleep(PAUSE_MS);
      if (!closed) current = start();
    }
  })();
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      closed = true;
      await processes.stop(current);
    },
  };
}

function isOpen(process: ManagedProcess): boolean {
  return process.ending() === undefined && process.lastLines(20).some((line) => line.startsWith('Forwarding from 127.0.0.1'));
}

function notOpened(process: ManagedProcess, { namespace, target, port }: ForwardOptions): FaultError {
  return new FaultError('a way into the cluster does not open', [{
    where: `${target} in ${namespace}, port ${port}`,
    got: process.lastLines().join(' / ') || (process.ending() ?? 'nothing'),
    allowed: 'a Service with a pod that is ready',
    do: `look at its pods and events, and at ${process.logPath}`,
  }]);
}
