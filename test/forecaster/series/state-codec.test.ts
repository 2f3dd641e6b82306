import { describe, expect, it } from 'vitest';
import { applyState, captureState, SHARED_BY_ALL } from '../../../forecaster/series/state-codec';

class Inner {
  count = 0;
  readonly ring = new Float32Array(3);
}

class Outer {
  readonly alias = 'outer';
  private flag = false;
  readonly inner = new Inner();
  readonly again = this.inner;
  readonly list = [1, 2, 3];
  readonly shared = { [SHARED_BY_ALL]: true, table: new Float64Array(1e6) };

  constructor(readonly size: number, readonly wide = new Float64Array(size)) {}

  learn(): void {
    this.flag = !this.flag;
    this.inner.count += 1;
    this.inner.ring[1] = 0.5;
    this.list[2] = NaN;
    this.wide[0] = -Infinity;
  }
}

describe('state codec', () => {
  it('moves numbers, flags and arrays to an object of the same shape, once each', () => {
    const from = new Outer(4);
    from.learn();
    const bytes = captureState(from);
    const to = new Outer(4);
    expect(applyState(to, bytes)).toBe(true);
    expect(to).toEqual(from);
    expect(captureState(to)).toEqual(bytes);
    expect(bytes.length).toBeLessThan(200); // neither the shared table nor the same object twice
  });

  it('refuses another shape, fewer bytes and more, and changes nothing', () => {
    const from = new Outer(4);
    from.learn();
    const bytes = captureState(from);
    const wrongs = [[5, bytes], [4, bytes.subarray(1)], [4, new Uint8Array([...bytes, 0])], [4, new Uint8Array()]] as const;
    for (const [size, wrong] of wrongs) {
      const target = new Outer(size);
      expect(applyState(target, wrong)).toBe(false);
      expect(target.inner.count).toBe(0);
    }
  });
});
