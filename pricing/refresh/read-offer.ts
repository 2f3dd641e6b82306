import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { FaultError, show } from '../../base/faults';
import { toMicro } from '../prices/rows';
import type { Offer } from './offers';
import { columnName, COLUMNS, FoundPrice } from './record';

/** What an offer of one region says. */
export interface OfferPrices {
  /** Day it was published, YYYY-MM-DD. */
  readonly published: string;
  /** Dollars by row of the book, to the millionth. */
  readonly prices: ReadonlyMap<string, number>;
}

/**
 * Reads an offer's CSV as it streams in: half a GiB takes no more memory than its longest line.
 *
 * @param where how the file is named in faults
 * @throws FaultError if it is no such file, breaks off in the middle of a line, gives two prices for one row of the book, or none at all
 */
export async function readOffer(offer: Offer, pieces: AsyncIterable<Uint8Array>, where: string): Promise<OfferPrices> {
  const found = new Map<string, Map<string, FoundPrice>>();
  const { published, table } = await openOffer(pieces, where);
  let columns: readonly (readonly [index: number, name: string])[] | undefined;
  const line = (cells: readonly string[]) => {
    if (!columns) {
      columns = header(offer, cells, where);
      return;
    }
    const record: Record<string, string> = {};
    for (const [index, name] of columns) record[name] = cells[index] ?? '';
    keep(found, offer.read(record), where);
  };

  let fault: FaultError | undefined; // a pipeline that is torn down tells of the tearing, not of its cause
  const remember = (error: unknown): unknown => {
    if (error instanceof FaultError) fault ??= error;
    return error;
  };
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* table;
    } catch (error) {
      throw remember(error);
    }
  }
  try {
    const parser = parse({ maxRecordSize: 1024 * 1024 });
    await pipeline(Readable.from(watched()), parser, async (records: AsyncIterable<string[]>) => {
      try {
        for await (const record of records) line(record);
      } catch (error) {
        throw remember(error);
      }
    });
  } catch (error) {
    throw fault ?? strange(where, (error as Error).message, 'a whole file of comma-separated values');
  }
  const prices = new Map([...found].flatMap(([sku, parts]): [string, number][] => {
    const usd = toMicro([...parts.values()].reduce((sum, part) => sum + part.usd, 0));
    return usd > 0 ? [[sku, usd]] : [];
  }));
  if (prices.size === 0) throw strange(where, 'no price of the book', 'prices of what the book has');
  return { published, prices };
}

/** Most that the lines before the table may have; AWS's have half a KiB. */
const PREAMBLE_BYTES = 64 * 1024;

/**
 * Parts an offer file into the few lines that say what it is and the table below them. They have fewer cells than the table: a parser that takes them together has to be
 * lenient with every line, and one that is lenient finds no line that is cut off.
 */
async function openOffer(pieces: AsyncIterable<Uint8Array>, where: string): Promise<{ readonly published: string; readonly table: AsyncIterable<Uint8Array> }> {
  const source = pieces[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let at: number;
  do {
    const next = await source.next();
    if (next.done) throw strange(where, start.length === 0 ? 'an empty file' : `no header: ${show(start.toString('utf8', 0, 60))}`, 'an offer file');
    start = Buffer.concat([start, next.value]);
    at = /^"?SKU"?,/m.exec(start.toString('latin1', 0, PREAMBLE_BYTES))?.index ?? -1; // latin1: an index of bytes
    if (at < 0 && start.length > PREAMBLE_BYTES) await source.return?.();
  } while (at < 0 && start.length <= PREAMBLE_BYTES);
  if (at < 0) throw strange(where, `no header: ${show(start.toString('utf8', 0, 60))}`, 'an offer file');
  const published = /^"?Publication Date"?,"?(\d{4}-\d{2}-\d{2})/m.exec(start.toString('latin1', 0, at))?.[1];
  if (!published) throw strange(where, 'no day of publication', 'an offer file');
  async function* table(): AsyncGenerator<Uint8Array> {
    yield start.subarray(at);
    yield* { [Symbol.asyncIterator]: () => source };
  }
  return { published, table: table() };
}

function header(offer: Offer, cells: readonly string[], where: string): readonly (readonly [index: number, name: string])[] {
  const columns = cells.map(columnName);
  const missing = offer.columns.filter((each) => !columns.includes(each));
  if (missing.length > 0) throw strange(where, `no column ${missing.join(', ')}`, offer.columns.join(', '));
  return columns.flatMap((name, index): [number, string][] => (COLUMNS.has(name) ? [[index, name]] : []));
}

/** Keeps a price: parts side by side, of tiers the lowest that costs something. */
function keep(found: Map<string, Map<string, FoundPrice>>, price: FoundPrice | undefined, where: string): void {
  if (!price) return;
  if (!Number.isFinite(price.usd) || price.usd < 0) throw strange(`${where} ${price.sku}`, `a price of ${price.usd}`, 'dollars from 0');
  const parts = found.get(price.sku) ?? new Map<string, FoundPrice>();
  const part = price.part ?? 'rate';
  const before = parts.get(part);
  const from = price.from ?? 0;
  if (before && before.usd > 0 && price.usd > 0 && from === (before.from ?? 0) && toMicro(before.usd) !== toMicro(price.usd)) {
    throw strange(`${where} ${price.sku}`, `two prices, ${before.usd} and ${price.usd}`, 'one');
  }
  const better = !before || before.usd === 0 || (price.usd > 0 && from < (before.from ?? 0));
  if (better) parts.set(part, price);
  found.set(price.sku, parts);
}

function strange(where: string, got: string, allowed: string): FaultError {
  return new FaultError('the price list cannot be read', [{ where, got, allowed, do: 'run again; if it stays so, the list\'s format has changed: compare it with pricing/refresh/. The book is as it was' }]);
}
