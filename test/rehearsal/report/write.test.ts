import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { parseReport, renderHtml, renderMarkdown, Report, writeReport } from '../../../rehearsal/report';
import { sampleReport } from './sample-report';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'report-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const report = sampleReport({ hours: 2 });

function faultsOf(work: () => unknown): FaultError['faults'] {
  try {
    work();
  } catch (error) {
    if (error instanceof FaultError) return error.faults;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('writeReport', () => {
  it('writes the document and its two views, and leaves nothing else', () => {
    const out = join(folder, 'deep', 'out');
    writeReport(report, out);
    expect(readdirSync(out).sort()).toEqual(['report.html', 'report.json', 'report.md']);
    expect(parseReport(readFileSync(join(out, 'report.json'), 'utf8'))).toEqual(report);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toBe(renderHtml(report));
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toBe(renderMarkdown(report));
  });

  it('replaces an earlier report', () => {
    writeReport(report, folder);
    writeReport({ ...report, environment: 'prod' }, folder);
    expect(parseReport(readFileSync(join(folder, 'report.json'), 'utf8')).environment).toBe('prod');
  });

  it('refuses every number that JSON has no form for, by its path, and writes nothing', () => {
    const policy = report.policies[0]!;
    const wrong: Report = {
      ...report,
      price: { ...report.price, monthlyUsd: Number.NaN },
      policies: [{ ...policy, series: { ...policy.series, latencyP95: [1, Number.POSITIVE_INFINITY] } }, report.policies[1]!],
    };
    expect(faultsOf(() => writeReport(wrong, folder)).map(({ where, got }) => [where, got])).toEqual([['$.price.monthlyUsd', 'NaN'], ['$.policies[0].series.latencyP95[1]', 'Infinity']]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('counts such numbers beyond the first twenty', () => {
    const faults = faultsOf(() => writeReport({ ...report, demand: report.demand.map(() => Number.NaN) }, folder));
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)).toMatchObject({ where: '$', got: '100 more such numbers' });
  });

  it('names the file that is in the way', () => {
    mkdirSync(join(folder, 'report.json'));
    expect(faultsOf(() => writeReport(report, folder))[0]!.where).toBe(join(folder, 'report.json'));
    expect(readdirSync(folder)).toEqual(['report.json']);
  });
});

describe('renderMarkdown', () => {
  const text = renderMarkdown(report);

  it('begins with the outcome and the verdict', () => {
    expect(text).toMatch(/^## ✅ Rehearsal of dev passed\n\n\*\*Predictive scaling /);
    expect(text).toContain('a result of shape, not of behaviour');
  });

  it('tells of real containers, and leaves nothing out in silence', () => {
    const kind = renderMarkdown(sampleReport({ hours: 2, level: 'kind' }));
    expect(kind).toContain('a result of behaviour: real containers ran.');
    expect(kind).toContain('- left out: karpenter: it starts EC2 instances');
    expect(kind).toContain('- stand-in for registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0: its module is not on the Go proxy');
    expect(kind).toContain('| cost | OutOfSync | Degraded | never |');
    expect(kind).toContain('| cpuMillicoresPerReplica | 140.0 % | 3.0 % |');
  });

  it('has tables whose rows all have as many cells as their head', () => {
    const rows = `${text}\n${renderMarkdown(sampleReport({ hours: 2, level: 'kind' }))}`.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(12);
    let width = 0;
    rows.forEach((row, index) => {
      const cells = row.split(/(?<!\\)\|/).length;
      if (rows[index + 1]?.startsWith('| ---')) width = cells;
      expect({ row, cells }).toEqual({ row, cells: width });
    });
  });

  it('draws demand and both policies with as many bars each', () => {
    const bars = [...text.matchAll(/^(demand|reactive replicas|predictive replicas) +([▁▂▃▄▅▆▇█]+)$/gm)].map((match) => match[2]!.length);
    expect(bars).toEqual([48, 48, 48]);
  });

  it('lets no text from data become markup, call somebody or leave its cell', () => {
    const evil = '`x` | **b** <img src=x> @all #1 [a](http://e) \n## head';
    const poisoned = renderMarkdown({
      ...report, environment: evil, checks: [{ id: evil, title: evil, status: 'fail', applied: 1, findings: [{ where: evil, got: evil, allowed: evil, do: evil }] }],
      stages: [{ name: evil, seconds: 1, status: 'failed', detail: evil }], events: [{ second: 1, what: evil }], teardown: { leftovers: [evil] },
    });
    expect(poisoned).not.toMatch(/<img|@all|(?<!\\)`x|\]\(http:|(?<!\\)\*\*b| #1|^## head/m);
    expect(poisoned.split('\n').filter((line) => line.startsWith('|')).every((line) => line.endsWith('|'))).toBe(true);
    expect(poisoned).toContain('### ');
  });

  it('lists the first findings of what failed, and counts the rest', () => {
    const findings = Array.from({ length: 13 }, (_, index) => ({ where: `object ${index}`, got: 'g', allowed: 'a', do: 'd' }));
    const failing = renderMarkdown({ ...report, checks: [{ id: 'refs', title: 'references', status: 'fail', applied: 13, findings }] });
    expect(failing).toMatch(/^## ❌ Rehearsal of dev failed/);
    expect(failing.match(/^- \\\[object \d+\\\]/gm)).toHaveLength(10);
    expect(failing).toContain('- and 3 more');
  });
});
