import { Fault, FaultError, refuse } from '../../base/faults';
import { writtenRows } from '../price-book';
import { type RefreshedPrices, withRefreshed } from '../prices/refreshed-rows';
import { type PricedRegion, REGIONS } from '../prices/services';
import { download, DownloadOptions, regionPaths } from './download';
import { Offer, OFFERS } from './offers';
import { readOffer } from './read-offer';

/** What to refresh. */
export interface RefreshOptions extends DownloadOptions {
  /** @default - every region of the book */
  readonly regions?: readonly string[];
  /** Names of AWS's offers. @default - every offer the book has rows of */
  readonly offers?: readonly string[];
  /** What earlier refreshes found; what is not refreshed now stays. */
  readonly known: RefreshedPrices;
  /** Told before each file is read, for whoever waits: EC2's have hundreds of MiB. @default - nobody is told */
  readonly progress?: (line: string) => void;
}

/** A row whose price is not what the book says. */
export interface PriceChange {
  readonly region: string;
  readonly sku: string;
  readonly before: number;
  readonly after: number;
}

/** What a refresh found. */
export interface RefreshResult {
  readonly found: RefreshedPrices;
  readonly changes: readonly PriceChange[];
  /** Rows of the book that were compared with the list and are as it says. */
  readonly confirmed: number;
}

/**
 * Compares the book with AWS's price list. One file at a time, and all or nothing: a fault in any of them, and none of what was found is given back.
 *
 * @throws FaultError naming every region and offer there is none of, or every file that could not be read
 */
export async function refreshPrices(options: RefreshOptions): Promise<RefreshResult> {
  const regions = options.regions?.length ? options.regions : REGIONS;
  const offers = options.offers?.length ? options.offers : OFFERS.map((offer) => offer.name);
  refuse('the price book cannot be refreshed', [
    ...regions.filter((region) => !(REGIONS as readonly string[]).includes(region)).map((region): Fault => ({ where: 'region', got: region, allowed: REGIONS.join(', '), do: 'name a region of the book' })),
    ...offers.filter((name) => !OFFERS.some((offer) => offer.name === name)).map((name): Fault => ({ where: '--offer', got: name, allowed: OFFERS.map((offer) => offer.name).join(', '), do: 'name an offer the book has rows of' })),
  ]);

  const faults: Fault[] = [];
  const published: Record<string, string> = { ...options.known.offers };
  const prices: Record<string, Record<string, readonly [number, string]>> = Object.fromEntries(Object.entries(options.known.prices).map(([region, each]) => [region, { ...each }]));
  const collect = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      faults.push(...error.faults);
      return undefined;
    }
  };

  let confirmed = 0;
  const changes: PriceChange[] = [];
  for (const offer of OFFERS.filter((each) => offers.includes(each.name))) {
    const paths = await collect(() => regionPaths(offer.index, options));
    if (!paths) continue;
    for (const region of regions as readonly PricedRegion[]) {
      options.progress?.(`${offer.name} of ${region}`);
      const found = await collect(() => readRegion(offer, region, paths.get(region), options));
      if (!found) continue;
      const now = new Map(withRefreshed(writtenRows(region), region, options.known).map((row) => [row.sku, row.usd]));
      published[`${offer.name}/${region}`] = found.published;
      for (const [sku, usd] of found.prices) {
        const before = now.get(sku);
        if (before === undefined) continue; // the list has more types and classes than the book
        (prices[region] ??= {})[sku] = [usd, offer.name];
        if (before === usd) confirmed += 1;
        else changes.push({ region, sku, before, after: usd });
      }
    }
  }
  refuse('the price book was not refreshed', faults);
  return { found: { offers: published, prices }, changes, confirmed };
}

function readRegion(offer: Offer, region: string, path: string | undefined, options: DownloadOptions) {
  if (!path) {
    throw new FaultError('the price list cannot be read', [{
      where: new URL(offer.index, options.base).href, got: `no ${region}`, allowed: 'an index with every region of the book', do: 'leave the region out, or the offer',
    }]);
  }
  return readOffer(offer, download(path, options), `${offer.name} of ${region}`);
}

/** The TypeScript that holds what was found, in the order of region and row, so that two refreshes of one list give the same bytes. */
export function renderRefreshed({ offers, prices }: RefreshedPrices): string {
  const sorted = <T>(of: Readonly<Record<string, T>>) => Object.entries(of).sort(([left], [right]) => (left < right ? -1 : 1));
  return [
    "import type { RefreshedPrices } from './refreshed-rows';",
    '',
    '/** Written by `npx projen price:refresh`. Do not edit: what is here goes before the rows written by hand. */',
    'export const refreshed: RefreshedPrices = {',
    ...(sorted(offers).length === 0 ? ['  offers: {},'] : ['  offers: {', ...sorted(offers).map(([name, day]) => `    '${name}': '${day}',`), '  },']),
    ...(sorted(prices).length === 0 ? ['  prices: {},'] : [
      '  prices: {',
      ...sorted(prices).flatMap(([region, rows]) => [`    '${region}': {`, ...sorted(rows).map(([sku, [usd, offer]]) => `      '${sku}': [${usd}, '${offer}'],`), '    },']),
      '  },',
    ]),
    '};',
    '',
  ].join('\n');
}

/** Changes in lines for a terminal, the largest share first. */
export function describeChanges({ changes, confirmed }: Pick<RefreshResult, 'changes' | 'confirmed'>): string[] {
  const share = ({ before, after }: PriceChange) => after / before - 1;
  return [
    ...[...changes].sort((left, right) => Math.abs(share(right)) - Math.abs(share(left))).map((change) =>
      `${change.region} ${change.sku}: ${change.before} -> ${change.after} USD (${share(change) > 0 ? '+' : ''}${(share(change) * 100).toFixed(1)} %)`),
    `${changes.length} prices differ from the list, ${confirmed} are as it says`,
  ];
}
