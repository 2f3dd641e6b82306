import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BreachCalibration } from '../../../forecaster/incidents/breach-calibration';
import { seeded } from '../support/random';

/** Tells the same probability every five minutes of days in which each half hour crosses with another. */
function lived(told: number, happens: number, days = 20): BreachCalibration {
  const calibration = new BreachCalibration();
  const random = seeded(1);
  const crossing = 1 - (1 - happens) ** (1 / 6);
  for (let time = 0; time < days * 86_400; time += 300) {
    calibration.value(time, random() < crossing ? 2 : 0);
    calibration.tell(time, told, 1);
  }
  return calibration;
}

describe('how far a probability is to be believed', () => {
  it('is in full before anything is known', () => {
    for (const probability of [0.01, 0.2, 0.5, 0.9]) expect(new BreachCalibration().adjust(probability)).toBeCloseTo(probability, 9);
  });

  it('is not at all when what was told never came', () => {
    expect(lived(0.7, 0).adjust(0.7)).toBeLessThan(0.03);
  });

  it('is more when it came more often than told', () => {
    expect(lived(0.2, 0.6).adjust(0.2)).toBeGreaterThan(0.45);
  });

  it('stays what it was when it was right', () => {
    for (const share of [0.2, 0.5, 0.8]) expect(Math.abs(lived(share, share).adjust(share) - share)).toBeLessThan(0.12);
  });

  it('keeps order and stays a probability whatever comes', () => {
    const probabilities = fc.double({ min: 0, max: 1, noNaN: true });
    const step = fc.record({ wait: fc.integer({ min: -4000, max: 4000 }), value: fc.double(), probability: probabilities, threshold: fc.double({ noNaN: true }) });
    fc.assert(fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const calibration = new BreachCalibration();
      let time = 0;
      for (const { wait, value, probability, threshold } of steps) {
        time += wait;
        calibration.value(time, value);
        calibration.tell(time, probability, threshold);
        expect(calibration.snapshot().told.length).toBeLessThanOrEqual(7);
      }
      const adjusted = [0, 0.1, 0.5, 0.9, 1].map((probability) => calibration.adjust(probability));
      adjusted.forEach((each, i) => expect(each > 0 && each < 1 && each >= (adjusted[i - 1] ?? 0)).toBe(true));
    }));
  });

  it('learns nothing from half hours of which almost nothing is known', () => {
    const calibration = new BreachCalibration();
    for (let time = 0; time < 86_400; time += 3600) {
      calibration.tell(time, 0.9, 1);
      calibration.value(time + 2400, 0);
    }
    expect(calibration.adjust(0.9)).toBeCloseTo(0.9, 9);
  });

  it('goes on from a snapshot', () => {
    const kept = lived(0.7, 0, 1);
    const next = BreachCalibration.restore(JSON.parse(JSON.stringify(kept.snapshot())) as ReturnType<BreachCalibration['snapshot']>);
    expect(next.snapshot()).toEqual(kept.snapshot());
  });
});
