import { Agent, request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { show } from '../../base/faults';

/** How the API server is reached and by whom. PEM texts. */
export interface Credentials {
  readonly url: string;
  readonly caCertPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** An answer of the API server that is not a success. */
export class KubeError extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** `NotFound`, `Conflict`, ... */
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = 'KubeError';
  }
}

/** Options of {@link KubeConnection.request}. */
export interface RequestOptions {
  /** @default application/json */
  readonly contentType?: string;
  /** @default application/json */
  readonly accept?: string;
  /** Milliseconds until an answer must be complete. @default 30000 */
  readonly timeoutMs?: number;
  /** @default - none */
  readonly signal?: AbortSignal;
}

/** Tries, and the pause between them in milliseconds, while the server asks to come again. */
const BUSY_ATTEMPTS = 50;
const BUSY_PAUSE_MS = 100;

/**
 * Connections to one API server, kept open.
 *
 * The rehearsal reads many times a second from a server on the same machine. The general client library opens a connection for each request,
 * and takes seconds to load.
 */
export class KubeConnection {
  private readonly agent: Agent;
  private readonly base: URL;

  constructor(readonly credentials: Credentials) {
    this.base = new URL(credentials.url);
    this.agent = new Agent({ keepAlive: true, maxSockets: 32, ca: credentials.caCertPem, cert: credentials.certPem, key: credentials.keyPem });
  }

  /** Closes the kept connections. */
  close(): void {
    this.agent.destroy();
  }

  /**
   * One request to any path. Where the server asks to come again (429, as for a kind that has just been defined), it does.
   *
   * @returns the parsed answer; the text where it is not JSON (`/readyz`)
   * @throws KubeError for an answer that is not a success; the system's error when the server cannot be reached
   */
  async request<T>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.requestOnce<T>(method, path, body, options);
      } catch (error) {
        if (!(error instanceof KubeError && error.status === 429) || attempt >= BUSY_ATTEMPTS) throw error;
        await sleep(BUSY_PAUSE_MS, undefined, { signal: options.signal });
      }
    }
  }

  private requestOnce<T>(method: string, path: string, body: unknown, options: RequestOptions): Promise<T> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise<T>((resolve, reject) => {
      const request = httpsRequest({
        host: this.base.hostname,
        port: this.base.port,
        method,
        path,
        agent: this.agent,
        signal: options.signal,
        timeout: options.timeoutMs ?? 30_000,
        headers: {
          accept: options.accept ?? 'application/json',
          ...(payload === undefined ? {} : { 'content-type': options.contentType ?? 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
      }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const value = parse(text);
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) return resolve(value as T);
          const failure = value as { reason?: string; message?: string };
          reject(new KubeError(status, failure?.reason ?? '', `${method} ${path}: ${status} ${failure?.message ?? show(text)}`));
        });
      });
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer within ${(options.timeoutMs ?? 30_000) / 1000} s`)));
      request.on('error', reject);
      request.end(payload);
    });
  }

  /** Reads an answer line by line, as long as it lasts: until the server ends it or `signal` aborts. */
  protected stream(path: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest({ host: this.base.hostname, port: this.base.port, path, agent: this.agent, signal }, (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line.trim() !== '') onLine(line);
        });
        response.on('end', resolve);
        response.on('error', (error) => (signal.aborted ? resolve() : reject(error)));
      });
      request.on('error', (error) => (signal.aborted ? resolve() : reject(error)));
      request.end();
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
