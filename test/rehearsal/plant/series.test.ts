import { describe, expect, it } from 'vitest';
import { AffineClock } from '../../../rehearsal/plant';
import { parseExposition } from '../../../rehearsal/plant/exposition';
import { parseLabelSelector } from '../../../rehearsal/plant/label-selector';
import { evaluate, evaluateRange, parseQuery, QueryError } from '../../../rehearsal/plant/promql';
import { SeriesStore } from '../../../rehearsal/plant/recording-rules';

describe('the clock', () => {
  it('maps both ways', () => {
    const clock = new AffineClock({ traceStart: 1000, wallStart: 50, speed: 120 });
    expect(clock.toTrace(51)).toBe(1120);
    expect(clock.toWall(1120)).toBe(51);
    for (const speed of [0, -1, NaN, Infinity]) expect(() => new AffineClock({ traceStart: 0, wallStart: 0, speed })).toThrow(RangeError);
  });

  it('stands still until it is started, once', () => {
    const clock = new AffineClock({ traceStart: 1000, speed: 10 });
    expect([clock.toTrace(5), clock.toTrace(7), clock.running]).toEqual([1000, 1000, false]);
    expect(() => clock.toWall(1000)).toThrow();
    clock.start(7);
    expect([clock.toTrace(8), clock.running]).toEqual([1010, true]);
    expect(() => clock.start(9)).toThrow();
  });
});

describe('stored series', () => {
  const store = (): SeriesStore => {
    const filled = new SeriesStore();
    for (const time of [0, 60, 120]) filled.append('m', { a: '1', b: 'x' }, time, time);
    filled.append('m', { a: '2' }, 60, 7);
    return filled;
  };

  it('answer with the newest point of the last five minutes', () => {
    const at = (time: number): number[] => store().instant('m', { a: '1' }, time).map((sample) => sample.value);
    expect([at(-1), at(0), at(119), at(120), at(419), at(420)]).toEqual([[], [0], [60], [120], [120], []]);
  });

  it('are chosen by equal labels; an empty one means an absent one', () => {
    const values = (matchers: Record<string, string>): number[] => store().instant('m', matchers, 130).map((sample) => sample.value);
    expect([values({}), values({ a: '2' }), values({ b: '' }), values({ b: 'y' })]).toEqual([[120, 7], [7], [7], []]);
  });

  it('end at once when they are marked stale, and begin again', () => {
    const series = store();
    series.markStale('m', { b: 'x', a: '1' }, 130);
    expect(series.instant('m', { a: '1' }, 129)).toHaveLength(1);
    expect(series.instant('m', { a: '1' }, 130)).toHaveLength(0);
    series.append('m', { a: '1', b: 'x' }, 140, 9);
    expect(series.instant('m', { a: '1' }, 140).map((sample) => sample.value)).toEqual([9]);
  });

  it('drop points out of order; while time stands still the last point counts', () => {
    const series = store();
    series.append('m', { a: '2' }, 30, 1);
    series.append('m', { a: '2' }, 60, 8);
    expect(series.instant('m', { a: '2' }, 60).map((sample) => sample.value)).toEqual([8]);
    expect(series.instant('m', { a: '2' }, 59)).toEqual([]);
  });
});

