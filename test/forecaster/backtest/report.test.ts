import { parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import { documentOf } from '../../../forecaster/backtest/result';
import { renderPage } from '../../../forecaster/backtest/report/page';
import { asText } from '../../../forecaster/backtest/text-table';
import type { Plot, TrackResult } from '../../../forecaster/backtest/track';

const plots: Plot[] = [
  { kind: 'bars', title: 'bars', caption: '', groups: ['g', '<g>'], methods: [{ name: 'tideline', values: [0.7, null] }], reference: 1 },
  { kind: 'histogram', title: 'histogram', caption: '', values: [0.2, 0.9, 1.4, 1e6], reference: 1 },
  { kind: 'calibration', title: 'calibration', caption: '', levels: [0.1, 0.9], methods: [{ name: 'tideline', shares: [0.12, 0.88] }] },
  {
    kind: 'fan', title: 'fan', caption: '', start: 0, step_s: 300, every: 2, actual: [1, null, 3, 4],
    q: Object.fromEntries(['0.025', '0.1', '0.5', '0.9', '0.975'].map((level) => [level, [1, 2, 3, 4].map((value) => value + Number(level))])),
  },
];
const result: TrackResult = {
  track: 'ops5m',
  tables: [{ title: 'table', caption: 'which way', rows: [{ name: 'tideline', scores: { series: 2, relMAE: 0.70051, win: null } }, { name: 'naive', scores: { series: 2, relMAE: 1, win: 0 } }] }],
  series: [{ id: '<script>alert(1)</script>', relMAE: 0.5, dataset: '"&' }],
  skipped: [{ id: 'b', reason: 'too <short>' }],
  plots,
};

describe('the report', () => {
  const page = renderPage(documentOf(result, 'a <track>'));

  it('holds the tables and every kind of plot, and nothing from elsewhere', () => {
    expect(page.match(/<svg/g)).toHaveLength(4);
    expect(page).toContain('<td>0.701</td>');
    expect(page).toContain('<td>1.000</td>');
    expect(page).not.toMatch(/NaN|undefined|Infinity|https?:/);
  });

  it('takes text from data as text', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<g>');
    expect(page).toContain('&lt;script&gt;');
  });

  it('is well-formed', () => {
    const errors: string[] = [];
    parse(page, { onParseError: (error) => errors.push(error.code) });
    expect(errors).toEqual([]);
  });

  it('is made of nothing too', () => {
    const empty = renderPage(documentOf({
      track: 'm4', tables: [{ title: 't', caption: '', rows: [] }], series: [], skipped: [], plots: [
        { kind: 'bars', title: 'b', caption: '', groups: [], methods: [] }, { kind: 'histogram', title: 'h', caption: '', values: [], reference: 1 },
      ],
    }, 'd'));
    expect(empty).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('the tables in a terminal', () => {
  it('line up, counts whole and the rest with three decimals', () => {
    expect(asText(result)).toBe([
      'table',
      '          series  relMAE    win',
      'tideline       2   0.701      -',
      'naive          2   1.000  0.000',
      '',
      'not scored: b (too <short>)',
      '',
    ].join('\n'));
  });
});
