import { describe, expect, it } from 'vitest';
import { parseHorizon, parseQuantiles } from '../../../forecaster/service/horizon';

const bounds = { min: 60, max: 3600 };

describe('parseHorizon', () => {
  it.each([['30m', 1800], ['1800s', 1800], ['1h', 3600], ['60s', 60]])('%s is %s seconds', (text, seconds) => {
    expect(parseHorizon(text, bounds)).toEqual({ seconds });
  });

  it.each(['', '30', 'm', '-5m', '1.5h', '2h', '59s', '0m', '30 m', '9999999s', '30m30s', 'Infinityh'])('%j is refused in four parts', (text) => {
    const parsed = parseHorizon(text, bounds);
    expect(parsed).toHaveProperty('fault.where', 'query horizon');
    expect(parsed).toHaveProperty('fault.got', text || 'nothing');
    expect(parsed).toHaveProperty('fault.allowed', expect.stringContaining('from 60s to 3600s'));
  });
});

describe('parseQuantiles', () => {
  it('sorts and leaves out repeats', () => {
    expect(parseQuantiles('0.9,0.1, 0.5,.9')).toEqual({ levels: [0.1, 0.5, 0.9] });
  });

  it.each(['', '0', '1', '0.5,', '1.5', '-0.5', 'NaN', '0.0001', '1e-1', Array.from({ length: 21 }, (_, i) => `0.${i + 10}`).join(',')])('%j is refused', (text) => {
    expect(parseQuantiles(text)).toHaveProperty('fault.where', 'query quantiles');
  });
});