describe('queries', () => {
  it('are understood in four forms', () => {
    expect(parseQuery(' time() ')).toEqual({ kind: 'time' });
    expect(parseQuery('tideline:requests:rate')).toEqual({ kind: 'selector', name: 'tideline:requests:rate', matchers: {} });
    expect(parseQuery('m{a="1", b="say \\"x\\"",}')).toEqual({ kind: 'selector', name: 'm', matchers: { a: '1', b: 'say "x"' } });
    expect(parseQuery('max( m{a="1"} )')).toEqual({ kind: 'selector', name: 'm', matchers: { a: '1' }, aggregate: 'max' });
    expect(parseQuery('sum(m)')).toMatchObject({ aggregate: 'sum' });
  });

  it.each(['', '1', 'm{a=~"("}', 'm{a="1",a=~"1"}', 'm{a!="1"}', 'm{a="1"', 'm}', 'm{a}', 'm{a="1" b="2"}', 'm{a="1",a="2"}', 'rate(m[1m])', 'm[5m]', 'm offset 1m', 'm + 1', 'avg(m)', 'max(m) by (a)', 'max(max(m))', 'm{a="1\\q"}'])(
    'in any other form, such as %j, are refused', (query) => {
      expect(() => parseQuery(query)).toThrow(QueryError);
    });

  it('match names and alternatives whole, as an expression says', () => {
    const store = new SeriesStore();
    for (const a of ['one', 'two', 'twofold']) store.append('m', { a }, 0, 1);
    const found = (text: string) => evaluate(store, parseQuery(text) as Extract<ReturnType<typeof parseQuery>, { kind: 'selector' }>, 0).map(({ metric }) => metric.a);
    expect(found('m{a=~"one|two"}')).toEqual(['one', 'two']);
    expect(found('m{a=~"tw.+"}')).toEqual(['two', 'twofold']);
    expect(found('m{b=~""}')).toEqual(['one', 'two', 'twofold']);
    expect(found('m{a="one",a2=~".+"}')).toEqual([]);
    expect(evaluateRange(store, parseQuery('m{a=~"on.*"}') as Extract<ReturnType<typeof parseQuery>, { kind: 'selector' }>, [0])).toHaveLength(1);
  });

  const series = new SeriesStore();
  series.append('m', { a: '1' }, 0, 4);
  series.append('m', { a: '2' }, 60, 6);
  series.append('m', { a: '3' }, 60, NaN);
  const selector = (text: string) => parseQuery(text) as Extract<ReturnType<typeof parseQuery>, { kind: 'selector' }>;

  it('give vectors with names, and aggregates without labels', () => {
    expect(evaluate(series, selector('m{a="1"}'), 60)).toEqual([{ metric: { __name__: 'm', a: '1' }, value: 4 }]);
    expect(evaluate(series, selector('max(m)'), 60)).toEqual([{ metric: {}, value: 6 }]);
    expect(evaluate(series, selector('sum(m)'), 30)).toEqual([{ metric: {}, value: 4 }]);
    expect(evaluate(series, selector('sum(m)'), 60)[0]!.value).toBeNaN();
    expect(evaluate(series, selector('max(nothing)'), 60)).toEqual([]);
  });

  it('over a range leave out what is not there', () => {
    expect(evaluateRange(series, selector('m{a="2"}'), [0, 60, 120, 360])).toEqual([{ metric: { __name__: 'm', a: '2' }, values: [[1, 6], [2, 6]] }]);
    expect(evaluateRange(series, selector('max(m)'), [0, 60])).toEqual([{ metric: {}, values: [[0, 4], [1, 6]] }]);
    expect(evaluateRange(series, selector('m{a="9"}'), [0])).toEqual([]);
  });
});

describe('a page of metrics', () => {
  it('is read line by line', () => {
    const page = '# HELP m what\n# TYPE m gauge\nm 1\nm{a="x",b="y\\"z\\n",} 2.5e1 1700000000000\r\n\nn{} NaN\no +Inf\n';
    expect(parseExposition(page)).toEqual([
      { name: 'm', labels: {}, value: 1 }, { name: 'm', labels: { a: 'x', b: 'y"z\n' }, value: 25 }, { name: 'n', labels: {}, value: NaN }, { name: 'o', labels: {}, value: Infinity },
    ]);
  });

  it.each(['<html>', 'm', 'm one', 'm{a=1} 1', 'm{a="1" 1', '1m 2', '{"status":"ok"}'])('with %j in it is refused', (line) => {
    expect(() => parseExposition(`ok 1\n${line}\n`)).toThrow('line 2');
  });
});

describe('a label selector', () => {
  const labels = { app: 'catalog', tier: 'web' };
  it.each([
    ['', true], ['app=catalog', true], ['app==catalog,tier=web', true], ['app=cost', false], ['app!=cost', true], ['other!=x', true], ['app in (cost, catalog)', true],
    ['app in (cost)', false], ['app notin (cost)', true], ['other notin (x)', true], ['other in (x)', false], ['app', true], ['other', false], ['!other', true], ['!app', false],
    ['app in (catalog,cost),tier=web', true],
  ])('%j says %s', (selector, expected) => {
    expect(parseLabelSelector(selector)!(labels)).toBe(expected);
  });

  it.each(['app=(', 'app in catalog', 'a=b=c', 'a b'])('%j is none', (selector) => {
    expect(parseLabelSelector(selector)).toBeUndefined();
  });
});
