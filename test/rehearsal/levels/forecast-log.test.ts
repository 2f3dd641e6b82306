import { createServer, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ForecastLog } from '../../../rehearsal/levels/forecast-log';
import type { RunningService } from '../../../rehearsal/services';

const HORIZON = 3;
const START = 600_000;
const history = Array.from({ length: 3 * 24 * 60 }, (_, minute) => 100 + (minute % 7)); // not the same each day
const replay = Array.from({ length: 30 }, (_, minute) => 100 + minute);

let server: Server | undefined;
afterEach(() => new Promise<void>((done) => {
  if (!server) return done();
  server.close(() => done());
  server.closeAllConnections();
}));

/** A forecaster at the end of a wire, and the log that asks it. */
async function logOf(answer: (response: ServerResponse, asked: number) => void) {
  const requests: { readonly url: string; readonly authorization?: string }[] = [];
  server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
    answer(response, requests.length - 1);
  });
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
  const service = { name: 'forecaster', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'secret' } as RunningService;
  const log = new ForecastLog(service, { name: 'catalog', namespace: 'shop', horizonMinutes: HORIZON });
  return {
    log, requests,
    poll: async (minute: number) => {
      const before = requests.length;
      log.poll(minute);
      while (requests.length === before) await new Promise((done) => setTimeout(done, 5));
      await new Promise((done) => setTimeout(done, 40)); // until the answer has been read
    },
  };
}

/** A forecast made at the end of a minute of the replay: exact, with bands of 5 and 10 to both sides. */
const forecast = (minute: number, model = 'holt') => {
  const point = Array.from({ length: HORIZON }, (_, step) => 100 + minute + step + 1);
  const beside = (by: number) => point.map((value) => value + by);
  return JSON.stringify({ origin: START + minute * 60, stepSeconds: 60, point, quantiles: { '0.1': beside(-5), '0.9': beside(5), '0.025': beside(-10), '0.975': beside(10) }, model });
};
const section = (log: ForecastLog) => log.section({ start: START, history, replay });

describe('ForecastLog', () => {
  it('compares what was expected at the horizon with what came', async () => {
    const { log, poll, requests } = await logOf((response, asked) => response.end(forecast(asked)));
    for (let minute = 0; minute < 5; minute += 1) await poll(minute);
    expect(requests[0]).toEqual({ url: '/predict/catalog/requests?namespace=shop&horizon=3m&quantiles=0.025%2C0.1%2C0.9%2C0.975', authorization: 'Bearer secret' });
    const found = section(log);
    expect(found).toMatchObject({ horizonMinutes: HORIZON, model: 'holt', mase: 0, coverage80: 1, coverage95: 1 });
    expect(found.series.time).toEqual([3, 4, 5, 6, 7].map((minute) => START + minute * 60));
    expect(found.series.actual).toEqual([103, 104, 105, 106, 107]);
    expect(found.series.point).toEqual(found.series.actual);
    expect(found.series.lower95[0]).toBe(93);
    expect(found.series.upper80[0]).toBe(108);
  });

  it('asks once a minute, and counts a forecast of the same minute once', async () => {
    const { log, poll, requests } = await logOf((response) => response.end(forecast(2)));
    await poll(0);
    log.poll(0);
    await poll(1);
    expect(requests).toHaveLength(2);
    expect(section(log).series.time).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['an error', (response) => response.writeHead(503).end('{}')],
    ['something that is not JSON', (response) => response.end('<html>')],
    ['JSON of another shape', (response) => response.end('{"point": "soon"}')],
    ['null', (response) => response.end('null')],
    ['numbers that are none', (response) => response.end(forecast(0).replace(/"point":\[[^\]]*\]/, '"point":[null,null,null]'))],
    ['a horizon that is too short', (response) => response.end(forecast(0).replace(/"point":\[[^\]]*\]/, '"point":[1]'))],
    ['a time outside the replay', (response) => response.end(forecast(500))],
    ['a connection that breaks', (response) => response.destroy()],
  ])('leaves out %s, and goes on', async (_what, answer) => {
    const { log, poll } = await logOf((response, asked) => (asked === 0 ? answer(response) : response.end(forecast(1))));
    await poll(0);
    const empty = section(log);
    expect(empty).toMatchObject({ model: 'none', series: { time: [], point: [] } });
    expect(Number.isNaN(empty.mase)).toBe(false); // the report is JSON
    await poll(1);
    expect(section(log).series.time).toEqual([START + 4 * 60]);
  });
});
