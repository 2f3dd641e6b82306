import { FaultError } from '../../base/faults';

/** How the list is fetched. */
export interface DownloadOptions {
  /** Address before the path: `https://pricing.us-east-1.amazonaws.com`. */
  readonly base: string;
  /** Milliseconds without a byte after which a download is given up. */
  readonly idleMilliseconds: number;
}

/** Most that an index may have; AWS's have some tens of KiB. */
const INDEX_BYTES = 8 * 1024 * 1024;
/** Most that an offer of one region may have; EC2's largest has half a GiB. */
const OFFER_BYTES = 4 * 1024 * 1024 * 1024;

function refused(url: string, got: string, todo: string): FaultError {
  return new FaultError('the price list cannot be read', [{ where: url, got, allowed: 'a file of AWS\'s price list', do: todo }]);
}

const UNREACHABLE = 'check the network and run again, or set PRICE_LIST_URL to a mirror; the book is as it was';

/**
 * Bytes of a file as they arrive. A download that stalls, breaks off, is too large or is no file of the list ends in a fault.
 *
 * @throws FaultError
 */
export async function* download(path: string, options: DownloadOptions, limit = OFFER_BYTES): AsyncGenerator<Uint8Array> {
  const url = new URL(path, options.base).href;
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), options.idleMilliseconds);
  const awake = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), options.idleMilliseconds);
  };
  try {
    const response = await fetch(url, { signal: stalled.signal });
    if (!response.ok || !response.body) throw refused(url, `HTTP ${response.status}`, response.status >= 500 ? 'the list is not being served: run again later; the book is as it was' : 'check PRICE_LIST_URL; the book is as it was');
    if (/html/i.test(response.headers.get('content-type') ?? '')) throw refused(url, 'a page of HTML, as a proxy or a login gives', 'reach the network without what stands between, or set PRICE_LIST_URL; the book is as it was');
    const announced = response.headers.get('content-encoding') ? NaN : Number(response.headers.get('content-length') ?? NaN);
    if (announced > limit) throw refused(url, `${announced} bytes`, `check PRICE_LIST_URL: a file of the list has at most ${limit}; the book is as it was`);
    let received = 0;
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      awake();
      received += piece.length;
      if (received > limit) throw refused(url, `more than ${limit} bytes`, 'check PRICE_LIST_URL; the book is as it was');
      yield piece;
    }
    if (announced > received) throw refused(url, `${received} of ${announced} bytes`, UNREACHABLE);
  } catch (error) {
    if (error instanceof FaultError) throw error;
    if (stalled.signal.aborted) throw refused(url, `nothing for ${options.idleMilliseconds / 1000} seconds`, UNREACHABLE);
    const cause = (error as { cause?: { code?: string; message?: string } }).cause;
    throw refused(url, `no answer, or one that broke off: ${cause?.code ?? cause?.message ?? (error as Error).message}`, UNREACHABLE);
  } finally {
    clearTimeout(timer);
    stalled.abort(); // lets go of the connection where the reader has stopped before the end
  }
}

/** Where each region's file of an offer is, from its index. Savings plans have a list where other offers have a map. */
export async function regionPaths(index: string, options: DownloadOptions): Promise<ReadonlyMap<string, string>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of download(index, options, INDEX_BYTES)) pieces.push(piece);
  const url = new URL(index, options.base).href;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw refused(url, 'something that is no JSON, or breaks off', UNREACHABLE);
  }
  const regions = (parsed as { regions?: unknown } | null)?.regions;
  const entries = typeof regions === 'object' && regions !== null ? Object.values(regions as Record<string, unknown>) : [];
  const paths = new Map(entries.flatMap((entry): [string, string][] => {
    const { regionCode, currentVersionUrl, versionUrl } = (entry ?? {}) as Record<string, unknown>;
    const path = currentVersionUrl ?? versionUrl;
    return typeof regionCode === 'string' && typeof path === 'string' && path.startsWith('/') ? [[regionCode, path.replace(/\.json$/, '.csv')]] : [];
  }));
  if (paths.size === 0) throw refused(url, 'an index without regions', 'the list\'s format may have changed: compare it with pricing/refresh/');
  return paths;
}
