import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { fillTables } from '../../../forecaster/backtest/docs-tables';
import { documentOf } from '../../../forecaster/backtest/result';

const run = documentOf({
  track: 'short', series: [], skipped: [],
  tables: [{ title: 'Any title', caption: '', rows: [{ name: 'a|b', scores: { series: 3, relMAE: 0.5 } }] }],
}, 'd');

describe('the tables of a page', () => {
  it('are replaced where the page wants them, the rest is left', () => {
    const page = 'before\n<!-- backtest short: Any title -->\nold\n<!-- end -->\nbetween\n<!-- backtest m4: Other -->\nkept\n<!-- end -->\n';
    const filled = fillTables(page, [run]);
    expect(filled).toBe('before\n<!-- backtest short: Any title -->\n|  | series | relMAE |\n| --- | --: | --: |\n| a\\|b | 3 | 0.500 |\n<!-- end -->\nbetween\n<!-- backtest m4: Other -->\nkept\n<!-- end -->\n');
    expect(fillTables(filled, [run])).toBe(filled);
  });

  it('are refused when a title is wrong', () => {
    expect(() => fillTables('<!-- backtest short: No title -->\n<!-- end -->', [run])).toThrow(FaultError);
  });

  it('that docs/forecasting.md wants are well marked', () => {
    const page = readFileSync(join(__dirname, '../../../docs/forecasting.md'), 'utf8');
    const opened = page.match(/<!-- backtest /g) ?? [];
    expect(opened.length).toBeGreaterThan(5);
    expect(page.match(/<!-- end -->/g)).toHaveLength(opened.length);
    expect(page.match(/<!-- backtest (ops5m|short|m4|oom): .+ -->\n[\s\S]*?<!-- end -->/g)).toHaveLength(opened.length);
  });
});
