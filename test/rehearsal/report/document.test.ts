import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { parseReport, Report, reportSchema, schemaDocument } from '../../../rehearsal/report';
import { sampleReport } from './sample-report';

const docs = join(__dirname, '../../../docs');

interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** Every field of the schema as docs/report.md writes it; `simulated[]` is described as `policies[]`. */
function fields(node: Node, path = ''): string[] {
  if (node.anyOf) {
    const whole = node.anyOf.find((each) => each.type === 'array' || each.properties);
    if (whole) return fields(whole, path);
  }
  if (node.type === 'array' && node.items) return fields(node.items, `${path}[]`);
  const own = path === '' ? [] : [path];
  if (path === 'simulated[]') return own;
  return [...own, ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => fields(child, `${path}${path && '.'}${name}${node.required?.includes(name) ? '' : '?'}`))];
}

function faultsOf(work: () => unknown): FaultError['faults'] {
  try {
    work();
  } catch (error) {
    if (error instanceof FaultError) return error.faults;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the schema of the report', () => {
  it('is published as docs/report.schema.json', () => {
    const path = join(docs, 'report.schema.json');
    if (process.env.UPDATE) writeFileSync(path, schemaDocument());
    expect(readFileSync(path, 'utf8')).toBe(schemaDocument());
  });

  it('and docs/report.md name the same fields', () => {
    const documented = [...readFileSync(join(docs, 'report.md'), 'utf8').matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!).filter((field) => !/^report\.(json|html|md)$/.test(field));
    expect(documented.length).toBeGreaterThan(100);
    expect([...documented].sort()).toEqual([...fields(reportSchema as Node)].sort());
  });

  it('says of every documented field what it means', () => {
    const empty = [...readFileSync(join(docs, 'report.md'), 'utf8').matchAll(/^\| `([^`]+)` \| *\|/gm)];
    expect(empty).toEqual([]);
  });
});

describe('parseReport', () => {
  it('gives back what was written, at every level', () => {
    for (const level of ['simulate', 'control-plane', 'kind'] as const) {
      const report = sampleReport({ hours: 2, level });
      expect(parseReport(JSON.stringify(report))).toEqual(report);
    }
  });

  it('refuses another version before anything else', () => {
    const [fault, ...others] = faultsOf(() => parseReport(JSON.stringify({ version: 2 }), 'old.json'));
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ where: 'old.json $.version', got: '2', allowed: '1' });
    expect(faultsOf(() => parseReport('[]'))[0]!.got).toBe('nothing');
    expect(faultsOf(() => parseReport('null'))[0]!.got).toBe('nothing');
  });

  it('refuses what is no JSON', () => {
    expect(faultsOf(() => parseReport('{"version": 1,', 'half.json'))[0]!.where).toBe('half.json');
  });

  it('names every field that does not fit', () => {
    const report = sampleReport({ hours: 2 });
    const wrong = { ...report, seed: 'one', policies: [{ ...report.policies[0]!, violationMinutes: -1 }, report.policies[1]!], extra: true };
    const where = faultsOf(() => parseReport(JSON.stringify(wrong))).map((fault) => fault.where);
    expect(where).toEqual(expect.arrayContaining(['report.json $.seed', 'report.json $.policies[0].violationMinutes', 'report.json $.extra']));
  });

  it('refuses series that do not fit the time axis', () => {
    const report = sampleReport({ hours: 2 });
    const wrong: Report = { ...report, demand: report.demand.slice(1) };
    expect(faultsOf(() => parseReport(JSON.stringify(wrong)))[0]).toMatchObject({ where: 'report.json $.policies[0].series.replicas', got: '120 elements', allowed: '119, one per minute replayed' });
  });

  it('refuses measured series that do not fit their axis', () => {
    const report = sampleReport({ hours: 2, level: 'kind' });
    const found = report.agreement.plantVsKind!;
    const short: Report = { ...report, agreement: { ...report.agreement, plantVsKind: { ...found, minutes: found.minutes - 1 } } };
    expect(faultsOf(() => parseReport(JSON.stringify(short)))).toHaveLength(6);
    const policy = report.policies[0]!;
    const measured = { ...policy.measured!, series: { ...policy.measured!.series, failed: [1] } };
    expect(faultsOf(() => parseReport(JSON.stringify({ ...report, policies: [{ ...policy, measured }] })))[0]).toMatchObject({ where: 'report.json $.policies[0].measured.series.failed', got: '1 elements' });
  });

  it('counts faults beyond the first twenty', () => {
    const report = sampleReport({ hours: 2 });
    const faults = faultsOf(() => parseReport(JSON.stringify({ ...report, demand: report.demand.map(() => 'x') })));
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)!.got).toMatch(/more faults$/);
  });
});
