import { describe, expect, it } from 'vitest';
import { SeasonalMemory } from '../../../forecaster/series/seasonal-memory';

const DAY = 288;

function filled(days: number, value: (slot: number) => number): SeasonalMemory {
  const memory = new SeasonalMemory({ stepSeconds: 300 });
  for (let slot = 0; slot < days * DAY; slot++) memory.update(slot, value(slot));
  return memory;
}

describe('SeasonalMemory', () => {
  it('reads single days back, up to a week', () => {
    const memory = filled(10, (slot) => Math.floor(slot / DAY));
    const now = 10 * DAY - 1;
    expect([1, 2, 7].map((days) => memory.daysBefore(now, days))).toEqual([8, 7, 2]);
    expect(memory.daysBefore(now, 9)).toBeNaN();
  });

  it('knows what is usual at a time of day after a day and a half', () => {
    const memory = filled(2, (slot) => slot % DAY);
    expect(memory.usual(2 * DAY + 100)).toBe(100);
    expect(filled(0.4, () => 1).usual(0)).toBeNaN();
  });

  it('does not let the present hour into the usual day', () => {
    const memory = filled(3, (slot) => (slot >= 3 * DAY - 12 ? 1000 : 10));
    expect(memory.usual(3 * DAY - 1)).toBe(10);
  });

  it('interpolates between buckets when steps are shorter', () => {
    const memory = new SeasonalMemory({ stepSeconds: 60 });
    for (let slot = 0; slot < 3 * 1440; slot++) memory.update(slot, slot % 1440);
    expect(memory.usual(3 * 1440 + 601)).toBeCloseTo(601, 3);
  });

  it('forgets what lies further back than it keeps, also after a long silence', () => {
    const memory = filled(2, () => 5);
    memory.update(30 * DAY, 7);
    expect(memory.daysBefore(30 * DAY, 1)).toBeNaN();
    expect(memory.usual(30 * DAY)).toBe(5);
  });
});
