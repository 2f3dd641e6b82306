import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { GracefulStopOptions, stopOnSignals } from '../../base/graceful-stop';

class Target extends EventEmitter {
  readonly codes: number[] = [];
  exit(code: number): void {
    this.codes.push(code);
  }
}

function stoppable(stop: GracefulStopOptions['stop']) {
  const target = new Target();
  const timers: { action: () => void; milliseconds: number }[] = [];
  const said: string[] = [];
  stopOnSignals(target, { stop, graceMs: 500, log: (message) => said.push(message), schedule: (action, milliseconds) => timers.push({ action, milliseconds }) });
  return { target, timers, said };
}

const settled = () => new Promise((done) => setImmediate(done));

describe('stopOnSignals', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('exits 0 once stopping on %s has finished, not before', async (signal) => {
    let finish: () => void = () => undefined;
    const { target, said } = stoppable(() => new Promise<void>((done) => { finish = done; }));
    target.emit(signal);
    await settled();
    expect(target.codes).toEqual([]);
    finish();
    await settled();
    expect(target.codes).toEqual([0]);
    expect(said).toEqual([`stopping on ${signal}`]);
  });

  it('exits 1 when stopping fails', async () => {
    const { target, said } = stoppable(() => Promise.reject(new Error('database gone')));
    target.emit('SIGTERM');
    await settled();
    expect(target.codes).toEqual([1]);
    expect(said).toContain('stopping failed');
  });

  it('exits 1 when stopping takes longer than the grace period', () => {
    const { target, timers } = stoppable(() => new Promise(() => undefined));
    target.emit('SIGTERM');
    expect(timers.map((timer) => timer.milliseconds)).toEqual([500]);
    timers[0]?.action();
    expect(target.codes).toEqual([1]);
  });

  it('stops once, and at once on a second signal', () => {
    let stops = 0;
    const { target } = stoppable(() => { stops += 1; return new Promise(() => undefined); });
    target.emit('SIGINT');
    target.emit('SIGINT');
    expect([stops, target.codes]).toEqual([1, [130]]);
  });
});
