import { describe, expect, it } from 'vitest';
import { compareSides } from '../../../pricing/change/compare';
import type { EnvironmentChange, PriceReport } from '../../../pricing/change/contract';
import { budgetSentence, byWeight, percent, signed, typicalRise, usd } from '../../../pricing/change/figures';
import { renderFocusCsv } from '../../../pricing/change/render-focus';
import { MARKER, renderMarkdown } from '../../../pricing/change/render-markdown';
import { renderText } from '../../../pricing/change/render-text';
import { priceBook } from '../../../pricing/price-book';
import { line, side } from './sides';

type Lines = Parameters<typeof side>[0];
const compare = (before: Lines, after: Lines) => compareSides({ before: side(before), after: side(after) }, priceBook, true);
const reportOf = (...environments: readonly EnvironmentChange[]): PriceReport => ({ schema: 'tideline/price/1', against: { ref: 'main', commit: 'a'.repeat(40) }, uncommitted: false, environments, notes: [] });

describe('figures', () => {
  it('never show what is unknown as a number, nor less than all as all', () => {
    expect([usd(null), signed(null), usd(1234.5), signed(12), signed(-3.1), signed(0), signed(-0.001), signed(0.001)]).toEqual(['unknown', 'unknown', '1,234.50', '+12.00', '-3.10', '0.00', '0.00', '0.00']);
    expect([percent(1), percent(0.99999), percent(0.965)]).toEqual(['100.0 %', '99.9 %', '96.5 %']);
  });

  it('order lines by what they matter, unknown ones first', () => {
    const { lines } = compare([], [line({ resource: 'small', cost: [1, 1, 1] }), line({ resource: 'unknown', cost: [null, null, null] }), line({ resource: 'peak', cost: [0, 0, 50] }), line({ resource: 'big', cost: [9, 9, 9] })]);
    expect(byWeight(lines).map((each) => each.resource)).toEqual(['unknown', 'peak', 'big', 'small']);
  });

  it('say when a budget is passed, and when it was before', () => {
    const dear = [line({ cost: [1, 900, 900] })];
    expect(budgetSentence(compare([], dear))).toBe('PASSES THE BUDGET: the typical price is 150 % of 600.00 USD');
    expect(budgetSentence(compare(dear, dear))).toContain(', as before');
    expect(budgetSentence(compare(dear, []))).toContain('was above it');
  });

  it('add up the rise of every environment, of what is known of it', () => {
    const up = compare([line({ cost: [0.1, 0.1, 0.1] })], [line({ cost: [0.3, 0.3, 0.3] })]);
    const unknown = compare([line({ cost: [null, null, null] })], [line({ cost: [5, 5, 5] })]);
    expect(typicalRise([up, up, unknown])).toBe(0.4);
  });
});

describe('markdown', () => {
  it('can be found again, and holds every line and its resource', () => {
    const text = renderMarkdown(reportOf(compare([], [line({ resource: 'aws_nat_gateway.b' })])));
    expect(text.startsWith(`${MARKER}\n`)).toBe(true);
    expect(text).toContain('| + | `dev-network/aws_nat_gateway.b` | NAT gateway | +1.00 | +2.00 | +3.00 |');
  });

  it('stays a table and a comment whatever things are called', () => {
    const name = 'a|b`c\n<img src=x> @everyone [link](http://x) -->';
    const text = renderMarkdown(reportOf(compare([], [line({ resource: name, description: name })])));
    const beyondCode = text.replace(/`[^`\n]*`/g, ''); // between backticks nothing means anything
    expect(beyondCode).not.toMatch(/<img|@everyone|\[link\]\(/);
    const rows = text.split('\n').filter((row) => row.startsWith('| + |'));
    expect(rows).toHaveLength(1);
    expect(rows[0]!.replaceAll('\\|', '').split('|')).toHaveLength(8);
  });

  it('fits into a comment, and counts what it leaves out', () => {
    const many = Array.from({ length: 2000 }, (_, index) => line({ resource: `aws_cloudwatch_metric_alarm.${'x'.repeat(60)}${index}` }));
    const text = renderMarkdown(reportOf(compare([], many), compare([], many), compare([], many)));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/and \d+ lines more/);
    expect(text.split('<details').length).toBe(text.split('</details>').length);
  });
});

describe('FOCUS', () => {
  it('has a row for each line, level and side, and leaves an unknown cost empty', () => {
    const rows = renderFocusCsv(reportOf(compare([line({ description: 'one, "two"' })], [line({ cost: [null, null, null] })]))).trimEnd().split('\r\n');
    expect(rows).toHaveLength(1 + 3 + 3);
    const [head, first] = [rows[0]!.split(','), rows[1]!];
    expect(first).toContain('"one, ""two"""');
    const unknown = rows.filter((row) => row.includes(',after,')).map((row) => row.split(',')[head.indexOf('ListCost')]);
    expect(unknown).toEqual(['', '', '']);
  });
});

describe('text', () => {
  it('has figures flush right, and says unknown', () => {
    const text = renderText(reportOf(compare([line({ cost: [10, 10, 10] })], [line({ cost: [1000, 1000, 1000] }), line({ resource: 'new', cost: [null, null, null] })])));
    expect(text).toMatch(/^ {2}AWS resources {2,}10\.00 {2}1,000\.00 {2,}\+990\.00$/m);
    expect(text).toMatch(/\+ {2}dev-network\/new +NAT gateway +unknown +unknown +unknown/);
    expect(text).toContain('2 lines change, 1 of them by an unknown amount');
  });
});
