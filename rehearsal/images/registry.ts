import { parseReference } from './reference';

/** What a registry answered. */
export type RegistryAnswer =
  | { readonly found: true; readonly digest?: string }
  | { readonly found: false; readonly why: string };

/** How registries are asked. */
export interface RegistryOptions {
  /** @default - that of Node.js */
  readonly fetch?: typeof fetch;
  /** For each request. @default 3 s */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What the manifests of an image may be. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Asks registries whether they have images, anonymously and briefly, as the distribution specification says. A registry that cannot be reached is asked once:
 * its other images get the same answer without another wait.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export class Registries {
  private readonly probes = new Map<string, Promise<string | undefined>>();

  constructor(private readonly options: RegistryOptions = {}) {}

  /** Whether the image can be pulled. @throws the signal's reason when aborted */
  async ask(reference: string): Promise<RegistryAnswer> {
    const { host, repository, tag, digest } = parseReference(reference);
    const unreachable = await this.probe(host);
    if (unreachable !== undefined) return { found: false, why: unreachable };
    const url = `${baseOf(host)}/v2/${repository}/manifests/${digest ?? tag}`;
    try {
      const answer = await this.withToken(url, repository);
      if (answer.ok) return { found: true, digest: answer.headers.get('docker-content-digest') ?? undefined };
      return { found: false, why: answer.status === 404 ? `${host} has no such image` : `${host} answered ${answer.status}${refusal(answer.status)}` };
    } catch (error) {
      this.options.signal?.throwIfAborted();
      return { found: false, why: `${host} ${reasonOf(error)}` };
    }
  }

  /** Why a registry cannot be used; undefined when it answers. */
  private probe(host: string): Promise<string | undefined> {
    const known = this.probes.get(host);
    if (known) return known;
    const probe = this.request(`${baseOf(host)}/v2/`).then(
      (answer) => (answer.status < 500 ? undefined : `${host} answered ${answer.status}`),
      (error: unknown) => {
        this.options.signal?.throwIfAborted();
        return `${host} ${reasonOf(error)}`;
      },
    );
    this.probes.set(host, probe);
    return probe;
  }

  /** Asks, and once more with the token of whoever the registry names. */
  private async withToken(url: string, repository: string): Promise<Response> {
    const first = await this.request(url);
    const challenge = first.status === 401 ? parseChallenge(first.headers.get('www-authenticate')) : undefined;
    if (!challenge) return first;
    const query = new URLSearchParams({ ...(challenge.service ? { service: challenge.service } : {}), scope: challenge.scope ?? `repository:${repository}:pull` });
    const granted = await this.request(`${challenge.realm}?${query}`, { method: 'GET' });
    if (!granted.ok) return first;
    const { token, access_token: other } = await granted.json() as { token?: string; access_token?: string };
    return this.request(url, { headers: { authorization: `Bearer ${token ?? other ?? ''}` } });
  }

  private request(url: string, init: RequestInit & { readonly headers?: Record<string, string> } = {}): Promise<Response> {
    const { fetch: ask = fetch, timeoutMs = 3000, signal } = this.options;
    const timeout = AbortSignal.timeout(timeoutMs);
    return ask(url, { method: 'HEAD', ...init, headers: { accept: MANIFESTS, ...init.headers }, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  }
}

/** What a registry's `www-authenticate` asks for. */
export function parseChallenge(header: string | null): { readonly realm: string; readonly service?: string; readonly scope?: string } | undefined {
  if (header === null || !/^bearer\s/i.test(header)) return undefined;
  const fields = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!.toLowerCase(), value!]));
  // Whoever answers for a registry could otherwise have files of this machine or plain text connections asked.
  return fields.realm?.startsWith('https://') ? { realm: fields.realm, service: fields.service, scope: fields.scope } : undefined;
}

/** Docker Hub's registry has another name than its images say. */
function baseOf(host: string): string {
  return `https://${host === 'docker.io' ? 'registry-1.docker.io' : host}`;
}

function refusal(status: number): string {
  return status === 401 || status === 403 ? ': it gives it only to those it knows' : '';
}

function reasonOf(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return 'did not answer in time';
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return `cannot be reached (${cause?.code ?? cause?.message ?? (error as Error).message})`;
}
