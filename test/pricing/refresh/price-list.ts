import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Row = Readonly<Record<string, string>>;

const PREAMBLE = (offer: string) => [
  ['FormatVersion', 'v1.0'],
  ['Disclaimer', 'This pricing list is for informational purposes only. All prices are subject to the additional terms included in the pricing pages on http://aws.amazon.com. All Free Tier prices are also subject to the terms included at https://aws.amazon.com/free/'],
  ['Publication Date', '2026-09-25T17:45:21Z'], ['Version', '20260925174521'], ['OfferCode', offer],
];
const quoted = (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');

const OFFER_COLUMNS = [
  'SKU', 'OfferTermCode', 'RateCode', 'TermType', 'PriceDescription', 'EffectiveDate', 'StartingRange', 'EndingRange', 'Unit', 'PricePerUnit', 'Currency', 'RelatedTo',
  'LeaseContractLength', 'PurchaseOption', 'OfferingClass', 'Product Family', 'serviceCode', 'Location', 'Location Type', 'Instance Type', 'Database Engine', 'Deployment Option',
  'Cache Engine', 'Tenancy', 'Operating System', 'Pre Installed S/W', 'CapacityStatus', 'Transfer Type', 'usageType', 'operation', 'Region Code',
];

/** An offer file as AWS writes them: quoted cells, five lines before the header. */
export function offerCsv(offer: string, rows: readonly Row[], columns: readonly string[] = OFFER_COLUMNS): string {
  const row = (cells: Row) => {
    const all: Row = {
      SKU: 'ABCDEFGHIJKLMNOP', OfferTermCode: 'JRTCKXETXF', RateCode: 'ABCDEFGHIJKLMNOP.JRTCKXETXF.6YS6EN2CT7', TermType: 'OnDemand', PriceDescription: 'a price, "as listed"', EffectiveDate: '2026-09-01',
      StartingRange: '0', EndingRange: 'Inf', Unit: 'Hrs', Currency: 'USD', serviceCode: offer, Location: 'EU (Ireland)', 'Location Type': 'AWS Region', 'Region Code': 'eu-west-1', ...cells,
    };
    return quoted(columns.map((column) => all[column] ?? ''));
  };
  return `${[...PREAMBLE(offer).map(quoted), quoted(columns), ...rows.map(row)].join('\n')}\n`;
}

/** A line for an instance on demand. */
export const instance = (type: string, usd: string, changes: Row = {}): Row => ({
  'Product Family': 'Compute Instance', 'Instance Type': type, PricePerUnit: usd, Tenancy: 'Shared', 'Operating System': 'Linux', 'Pre Installed S/W': 'NA', CapacityStatus: 'Used',
  usageType: `EU-BoxUsage:${type}`, operation: 'RunInstances', ...changes,
});

/** A line that is known by its usage type. */
export const line = (usage: string, usd: string, changes: Row = {}): Row => ({ usageType: usage, PricePerUnit: usd, ...changes });

const PLAN_COLUMNS = [
  'SKU', 'RateCode', 'Unit', 'EffectiveDate', 'DiscountedRate', 'Currency', 'DiscountedSKU', 'DiscountedServiceCode', 'DiscountedUsageType', 'DiscountedOperation', 'PurchaseOption', 'LeaseContractLength',
  'LeaseContractLengthUnit', 'ServiceCode', 'UsageType', 'Operation', 'Description', 'Instance Family', 'Location', 'Location Type', 'Granularity', 'Product Family', 'DiscountedRegionCode', 'DiscountedInstanceType',
];

/** A file of savings plans as AWS writes them: without quotes. */
export function planCsv(rows: readonly Row[]): string {
  const all = (cells: Row): Row => ({
    SKU: '2JT7C3ZD2AXA73Q4', Unit: 'Hrs', Currency: 'USD', DiscountedServiceCode: 'AmazonEC2', DiscountedOperation: 'RunInstances', LeaseContractLengthUnit: 'year', ServiceCode: 'ComputeSavingsPlans', ...cells,
  });
  const preamble = PREAMBLE('AmazonComputeSavingsPlan').map((cells) => cells.map((cell) => cell.replaceAll(',', ';')).join(','));
  return `${[...preamble, PLAN_COLUMNS.join(','), ...rows.map((row) => PLAN_COLUMNS.map((column) => all(row)[column] ?? '').join(','))].join('\n')}\n`;
}

/** An index of regions as AWS writes it for offers. */
export const offerIndex = (offer: string, regions: readonly string[]) => JSON.stringify({
  formatVersion: 'v1.0', disclaimer: 'informational', publicationDate: '2026-09-25T17:45:21Z',
  regions: Object.fromEntries(regions.map((region) => [region, { regionCode: region, currentVersionUrl: `/offers/v1.0/aws/${offer}/20260925174521/${region}/index.json` }])),
});

/** An index of regions as AWS writes it for savings plans. */
export const planIndex = (regions: readonly string[]) => JSON.stringify({
  disclaimer: 'informational', publicationDate: '2026-09-25T17:45:21Z',
  regions: regions.map((region) => ({ regionCode: region, versionUrl: `/savingsPlan/v1.0/aws/AWSComputeSavingsPlan/20260925174521/${region}/index.json` })),
});

export type Answer = string | ((request: IncomingMessage, response: ServerResponse) => void);

/** A price list on this machine. */
export class PriceListServer {
  private readonly server: Server;

  private constructor(private readonly answers: Map<string, Answer>) {
    this.server = createServer((request, response) => {
      const answer = this.answers.get(request.url ?? '');
      if (answer === undefined) {
        response.writeHead(404).end();
        return;
      }
      if (typeof answer === 'function') answer(request, response);
      else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(answer);
    });
  }

  static async start(): Promise<PriceListServer> {
    const list = new PriceListServer(new Map());
    await new Promise<void>((done) => list.server.listen(0, '127.0.0.1', done));
    return list;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Forgets what was served and serves this. */
  serve(answers: Readonly<Record<string, Answer>>): void {
    this.answers.clear();
    for (const [path, answer] of Object.entries(answers)) this.answers.set(path, answer);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
