import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { machineClock } from '../../../apps/loadgen/clock';
import { httpTarget } from '../../../apps/loadgen/http-target';
import { LoadClock, LoadRun, Send } from '../../../apps/loadgen/load-run';
import { seeded } from '../../../apps/loadgen/random';

/** Time that passes when somebody waits, and no sooner. */
class VirtualClock implements LoadClock {
  private time = 100;
  private readonly waiting: { readonly at: number; readonly resume: () => void }[] = [];

  readonly now = () => this.time;
  readonly wait = (seconds: number) => new Promise<void>((resume) => {
    this.waiting.push({ at: this.time + seconds, resume });
    setImmediate(() => this.advance());
  });

  private advance(): void {
    const next = this.waiting.sort((a, b) => a.at - b.at).shift();
    if (!next) return;
    this.time = Math.max(this.time, next.at);
    next.resume();
  }
}

const steady = { kind: 'steady', ratePerSecond: 10, seconds: 20 } as const;
const started = (clock: LoadClock, send: Send, more: object = {}) => new LoadRun({ shape: steady, spacing: 'even', clock, send, uniform: seeded(1), ...more });

describe('an open loop', () => {
  it('sends what is due, when it is due, and tells stretches apart', async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    const report = await started(clock, async () => {
      at.push(clock.now() - 100);
      await clock.wait(0.02);
      return 'ok';
    }).done;
    expect(report).toMatchObject({ state: 'finished', requests: 200, outstanding: 0, totalSeconds: 20, expectedRequests: 200 });
    expect(at).toHaveLength(200);
    at.forEach((time, index) => expect(time).toBeCloseTo(0.05 + index / 10, 6));
    expect(report.intervals.map(({ fromSeconds, outcomes }) => [fromSeconds, outcomes.ok])).toEqual([[0, 100], [10, 100]]);
    expect(report.summary.latency.p50).toBeCloseTo(0.02, 3);
    expect(report.latestSendSeconds).toBeLessThan(1e-6);
  });

  it('sees a stall as its users do: everybody who came in it has waited', async () => {
    const clock = new VirtualClock();
    // From second 5 to second 10 nothing is answered; then everything at once.
    const report = await started(clock, async () => {
      const now = clock.now() - 100;
      await clock.wait(now >= 5 && now < 10 ? 10 - now : 0.001);
      return 'ok';
    }).done;
    const waited = report.summary.latency;
    expect(report.requests).toBe(200); // a closed loop would have sent 150 and seen one slow answer
    expect(waited.p50).toBeLessThan(0.01);
    expect(waited.p95).toBeGreaterThan(3.5); // a quarter of the users came in the stall, and waited 0 to 5 s
    expect(waited.max).toBeCloseTo(4.95, 1);
  });

  it('does not send what would be one too many, and counts it', async () => {
    const clock = new VirtualClock();
    const report = await started(clock, async () => {
      await clock.wait(1e6);
      return 'ok';
    }, { maxOutstanding: 30 }).done;
    expect(report.summary.outcomes).toEqual({ ok: 30, status: 0, timeout: 0, connection: 0, 'not-sent': 170 });
  });

  it('stops when it is told to, and holds what it gave up against nobody', async () => {
    const clock = new VirtualClock();
    let sent = 0;
    const run: LoadRun = started(clock, async (signal) => {
      sent += 1;
      if (sent === 50) run.stop();
      return signal.aborted ? 'connection' : 'ok';
    });
    const report = await run.done;
    expect(report.state).toBe('stopped');
    expect(report.requests).toBe(50);
    expect(report.summary.outcomes).toMatchObject({ ok: 49, connection: 0 });
  });
});

describe('over real connections', () => {
  let server: Server | undefined;
  afterEach(() => new Promise<void>((done) => {
    server?.closeAllConnections();
    server?.close(() => done());
    if (!server) done();
    server = undefined;
  }));
  const listen = (answer: Parameters<typeof createServer>[1]) => new Promise<string>((done) => {
    server = createServer(answer as never).listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server!.address() as AddressInfo).port}/`));
  });
  const load = (url: string, timeoutSeconds = 5) => {
    const target = httpTarget({ url, timeoutSeconds });
    const run = new LoadRun({ shape: { kind: 'steady', ratePerSecond: 200, seconds: 1 }, spacing: 'even', clock: machineClock, send: target.send, uniform: seeded(1) });
    return { run, report: run.done.finally(() => target.close()) };
  };

  it('counts every answer by what it was', async () => {
    let asked = 0;
    const url = await listen((_request, answer) => {
      asked += 1;
      answer.writeHead(asked % 4 === 0 ? 503 : 200).end('x'.repeat(2000));
    });
    const report = await load(url).report;
    expect(asked).toBe(200);
    expect(report.summary.outcomes).toEqual({ ok: 150, status: 50, timeout: 0, connection: 0, 'not-sent': 0 });
    expect(report.summary.serviceTime.p50).toBeGreaterThan(0);
  });

  it('tells a target that hangs from one that is not there and one that hangs up', async () => {
    const hanging = await load(await listen(() => undefined), 0.2).report;
    expect(hanging.summary.outcomes).toMatchObject({ timeout: 200, ok: 0 });
    expect(hanging.summary.latency.p50).toBeGreaterThan(0.19);
    server!.closeAllConnections();
    server!.close();
    const cut = await load(await listen((request) => request.socket.destroy())).report;
    expect(cut.summary.outcomes).toMatchObject({ connection: 200, ok: 0 });
    const nobody = await load('http://127.0.0.1:9/').report;
    expect(nobody.summary.outcomes).toMatchObject({ connection: 200, ok: 0 });
  });

  it('gives up what is under way when it is stopped', async () => {
    const { run, report } = load(await listen(() => undefined), 60);
    setTimeout(() => run.stop(), 300);
    expect(await report).toMatchObject({ state: 'stopped', outstanding: 0, summary: { outcomes: { timeout: 0, connection: 0 } } });
  });
});
