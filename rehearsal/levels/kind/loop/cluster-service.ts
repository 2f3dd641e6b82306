import { setTimeout as sleep } from 'node:timers/promises';
import { FaultError } from '../../../../base/faults';
import type { Forward, KindCluster } from '../contract';

/** Longest that one answer may take, milliseconds. */
const TIMEOUT_MS = 15_000;
/** A way into the cluster breaks when the pod behind it ends, and is opened again: so often is tried, with a pause between. */
const ATTEMPTS = 5;
const PAUSE_MS = 400;

/** One request. */
export interface Call {
  /** @default GET */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as JSON. @default - nothing */
  readonly body?: unknown;
  /** Sent as a form. @default - nothing */
  readonly form?: Readonly<Record<string, string>>;
  /** Whether to ask again when the connection breaks: not for what must not happen twice. @default true */
  readonly again?: boolean;
  /** @default - none */
  readonly signal?: AbortSignal;
}

/** A service of the cluster as this machine reaches it. */
export class ClusterService {
  private constructor(readonly name: string, private readonly forward: Forward, readonly token: string) {}

  /** Opens a way to a Service. @param token bearer token that it wants; empty for none */
  static async open(cluster: Pick<KindCluster, 'forward'>, o: { readonly namespace: string; readonly name: string; readonly port: number; readonly token?: string }): Promise<ClusterService> {
    return new ClusterService(o.name, await cluster.forward(o.namespace, `svc/${o.name}`, o.port), o.token ?? '');
  }

  get url(): string {
    return this.forward.url;
  }

  close(): Promise<void> {
    return this.forward.close();
  }

  /** @throws FaultError with what it answered, if that was no success or nothing at all */
  async text(path: string, call: Call = {}): Promise<string> {
    const { method = 'GET', body, form, again = true, signal } = call;
    const attempts = again ? ATTEMPTS : 1;
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      let answer: Response;
      let text: string;
      try {
        const timeout = AbortSignal.timeout(TIMEOUT_MS);
        answer = await fetch(`${this.url}${path}`, {
          method,
          headers: { ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          body: form ? new URLSearchParams(form) : body === undefined ? undefined : JSON.stringify(body),
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        });
        text = await answer.text();
      } catch (error) {
        signal?.throwIfAborted();
        if (attempt >= attempts) throw this.fault(`${method} ${path}`, String((error as Error & { cause?: unknown }).cause ?? error));
        await sleep(PAUSE_MS * attempt, undefined, { signal });
        continue;
      }
      if (!answer.ok) throw this.fault(`${method} ${path}`, `${answer.status} ${text.slice(0, 400)}`);
      return text;
    }
  }

  /** The same, as JSON. */
  async json<T>(path: string, call: Call = {}): Promise<T> {
    return JSON.parse(await this.text(path, call)) as T;
  }

  private fault(where: string, got: string): FaultError {
    return new FaultError(`the service ${this.name} of the cluster does not do its part`, [{
      where: `${this.name}: ${where}`, got, allowed: 'an answer of success', do: `look at the logs of its pods: kubectl --namespace ... logs -l app.kubernetes.io/name=${this.name}`,
    }]);
  }
}
