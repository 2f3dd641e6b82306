import { Agent, request } from 'node:http';
import type { Send } from './load-run';

/** Options of {@link httpTarget}. */
export interface HttpTargetOptions {
  /** Address of what is asked, plain HTTP: within the mesh it is the sidecar that encrypts. */
  readonly url: string;
  /** Seconds until a request counts as timed out. @default 10 */
  readonly timeoutSeconds?: number;
  /** Connections that may be open. @default 2000 */
  readonly maxConnections?: number;
  /** Requests after which a connection is closed, on average. @default 10 */
  readonly requestsPerConnection?: number;
}

/** Something that can be asked, and let go of. */
export interface Target {
  readonly send: Send;
  readonly close: () => void;
}

/**
 * Asks by GET over connections that are kept open for some requests, and reads each answer to its end. A status of 400 and above is a failure.
 *
 * Within a cluster connections are balanced, not requests: were they kept for ever, a replica that was started under load would never be asked.
 */
export function httpTarget({ url, timeoutSeconds = 10, maxConnections = 2000, requestsPerConnection = 10 }: HttpTargetOptions): Target {
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections, scheduling: 'fifo' }); // in turn, so that a balancer of connections sees all of them used
  let sent = 0;
  const send: Send = (signal) => new Promise((done) => {
    sent += 1;
    const last = sent % requestsPerConnection === 0;
    const asked = request(url, { agent, signal, ...(last ? { headers: { connection: 'close' } } : {}) }, (answer) => {
      answer.on('end', () => {
        clearTimeout(timer);
        done((answer.statusCode ?? 500) < 400 ? 'ok' : 'status');
      });
      answer.on('error', () => done(timedOut ? 'timeout' : 'connection'));
      answer.resume();
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      asked.destroy(new Error('timed out'));
    }, timeoutSeconds * 1000);
    asked.on('error', () => {
      clearTimeout(timer);
      done(timedOut ? 'timeout' : 'connection');
    });
    asked.end();
  });
  return { send, close: () => agent.destroy() };
}
