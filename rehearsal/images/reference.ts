/** An image's name, taken apart. */
export interface Reference {
  /** Host that clients ask, with its port: `docker.io` for names without one. */
  readonly host: string;
  /** Path on the host: `library/busybox`. */
  readonly repository: string;
  /** @default - `latest` where there is neither tag nor digest; none beside a digest */
  readonly tag?: string;
  /** `sha256:...`. @default - named by its tag */
  readonly digest?: string;
}

/** Reads a name as container engines do. */
export function parseReference(text: string): Reference {
  const [named = '', digest] = text.split('@') as [string, string?];
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const name = tagged ? named.slice(0, colon) : named;
  const tag = tagged ? named.slice(colon + 1) : digest === undefined ? 'latest' : undefined;
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hosted = first === 'localhost' || /[.:]/.test(first);
  const host = hosted ? first : 'docker.io';
  const path = hosted ? name.slice(slash + 1) : name;
  return { host, repository: host === 'docker.io' && !path.includes('/') ? `library/${path}` : path, tag, digest };
}

/** The whole name, as containerd stores it: `docker.io/library/busybox:1.36`. */
export function normalizedName(text: string): string {
  const { host, repository, tag, digest } = parseReference(text);
  return `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The name with its tag and as Docker prints it: `busybox:1.36`. */
export function familiarName(text: string): string {
  const { host, repository, tag = 'latest' } = parseReference(text);
  const name = host === 'docker.io' ? repository.replace(/^library\//, '') : `${host}/${repository}`;
  return `${name}:${tag}`;
}
