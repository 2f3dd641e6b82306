import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { priceBook } from '../../../pricing/price-book';
import { RefreshedPrices, withRefreshed } from '../../../pricing/prices/refreshed-rows';
import { Offer, OFFERS } from '../../../pricing/refresh/offers';
import { readOffer } from '../../../pricing/refresh/read-offer';
import { describeChanges, refreshPrices, RefreshOptions, renderRefreshed } from '../../../pricing/refresh/refresh';
import { readRefreshSettings } from '../../../pricing/refresh/settings';
import { Answer, instance, line, offerCsv, offerIndex, planCsv, planIndex, PriceListServer } from './price-list';

const NOTHING: RefreshedPrices = { offers: {}, prices: {} };
const EC2_INDEX = '/offers/v1.0/aws/AmazonEC2/current/region_index.json';
const EC2 = '/offers/v1.0/aws/AmazonEC2/20260925174521/eu-west-1/index.csv';

let list: PriceListServer;
beforeAll(async () => { list = await PriceListServer.start(); });
afterAll(() => list.stop());

const refresh = (offers: readonly string[] = ['AmazonEC2'], changes: Partial<RefreshOptions> = {}) =>
  refreshPrices({ base: list.base, idleMilliseconds: 5000, regions: ['eu-west-1'], offers, known: NOTHING, ...changes });
const serveOffer = (name: string, file: Answer) => list.serve({
  [`/offers/v1.0/aws/${name}/current/region_index.json`]: offerIndex(name, ['eu-west-1', 'us-east-1']), [`/offers/v1.0/aws/${name}/20260925174521/eu-west-1/index.csv`]: file,
});
const found = async (name: string, rows: Parameters<typeof offerCsv>[1]) => {
  serveOffer(name, offerCsv(name, rows));
  return Object.fromEntries(Object.entries((await refresh([name])).found.prices['eu-west-1'] ?? {}).map(([sku, [usd]]) => [sku, usd]));
};

