import { performance } from 'node:perf_hooks';
import type { LoadClock } from './load-run';

/** The machine's own time. A timer is up to a millisecond late; what is due within one is sent at once. */
export const machineClock: LoadClock = {
  now: () => performance.now() / 1000,
  wait: (seconds, signal) => new Promise((done) => {
    if (signal.aborted) return done();
    if (seconds < 0.001) return void setImmediate(done);
    const stop = () => {
      clearTimeout(timer);
      done();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      done();
    }, Math.min(seconds * 1000, 2 ** 31 - 1));
    signal.addEventListener('abort', stop, { once: true });
    return undefined;
  }),
};
