import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { line, offerCsv, offerIndex, PriceListServer } from './price-list';

const ROOT = resolve(__dirname, '../../..');
const BOOK = join(ROOT, 'pricing/prices/refreshed.ts');

let list: PriceListServer;
beforeAll(async () => { list = await PriceListServer.start(); });
afterAll(() => list.stop());

const run = (...args: string[]) => new Promise<{ code: number | null; out: string; errors: string }>((done) => {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), 'pricing/refresh/main.ts', ...args], { cwd: ROOT, env: { PATH: process.env.PATH, PRICE_LIST_URL: list.base } });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => { out += piece.toString(); });
  child.stderr.on('data', (piece: Buffer) => { errors += piece.toString(); });
  child.on('close', (code) => done({ code, out, errors }));
});
const serve = (usd: string) => list.serve({
  '/offers/v1.0/aws/AmazonEKS/current/region_index.json': offerIndex('AmazonEKS', ['eu-west-1']),
  '/offers/v1.0/aws/AmazonEKS/20260925174521/eu-west-1/index.csv': offerCsv('AmazonEKS', [line('EU-AmazonEKS-Hours:perCluster', usd)]),
});

it('says what differs and writes nothing when it only checks', async () => {
  const before = readFileSync(BOOK, 'utf8');
  serve('0.12');
  expect(await run('--check', '--offer', 'AmazonEKS', 'eu-west-1')).toEqual({
    code: 1, errors: 'reading AmazonEKS of eu-west-1\n', out: 'eu-west-1 eks/control-plane/standard: 0.1 -> 0.12 USD (+20.0 %)\n1 prices differ from the list, 0 are as it says\n',
  });
  serve('0.1');
  expect(await run('--check', '--offer', 'AmazonEKS', 'eu-west-1')).toMatchObject({ code: 0, out: '0 prices differ from the list, 1 are as it says\n' });
  expect(readFileSync(BOOK, 'utf8')).toBe(before);
}, 60_000);

it('leaves the book as it was when a file cannot be read, and when it is asked for what there is not', async () => {
  const before = readFileSync(BOOK, 'utf8');
  list.serve({});
  expect(await run('--offer', 'AmazonEKS', 'eu-west-1')).toMatchObject({ code: 1, out: '', errors: expect.stringMatching(/^the price book was not refreshed\n {2}\[http.*\] got: HTTP 404; allowed: .*; do: .*\n$/) });
  expect(await run('--everything')).toMatchObject({ code: 1, out: '', errors: expect.stringContaining("Unknown option '--everything'") });
  expect(readFileSync(BOOK, 'utf8')).toBe(before);
}, 60_000);
