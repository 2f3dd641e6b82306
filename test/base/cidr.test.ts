import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cidr } from '../../base/cidr';

const octet = fc.integer({ min: 0, max: 255 });
const blocks = fc.tuple(octet, octet, octet, octet, fc.integer({ min: 8, max: 28 })).map(([a, b, c, d, prefix]) => {
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const base = address - (address % 2 ** (32 - prefix));
  return `${[24, 16, 8, 0].map((bits) => Math.floor(base / 2 ** bits) % 256).join('.')}/${prefix}`;
});

describe('an address block', () => {
  it.each(['10.0.0.1/16', '256.0.0.0/8', '10.0.0.0/33', '10.0.0/16', '10.0.0.0', ' 10.0.0.0/16', ''])('is not %j', (text) => {
    expect(Cidr.tryParse(text)).toBeUndefined();
    expect(() => Cidr.parse(text, 'network cidr')).toThrow(/\[network cidr\] got: .*allowed: .*without host bits/);
  });

  it('is written as it was read', () => {
    fc.assert(fc.property(blocks, (text) => String(Cidr.parse(text, 'test')) === text));
  });

  it('is divided into parts that it contains, that share nothing, and that fill it', () => {
    fc.assert(fc.property(blocks, fc.integer({ min: 0, max: 4 }), (text, more) => {
      const block = Cidr.parse(text, 'test');
      const parts = Array.from({ length: 2 ** more }, (_, index) => block.part(block.prefix + more, index));
      expect(parts.every((part) => block.contains(part))).toBe(true);
      expect(parts.some((part, index) => parts.slice(index + 1).some((other) => part.overlaps(other)))).toBe(false);
      expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(block.size);
    }));
  });

  it('has no part outside itself', () => {
    const block = Cidr.parse('10.0.0.0/16', 'test');
    expect(() => block.part(18, 4)).toThrow('10.0.0.0/16 has no /18 number 4');
    expect(() => block.part(15, 0)).toThrow(RangeError);
    expect(block.contains(Cidr.parse('10.1.0.0/18', 'test'))).toBe(false);
  });
});
