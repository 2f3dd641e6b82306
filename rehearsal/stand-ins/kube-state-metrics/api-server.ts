import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { ClusterSettings } from './settings';

/** An answer that is not a success. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
    this.name = 'ApiError';
  }
}

/** Longest wait for an answer to begin, and for its next bytes; a watch is quiet for longer only where nothing happens, and begins anew then. */
const SILENCE_MS = 60_000;

/** Reads from the API server as the account of the pod. */
export class ApiServer {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly settings: ClusterSettings) {}

  /** @throws ApiError for an answer that is not a success; the system's error when it cannot be reached */
  async get(path: string, signal?: AbortSignal): Promise<string> {
    const parts: string[] = [];
    for await (const part of await this.open(path, signal)) parts.push(part as string);
    return parts.join('');
  }

  /** The lines of an answer, as they come, until the server ends it. */
  async* lines(path: string, signal?: AbortSignal): AsyncGenerator<string> {
    let rest = '';
    for await (const part of await this.open(path, signal)) {
      const lines = (rest + (part as string)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line !== '') yield line;
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async open(path: string, signal?: AbortSignal): Promise<IncomingMessage> {
    const { host, port, account } = this.settings;
    const file = (name: string) => readFileSync(join(account, name), 'utf8'); // read each time: the kubelet renews the token every hour
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request({ host, port, path, agent: this.agent, signal, ca: file('ca.crt'), headers: { accept: 'application/json', authorization: `Bearer ${file('token').trim()}` } }, resolve);
      asked.setTimeout(SILENCE_MS, () => asked.destroy(new Error(`${path}: nothing within ${SILENCE_MS / 1000} s`)));
      asked.on('error', reject);
      asked.end();
    });
    response.setEncoding('utf8');
    if (response.statusCode === 200) return response;
    let text = '';
    for await (const part of response) text += part as string;
    throw new ApiError(response.statusCode ?? 0, `${path}: ${response.statusCode} ${text.slice(0, 500)}`);
  }
}
