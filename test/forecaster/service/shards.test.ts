import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecasterSettings } from '../../../forecaster/service/settings';
import { misdirected, ownerOf, owns, shardOf, WHOLE } from '../../../forecaster/service/shards';

const read = (index: string, count: string) => shardOf(forecasterSettings({
  FORECASTER_PROMETHEUS_URL: 'http://p:9090', FORECASTER_TOKEN: 't', FORECASTER_SHARD_INDEX: index, FORECASTER_SHARD_COUNT: count,
}));

describe('shards', () => {
  it('have each service exactly once', () => {
    fc.assert(fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 12 }), (namespace, service, count) => {
      const having = Array.from({ length: count }, (_, index) => ({ index, count })).filter((shard) => owns(shard, namespace, service));
      expect(having.map(({ index }) => index)).toEqual([ownerOf(namespace, service, count)]);
    }));
  });

  it('tell namespace and service apart wherever the border is', () => {
    const owners = (namespace: string, service: string) => Array.from({ length: 30 }, (_, count) => ownerOf(namespace, service, count + 1));
    expect(owners('a/b', 'c')).not.toEqual(owners('a', 'b/c'));
  });

  it('of one have everything', () => {
    expect(owns(WHOLE, 'any', 'thing')).toBe(true);
    expect(misdirected(WHOLE, 'any', 'thing')).toBeUndefined();
  });

  it('name the one to ask', () => {
    const owner = ownerOf('shop', 'catalog', 3);
    expect(misdirected({ index: owner, count: 3 }, 'shop', 'catalog')).toBeUndefined();
    expect(misdirected({ index: (owner + 1) % 3, count: 3 }, 'shop', 'catalog')).toMatchObject({ status: 421, code: 'other_shard', shard: owner });
  });

  it.each([['0', '1', 0], ['2', '3', 2], ['forecaster-2', '3', 2], ['forecaster-5', '3', 2], ['a.b-c-10', '16', 10]])('index %s of %s is %i', (index, count, expected) => {
    expect(read(index, count)).toEqual({ index: expected, count: Number(count) });
  });

  it.each(['forecaster', 'forecaster-', '-1.5', '1e3', '', ' x-'])('index %j is refused or has its default', (index) => {
    if (index === '') expect(read(index, '2').index).toBe(0);
    else expect(() => read(index, '2')).toThrow(/FORECASTER_SHARD_INDEX/);
  });
});