describe('a refresh', () => {
  it('says what differs from the book and what is as the list says', async () => {
    serveOffer('AmazonEC2', offerCsv('AmazonEC2', [instance('m7g.large', '0.0955000000'), instance('c7g.large', '0.0775000000'), line('EU-NatGateway-Hours', '0.0480000000', { 'Product Family': 'NAT Gateway' })]));
    const result = await refresh();
    expect(result.changes).toEqual([{ region: 'eu-west-1', sku: 'ec2/m7g.large/on-demand', before: 0.091, after: 0.0955 }]);
    expect(result.confirmed).toBe(2);
    expect(result.found.offers).toEqual({ 'AmazonEC2/eu-west-1': '2026-09-25' });
    expect(describeChanges(result)).toEqual(['eu-west-1 ec2/m7g.large/on-demand: 0.091 -> 0.0955 USD (+4.9 %)', '1 prices differ from the list, 2 are as it says']);
  });

  it('keeps what earlier refreshes found of other offers and regions', async () => {
    serveOffer('AmazonEC2', offerCsv('AmazonEC2', [instance('m7g.large', '0.09')]));
    const known: RefreshedPrices = { offers: { 'AmazonEKS/us-east-1': '2026-01-01' }, prices: { 'us-east-1': { 'eks/control-plane/standard': [0.11, 'AmazonEKS'] } } };
    expect((await refresh(['AmazonEC2'], { known })).found).toEqual({
      offers: { 'AmazonEKS/us-east-1': '2026-01-01', 'AmazonEC2/eu-west-1': '2026-09-25' },
      prices: { 'us-east-1': { 'eks/control-plane/standard': [0.11, 'AmazonEKS'] }, 'eu-west-1': { 'ec2/m7g.large/on-demand': [0.09, 'AmazonEC2'] } },
    });
  });

  it('reads a file however it is cut into pieces', async () => {
    const bytes = Buffer.from(`\uFEFF${offerCsv('AmazonEC2', [instance('x9z.größe', '9'), instance('m7g.large', '0.09')])}`);
    for (const size of [1, 7, 100, 5000]) {
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      }
      expect(await readOffer(OFFERS[0] as Offer, pieces(), 'a file')).toEqual({ published: '2026-09-25', prices: new Map([['ec2/m7g.large/on-demand', 0.09]]) });
    }
  });

  it('takes the one line of an instance that pods run on', async () => {
    expect(await found('AmazonEC2', [
      instance('m7g.large', '0.09'),
      instance('m7g.large', '0.2', { 'Operating System': 'Windows' }), instance('m7g.large', '0.1', { Tenancy: 'Dedicated' }), instance('m7g.large', '0.09', { CapacityStatus: 'UnusedCapacityReservation' }),
      instance('m7g.large', '0.11', { operation: 'RunInstances:0010' }), instance('m7g.large', '0.12', { 'Pre Installed S/W': 'SQL Web' }), instance('m7g.large', '0.6', { Currency: 'CNY' }),
      instance('x9z.huge', '9'), line('EU-RegionalNatGateway-Hours', '0.9'), line('EU-EBS:VolumeUsage.gp3', '0.088'),
    ])).toEqual({ 'ec2/m7g.large/on-demand': 0.09, 'ebs/gp3': 0.088 });
  });

  it('spreads what a reservation costs in advance over its term', async () => {
    const reserved = (length: string, option: string, unit: string, usd: string, changes: Record<string, string> = {}) =>
      instance('m7g.large', usd, { TermType: 'Reserved', LeaseContractLength: length, PurchaseOption: option, OfferingClass: 'standard', Unit: unit, ...changes });
    expect(await found('AmazonEC2', [
      reserved('1yr', 'No Upfront', 'Hrs', '0.0602'), reserved('1yr', 'All Upfront', 'Hrs', '0.0000000000'), reserved('1yr', 'All Upfront', 'Quantity', '492'),
      reserved('3yr', 'All Upfront', 'Quantity', '1005'), reserved('3yr', 'All Upfront', 'Hrs', '0'), reserved('3yr', 'Partial Upfront', 'Quantity', '500'),
      reserved('1yr', 'No Upfront', 'Hrs', '0.07', { OfferingClass: 'convertible' }),
    ])).toEqual({ 'ec2/m7g.large/reserved-1y-no-upfront': 0.0602, 'ec2/m7g.large/reserved-1y-all-upfront': 0.056164, 'ec2/m7g.large/reserved-3y-all-upfront': 0.038242 });
  });

  it('reads savings plans, whose files and index are written otherwise', async () => {
    const plan = (family: string, option: string, years: string, usd: string, changes: Record<string, string> = {}) => ({
      DiscountedUsageType: 'EU-BoxUsage:m7g.large', PurchaseOption: option, LeaseContractLength: years, 'Product Family': family, DiscountedRate: usd, ...changes,
    });
    list.serve({
      '/savingsPlan/v1.0/aws/AWSComputeSavingsPlan/current/region_index.json': planIndex(['eu-west-1']),
      '/savingsPlan/v1.0/aws/AWSComputeSavingsPlan/20260925174521/eu-west-1/index.csv': planCsv([
        plan('ComputeSavingsPlans', 'No Upfront', '1', '0.0664'), plan('EC2InstanceSavingsPlans', 'All Upfront', '3', '0.0382'),
        plan('ComputeSavingsPlans', 'Partial Upfront', '1', '0.06'), plan('ComputeSavingsPlans', 'No Upfront', '1', '0.08', { DiscountedUsageType: 'EU-DedicatedUsage:m7g.large' }),
        plan('ComputeSavingsPlans', 'No Upfront', '1', '0.09', { DiscountedOperation: 'RunInstances:0010' }),
      ]),
    });
    expect((await refresh(['AWSComputeSavingsPlan'])).found.prices['eu-west-1']).toEqual({
      'ec2/m7g.large/compute-savings-plan-1y-no-upfront': [0.0664, 'AWSComputeSavingsPlan'], 'ec2/m7g.large/ec2-savings-plan-3y-all-upfront': [0.0382, 'AWSComputeSavingsPlan'],
    });
  });

  it.each<[string, Parameters<typeof offerCsv>[1], Record<string, number>]>([
    ['AmazonVPC', [line('EU-PublicIPv4:InUseAddress', '0.005'), line('EU-VpcEndpoint-Hours', '0.011', { operation: 'VpcEndpoint' }), line('EU-VpcEndpoint-Bytes', '0.01', { operation: 'VpcEndpoint', EndingRange: '1048576' }), line('EU-VpcEndpoint-Bytes', '0.006', { operation: 'VpcEndpoint', StartingRange: '1048576' })],
      { 'ipv4/public-address': 0.005, 'vpc-endpoint/interface': 0.011, 'vpc-endpoint/interface-data': 0.01 }],
    ['AWSELB', [line('EU-LoadBalancerUsage', '0.0252', { 'Product Family': 'Load Balancer-Application' }), line('EU-LoadBalancerUsage', '0.028', { 'Product Family': 'Load Balancer' }), line('EU-LCUUsage', '0.006', { 'Product Family': 'Load Balancer-Network' })], { 'lb/application': 0.0252, 'lb/network-lcu': 0.006 }],
    ['AmazonEKS', [line('EU-AmazonEKS-Hours:perCluster', '0.1'), line('EU-AmazonEKS-Hours:extendedSupport', '0.6')], { 'eks/control-plane/standard': 0.1, 'eks/control-plane/extended': 0.6 }],
    ['AmazonRDS', [
      line('EU-InstanceUsage:db.t4g.micro', '0.018', { 'Instance Type': 'db.t4g.micro', 'Database Engine': 'PostgreSQL', 'Deployment Option': 'Single-AZ' }),
      line('EU-InstanceUsage:db.t4g.micro', '0.017', { 'Instance Type': 'db.t4g.micro', 'Database Engine': 'MySQL', 'Deployment Option': 'Single-AZ' }),
      line('EU-RDS:GP3-Storage', '0.127', { 'Database Engine': 'PostgreSQL', 'Deployment Option': 'Single-AZ' }),
    ], { 'rds/db.t4g.micro': 0.018, 'rds/gp3': 0.127 }],
    ['AmazonElastiCache', [line('EU-NodeUsage:cache.t4g.micro', '0.0176', { 'Cache Engine': 'Redis' }), line('EU-NodeUsage:cache.t4g.micro', '0.01408', { 'Cache Engine': 'Valkey' }), line('EU-NodeUsage:cache.t4g.micro', '0.0175', { 'Cache Engine': 'Memcached' })],
      { 'elasticache/cache.t4g.micro/redis': 0.0176, 'elasticache/cache.t4g.micro/valkey': 0.01408 }],
    ['AmazonS3', [line('EU-TimedStorage-ByteHrs', '0.023', { EndingRange: '51200' }), line('EU-TimedStorage-ByteHrs', '0.022', { StartingRange: '51200' }), line('EU-Requests-Tier1', '0.000005'), line('EU-Requests-Tier2', '0.0000004')], { 's3/standard': 0.023, 's3/write': 0.005, 's3/read': 0.0004 }],
    ['awskms', [line('eu-west-1-KMS-Keys', '1.0000000000'), line('eu-west-1-KMS-Requests', '0.0000000000', { EndingRange: '20000' }), line('eu-west-1-KMS-Requests', '0.0000030000', { StartingRange: '20000' })], { 'kms/key': 1, 'kms/requests': 0.03 }],
    ['AWSDataTransfer', [
      line('EU-DataTransfer-Out-Bytes', '0.09', { 'Transfer Type': 'AWS Outbound', EndingRange: '10240' }), line('EU-DataTransfer-Out-Bytes', '0.05', { 'Transfer Type': 'AWS Outbound', StartingRange: '153600' }),
    ], { 'transfer/internet-out/first-10-tib': 0.09, 'transfer/internet-out/beyond-150-tib': 0.05 }],
  ])('knows the rows of %s', async (name, rows, expected) => {
    expect(await found(name, rows)).toEqual(expected);
  });
});

