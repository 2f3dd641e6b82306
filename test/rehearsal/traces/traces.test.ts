import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogue, loadTrace, requestsScale, Trace, window } from '../../../rehearsal/traces';

const folder = mkdtempSync(join(tmpdir(), 'traces-'));
afterAll(() => rmSync(folder, { recursive: true }));
const room = join(__dirname, '../../../rehearsal/traces');

describe('shipped traces', () => {
  it('are all in the catalogue, and the catalogue ships them all', () => {
    expect(readdirSync(room).filter((file) => file.endsWith('.csv.gz')).sort()).toEqual(catalogue.map((each) => each.file).sort());
  });

  it.each(catalogue.map((each) => [each.name, each] as const))('%s is complete, freely licensed and attributed in the README', (name, shipped) => {
    const trace = loadTrace(name);
    const step = (shipped.stepSeconds ?? 60) / 60;
    // Between two rows of a coarser trace there is a fill; a row or two in a thousand may be missing.
    expect(Math.max(0, ...trace.fills.map((fill) => fill.minutes))).toBeLessThanOrEqual(step === 1 ? 0 : 2 * step - 1);
    expect(trace.samples).toBeGreaterThan(0.997 * (trace.values.length / step));
    expect(trace.values.length).toBeGreaterThan(11 * 1440 - 1);
    expect(trace.licence).toBe(shipped.licence);
    expect(trace.source).toBe(`${shipped.source} at ${shipped.commit.slice(0, 12)}`);
    const readme = readFileSync(join(room, 'README.md'), 'utf8');
    for (const fact of [shipped.name, shipped.source, shipped.commit, trace.samples.toLocaleString('en').replace(',', ' ')]) expect(readme).toContain(fact);
  });

  it('the first is the default', () => {
    expect(loadTrace().name).toBe(catalogue[0]!.name);
  });
});

describe('a file of the user', () => {
  it('may be plain or gzip, whatever its name says', () => {
    const text = 'timestamp,value\n0,1\n60,2\n';
    writeFileSync(join(folder, 'plain.csv'), text);
    writeFileSync(join(folder, 'packed.csv'), gzipSync(text));
    for (const name of ['plain', 'packed']) expect(loadTrace(join(folder, `${name}.csv`))).toMatchObject({ name, values: [1, 2], start: 0, samples: 2, licence: 'not stated' });
  });

  it('that is missing, a folder, or broken is refused with what to do', () => {
    writeFileSync(join(folder, 'broken.csv.gz'), gzipSync('timestamp,value\n0,1\n').subarray(0, 20));
    expect(() => loadTrace(join(folder, 'none.csv'))).toThrow(/got: no such file; allowed: .*mongodb-queries/);
    expect(() => loadTrace(folder)).toThrow('got: EISDIR');
    expect(() => loadTrace(join(folder, 'broken.csv.gz'))).toThrow('gzip that does not unpack');
  });

  it('has its faults named by file and line', () => {
    writeFileSync(join(folder, 'bad.csv'), 'timestamp,value\n0,1\n0,2\n');
    expect(() => loadTrace(join(folder, 'bad.csv'))).toThrow('[bad.csv:3] got: timestamp "0" again');
  });
});

/** A trace whose minute `index` has the value `value(index)`. */
function traceOf(hours: number, value: (index: number) => number): Trace {
  return { name: 't', source: 's', licence: 'l', start: 6000, stepSeconds: 60, samples: hours * 60, fills: [], values: Array.from({ length: hours * 60 }, (_, index) => value(index)) };
}

describe('the replayed window', () => {
  it('of a day or more is the end of the trace', () => {
    const cut = window(traceOf(60, (index) => index), 24);
    expect([cut.from, cut.to]).toEqual([6000 + 36 * 3600, 6000 + 60 * 3600]);
    expect([cut.history.length, cut.replay.length, cut.replay[0], cut.replay.at(-1)]).toEqual([36 * 60, 24 * 60, 36 * 60, 60 * 60 - 1]);
  });

  it('of less than a day holds the largest climb of the last three days', () => {
    // Flat but for a ramp from hour 60 to 62, and a larger one before the last three days.
    const ramp = (index: number, from: number, size: number): number => size * Math.min(1, Math.max(0, (index - from * 60) / 120));
    const cut = window(traceOf(100, (index) => 10 + ramp(index, 60, 50) + ramp(index, 5, 90)), 6);
    expect(cut.from).toBeLessThanOrEqual(6000 + 60 * 3600);
    expect(cut.to).toBeGreaterThanOrEqual(6000 + 62 * 3600);
    expect(cut.hours).toBe(6);
  });

  it('of the first two shipped traces holds a ramp and a peak in six hours', () => {
    for (const { name } of catalogue.slice(0, 2)) {
      const { replay } = window(loadTrace(name), 6);
      const mean = (from: number, to: number): number => replay.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
      const quarters = Array.from({ length: 24 }, (_, index) => mean(index * 15, index * 15 + 15));
      const peak = quarters.indexOf(Math.max(...quarters));
      expect(quarters[peak]! / Math.min(...quarters.slice(0, peak))).toBeGreaterThan(2);
    }
  });

  it('ends where it is told to, if the trace reaches there', () => {
    expect(window(traceOf(60, () => 1), 6, { end: 6000 + 30 * 3600 }).to).toBe(6000 + 30 * 3600);
    expect(() => window(traceOf(60, () => 1), 6, { end: 6000 + 61 * 3600 })).toThrow('cannot be replayed up to that time');
    expect(() => window(traceOf(60, () => 1), 6, { end: 6000 })).toThrow('cannot be replayed up to that time');
  });

  it('needs six hours of history before it', () => {
    expect(window(traceOf(30, () => 1), 24).history).toHaveLength(360);
    expect(() => window(traceOf(29, () => 1), 24)).toThrow('got: 29.0 hours; allowed: at least 30.0 hours: 24 to replay after 6 of history');
  });
});

describe('the scale', () => {
  it('makes the 99th percentile of the history need 70 % of the most replicas', () => {
    const history = Array.from({ length: 1000 }, (_, index) => index);
    expect(requestsScale({ history, maxReplicas: 20, requestsPerReplica: 36.75 }) * 990).toBeCloseTo(0.7 * 20 * 36.75, 9);
  });

  it('cannot be had from a history without load', () => {
    expect(() => requestsScale({ history: [0, 0, 0], maxReplicas: 20, requestsPerReplica: 1 })).toThrow('no load in 99 % of its minutes');
  });
});
