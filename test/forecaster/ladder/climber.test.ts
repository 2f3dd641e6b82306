import { describe, expect, it } from 'vitest';
import { createForecaster } from '../../../forecaster/engine';
import { Climber } from '../../../forecaster/ladder/climber';
import { createTrustedForecaster } from '../../../forecaster/ladder/trusted-forecaster';
import { gaussian, seeded } from '../support/random';

const DAY = 86_400;
/** A day of a service: worth forecasting. */
function wave(seed: number) {
  const random = seeded(seed);
  return (time: number) => 200 + 100 * Math.sin((2 * Math.PI * time) / DAY) + 4 * gaussian(random);
}

describe('a forecaster with its ladder', () => {
  it('earns trust from history before anything is scaled, and has none before', () => {
    const forecaster = createTrustedForecaster({ stepSeconds: 300 });
    expect([forecaster.ready, forecaster.step, forecaster.mayScale]).toEqual([false, 'shadow', false]);
    const value = wave(3);
    forecaster.warm({ start: 0, step: 300, values: Float64Array.from({ length: 7 * 288 }, (_, i) => value(i * 300)) });
    expect([forecaster.ready, forecaster.step, forecaster.mayScale]).toEqual([true, 'lead', true]);
    expect(forecaster.lastTime).toBe(7 * DAY - 300);
  });

  it('never earns it where nothing is better than the last value', () => {
    const forecaster = createTrustedForecaster({ stepSeconds: 300 });
    const random = seeded(5);
    let level = 1e6;
    let scaled = 0;
    for (let time = 0; time < 14 * DAY; time += 300) {
      level += 1000 * gaussian(random);
      forecaster.observe(time, level);
      if (forecaster.step === 'lead') scaled += 1;
    }
    expect(scaled).toBeLessThan(14 * 288 * 0.02);
  });

  it('forecasts the same with and without a ladder', () => {
    const [plain, trusted] = [createForecaster(), createTrustedForecaster()];
    const value = wave(9);
    for (let time = 0; time < DAY; time += 60) {
      const next = value(time);
      plain.observe(time, next);
      trusted.observe(time, next);
    }
    expect(trusted.forecast({ horizonSeconds: 1800 })).toEqual(plain.forecast({ horizonSeconds: 1800 }));
    expect(trusted.demand({ leadTimeSeconds: 300, quantile: 0.9 })).toEqual(plain.demand({ leadTimeSeconds: 300, quantile: 0.9 }));
    expect(trusted.status()).toEqual(plain.status());
  });
});

describe('a climber', () => {
  function climbed() {
    const forecaster = createForecaster({ stepSeconds: 300 });
    const climber = new Climber(forecaster, 300);
    const value = wave(3);
    for (let time = 0; time < 7 * DAY; time += 300) {
      forecaster.observe(time, value(time));
      climber.learned();
    }
    expect(climber.step).toBe('lead');
    return { forecaster, climber };
  }

  it('says nothing of a forecaster that has seen nothing', () => {
    const climber = new Climber(createForecaster(), 60);
    expect(climber.look(1000)).toBeUndefined();
    expect(climber.ladder.newest).toBeNull();
  });

  it('falls when values stay away, and not while the next is not due', () => {
    const { climber } = climbed();
    expect(climber.look(7 * DAY + 299)).toBeUndefined();
    expect(climber.look(7 * DAY + 301)).toMatchObject({ to: 'shadow', reasons: ['stale_metrics'] });
  });

  it('does not take values that fill a gap for a clock that was set back', () => {
    const { forecaster, climber } = climbed();
    climber.look(7 * DAY + 3600);
    const value = wave(4);
    const events = [];
    for (let time = 7 * DAY; time < 8 * DAY; time += 300) {
      forecaster.observe(time, value(time));
      events.push(climber.learned());
    }
    expect(events.flatMap((event) => event?.reasons ?? [])).not.toContain('clock_jump');
    expect(climber.step).not.toBe('shadow');
  });

  it('falls when the clock was set back by days', () => {
    const { forecaster, climber } = climbed();
    const events = [];
    for (let time = 2 * DAY; time < 2 * DAY + 7200; time += 300) {
      forecaster.observe(time, 200);
      events.push(climber.learned());
      events.push(climber.look(time + 300));
    }
    expect(events.find((event) => event !== undefined)).toMatchObject({ to: 'shadow', reasons: ['clock_jump'] });
  });

  it('goes on from a snapshot', () => {
    const { forecaster, climber } = climbed();
    const next = new Climber(forecaster, 300);
    expect(next.restore({})).toBe(false);
    expect(next.restore(JSON.parse(JSON.stringify(climber.ladder.snapshot())))).toBe(true);
    expect(next.step).toBe('lead');
  });
});
