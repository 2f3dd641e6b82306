import { describe, expect, it } from 'vitest';
import { progressOn } from '../../../forecaster/backtest/progress';

function told(isTTY: boolean, calls: readonly (readonly [number, number, string])[], secondsPerCall = 10): string {
  let text = '';
  let clock = 0;
  const tell = progressOn({ isTTY, write: (part) => { text += part; } }, () => clock);
  for (const call of calls) {
    tell(...call);
    clock += secondsPerCall;
  }
  return text;
}

describe('progress', () => {
  it('is a line for every tenth where lines stay', () => {
    const lines = told(false, Array.from({ length: 101 }, (_, done) => [done, 100, `s${done}`] as const)).trimEnd().split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[5]).toBe('50/100 in 8 min 20 s, about 8 min 20 s left  s50');
    expect(lines[10]).toBe('100/100 in 16 min 40 s  s100');
  });

  it('is one line that is redrawn on a terminal', () => {
    expect(told(true, [[1, 2, 'a'], [2, 2, 'b']])).toMatch(/^\r\u001b\[K1\/2 in 0 s, about 0 s left {2}a\r\u001b\[K2\/2 in 10 s {2}b\n$/);
  });

  it('starts again with the next part of a run', () => {
    expect(told(false, [[0, 2, 'a'], [2, 2, 'b'], [0, 2, 'c'], [2, 2, 'd']])).toBe('0/2 in 0 s  a\n2/2 in 10 s  b\n0/2 in 0 s  c\n2/2 in 10 s  d\n');
    expect(told(false, [[2, 2, 'b'], [1, 2, 'c']])).toBe('2/2 in 0 s  b\n1/2 in 0 s, about 0 s left  c\n');
  });
});