describe('what is no price list', () => {
  const good = offerCsv('AmazonEC2', [instance('m7g.large', '0.09')]);
  const whole = Buffer.from(good);

  it.each<[string, Record<string, Answer>, RegExp]>([
    ['nothing there', {}, /region_index\.json\] got: HTTP 404/],
    ['a server in trouble', { [EC2_INDEX]: (_, response) => response.writeHead(503).end() }, /got: HTTP 503.*run again later/],
    ['a page of HTML', { [EC2_INDEX]: (_, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>sign in</html>') }, /a page of HTML/],
    ['an index that breaks off', { [EC2_INDEX]: offerIndex('AmazonEC2', ['eu-west-1']).slice(0, 120) }, /no JSON, or breaks off/],
    ['an index of something else', { [EC2_INDEX]: '{"regions":{"eu-west-1":{"regionCode":"eu-west-1"}}}' }, /an index without regions/],
    ['an index that is null', { [EC2_INDEX]: 'null' }, /an index without regions/],
    ['an index without the region', { [EC2_INDEX]: offerIndex('AmazonEC2', ['us-west-2']) }, /got: no eu-west-1/],
    ['an index too large to be one', { [EC2_INDEX]: (_, response) => { response.writeHead(200, { 'content-length': '9437184' }); response.write(' '); } }, /9437184 bytes/],
    ['an index that never ends', { [EC2_INDEX]: (_, response) => { const more = () => { if (!response.destroyed) response.write(' '.repeat(1024 * 1024), () => setImmediate(more)); }; more(); } }, /more than 8388608 bytes/],
    ['HTML where a file should be', { [EC2]: '<!doctype html>\n<html>sign in</html>' }, /no header: "<!doctype html>/],
    ['an empty file', { [EC2]: '' }, /an empty file/],
    ['a file without its header', { [EC2]: '"FormatVersion","v1.0"\n' }, /no header/],
    ['a file that does not say of which day it is', { [EC2]: good.replace('Publication Date', 'Day') }, /no day of publication/],
    ['a file that never comes to its table', { [EC2]: '"Disclaimer","all yours"\n'.repeat(9000) }, /no header/],
    ['a file that breaks off in a cell', { [EC2]: good.slice(0, -20) }, /Quote Not Closed/],
    ['a file that breaks off between cells', { [EC2]: good.slice(0, good.lastIndexOf('",') + 1) }, /Invalid Record Length/],
    ['a connection that breaks off', { [EC2]: (_, response) => { response.writeHead(200, { 'content-length': String(whole.length) }); response.write(whole.subarray(0, 900)); setTimeout(() => response.destroy(), 20); } }, /broke off/],
    ['a server that stalls', { [EC2]: (_, response) => { response.writeHead(200); response.write(whole.subarray(0, 900)); } }, /nothing for 0\.3 seconds/],
    ['other columns', { [EC2]: offerCsv('AmazonEC2', [instance('m7g.large', '0.09')], ['SKU', 'TermType', 'Price']) }, /no column startingrange.*priceperunit/],
    ['two prices for one row', { [EC2]: offerCsv('AmazonEC2', [instance('m7g.large', '0.09'), instance('m7g.large', '0.1')]) }, /AmazonEC2 of eu-west-1 ec2\/m7g\.large\/on-demand\] got: two prices, 0\.09 and 0\.1/],
    ['a price that is none', { [EC2]: offerCsv('AmazonEC2', [instance('m7g.large', 'free')]) }, /a price of NaN/],
    ['nothing of the book', { [EC2]: offerCsv('AmazonEC2', [instance('x9z.huge', '9')]) }, /no price of the book/],
  ])('%s', async (_, answers, expected) => {
    list.serve({ [EC2_INDEX]: offerIndex('AmazonEC2', ['eu-west-1']), ...(Object.keys(answers).length === 0 ? { [EC2_INDEX]: (__, response) => response.writeHead(404).end() } : answers) });
    await expect(refresh(['AmazonEC2'], { idleMilliseconds: 300 })).rejects.toThrow(expected);
    await expect(refresh(['AmazonEC2'], { idleMilliseconds: 300 })).rejects.toThrow(/got: .*; allowed: .*; do: .*/);
  });

  it('says that nobody answers', async () => {
    const gone = await PriceListServer.start();
    const { base } = gone;
    await gone.stop();
    await expect(refresh(['AmazonEC2'], { base })).rejects.toThrow(/ECONNREFUSED.*check the network/);
  });

  it('gives nothing back when one of several files cannot be read, and names each that could not', async () => {
    list.serve({ [EC2_INDEX]: offerIndex('AmazonEC2', ['eu-west-1', 'us-east-1']), [EC2]: good });
    await expect(refresh(['AmazonEC2', 'AmazonEKS'], { regions: ['eu-west-1', 'us-east-1'] })).rejects.toThrow(/us-east-1\/index\.csv\] got: HTTP 404[^]*AmazonEKS\/current\/region_index\.json\] got: HTTP 404/);
  });

  it('refuses regions and offers there are none of, all at once', async () => {
    await expect(refresh(['AmazonGold'], { regions: ['mars-1'] })).rejects.toThrow(/got: mars-1[^]*got: AmazonGold/);
  });
});

