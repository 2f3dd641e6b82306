import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { type ManifestSeries, readManifest, selectSeries } from '../../../forecaster/backtest/manifest';

const entry = { id: 'a/1', dataset: 'a', kind: 'cpu', track: 'ops5m', file: 'a/1.csv' };

describe('a manifest', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tideline-manifest-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function read(content: string) {
    writeFileSync(join(folder, 'manifest.json'), content);
    try {
      return { series: readManifest(folder), faults: [] };
    } catch (error) {
      if (error instanceof FaultError) return { series: [], faults: error.faults };
      throw error;
    }
  }

  it('may say more than is needed', () => {
    const { series } = read(JSON.stringify({ split: 'mine', series: [{ ...entry, unit: '%', anything: [1] }] }));
    expect(series).toMatchObject([entry]);
  });

  it('is refused with every fault at once', () => {
    const { faults } = read(JSON.stringify({ series: [{ ...entry, kind: 5 }, { id: '', dataset: 'a', kind: 'b', track: 'ops5m' }] }));
    expect(faults.map((fault) => fault.where.split('manifest.json')[1])).toEqual(expect.arrayContaining(['.series.0.kind', '.series.1.id', '.series.1.file']));
    for (const { got, allowed, do: remedy } of faults) expect([got, allowed, remedy].every((part) => part.length > 0)).toBe(true);
  });

  it.each(['', '[]', '{"series": []}', '{"series": {}}', 'null', '{"series": [null]}', '{'])('is refused when it is %j', (content) => {
    expect(read(content).faults.length).toBeGreaterThan(0);
  });

  it('is refused when an id comes twice or a file lies outside', () => {
    const { faults } = read(JSON.stringify({ series: [entry, { ...entry, file: '../b.csv' }, { ...entry, id: 'c', file: 'x/../../c.csv' }, { ...entry, id: 'd', file: '/etc/hosts' }] }));
    expect(faults.map((fault) => fault.where.split('.series.')[1])).toEqual(['1.id', '1.file', '2.file', '3.file']);
  });

  it('is refused when the folder is not there', () => {
    expect(() => readManifest(join(folder, 'none'))).toThrow(FaultError);
  });
});

describe('the selection', () => {
  const series = (dataset: string, kind: string, count: number): ManifestSeries[] =>
    Array.from({ length: count }, (_, index) => ({ ...entry, id: `${dataset}/${kind}${index}`, dataset, kind }));

  it('takes 16 of each dataset, the same whatever the order of the manifest', () => {
    const all = [...series('a', 'cpu', 30), ...series('a', 'memory', 30), ...series('b', 'cpu', 3)];
    const selected = selectSeries(all, 'ops5m');
    expect(selected.filter((one) => one.dataset === 'a')).toHaveLength(16);
    expect(selected.filter((one) => one.dataset === 'b')).toHaveLength(3);
    expect(selectSeries([...all].reverse(), 'ops5m')).toEqual(selected);
    expect(selected.map((one) => one.id)).toEqual(selected.map((one) => one.id).sort());
  });

  it('draws by SHA-1 of the id', () => {
    // `printf 'eval:x/cpu0' | sha1sum` and so on: 2 comes first, then 0, 3, 1
    expect(selectSeries(series('x', 'cpu', 4), 'ops5m', 1).map((one) => one.id)).toEqual(['x/cpu2']);
  });

  it('takes 16 of each kind of a dataset in the short track', () => {
    const all = [...series('a', 'cpu', 30), ...series('a', 'memory', 30)].map((one) => ({ ...one, track: 'short' }));
    expect(selectSeries(all, 'short')).toHaveLength(32);
    expect(selectSeries(all, 'ops5m')).toHaveLength(0);
  });
});