describe('what was found', () => {
  const prices: RefreshedPrices = { offers: { 'AmazonEC2/eu-west-1': '2026-09-25' }, prices: { 'eu-west-1': { 'ec2/m7g.large/on-demand': [0.1, 'AmazonEC2'], 'ec2/c7g.large/on-demand': [0.08, 'AmazonEC2'] } } };

  it('is written in one order, whatever order it was found in', () => {
    const turned: RefreshedPrices = { offers: prices.offers, prices: { 'eu-west-1': Object.fromEntries(Object.entries(prices.prices['eu-west-1'] ?? {}).reverse()) } };
    expect(renderRefreshed(turned)).toBe(renderRefreshed(prices));
    expect(renderRefreshed(prices)).toContain("      'ec2/c7g.large/on-demand': [0.08, 'AmazonEC2'],\n      'ec2/m7g.large/on-demand': [0.1, 'AmazonEC2'],\n");
    expect(renderRefreshed(NOTHING)).toMatch(/offers: \{\},\n {2}prices: \{\},\n\};\n$/);
  });

  it('goes over the rows of the book with its day, and takes along what is a share of it', () => {
    const rows = new Map(withRefreshed(priceBook.rows('eu-west-1'), 'eu-west-1', prices).map((row) => [row.sku, row]));
    expect(rows.get('ec2/m7g.large/on-demand')).toMatchObject({ usd: 0.1, certainty: 'checked', asOf: '2026-09-25', source: 'AWS Price List Bulk API, AmazonEC2 of eu-west-1' });
    expect(rows.get('ec2/m7g.large/spot')).toMatchObject({ usd: 0.045, certainty: 'assumed' });
    expect(rows.get('ec2/m7g.xlarge/on-demand')).toEqual(priceBook.find('eu-west-1', 'ec2/m7g.xlarge/on-demand'));
    expect(withRefreshed(priceBook.rows('eu-west-1'), 'eu-west-1', NOTHING)).toEqual(priceBook.rows('eu-west-1'));
  });
});

describe('the settings', () => {
  it('have AWS\'s address unless told otherwise', () => {
    expect(readRefreshSettings({})).toEqual({ priceList: 'https://pricing.us-east-1.amazonaws.com', idleSeconds: 60 });
    expect(() => readRefreshSettings({ PRICE_LIST_IDLE_SECONDS: '0' })).toThrow('PRICE_LIST_IDLE_SECONDS');
  });
});
