import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { askModels, type ModelReply } from '../../../forecaster/backtest/compare/ask-models';
import { ensurePython } from '../../../forecaster/backtest/compare/python-environment';
import { sampleOf, tableOf } from '../../../forecaster/backtest/compare/side-by-side';
import { evaluateSeries, type Scored } from '../../../forecaster/backtest/evaluate';
import { readManifest } from '../../../forecaster/backtest/manifest';
import { sampleOrigins } from '../../../forecaster/backtest/protocol';
import { readCompareSettings } from '../../../forecaster/backtest/settings';

const FIXTURES = join(__dirname, 'fixtures');
const STAND_IN = join(FIXTURES, 'stand-in-models.cjs');

describe('the origins at which slow methods are compared', () => {
  it('are those of the reference', () => {
    // numpy.unique(numpy.linspace(0, n - 1, 5).round().astype(int)[1:-1])
    expect(sampleOrigins(4)).toEqual([1, 2]);
    expect(sampleOrigins(7)).toEqual([2, 3, 4]);
    expect(sampleOrigins(100)).toEqual([25, 50, 74]);
    expect(sampleOrigins(101)).toEqual([25, 50, 75]);
  });
});

describe('a comparison', () => {
  const entries = readManifest(FIXTURES).filter((entry) => ['one/load', 'one/signed'].includes(entry.id));
  const scored = entries.map((entry) => evaluateSeries(FIXTURES, entry, 'ops5m', () => 0) as Scored);
  const samples = new Map(entries.map((entry) => [entry.id, sampleOf('ops5m', FIXTURES, entry)]));
  const requests = [...samples].map(([id, { values, plan, indices }]) => ({ id, values: [...values], origins: indices.map((index) => plan.origins[index]!) }));

  it('scores the answers of another program beside everything else', async () => {
    const replies: ModelReply[] = [];
    await askModels(process.execPath, STAND_IN, requests, 1, (reply) => replies.push(reply));
    const { rows } = tableOf(scored, samples, replies);
    const of = (name: string) => rows.find((row) => row.name === name)!.scores;
    expect(rows[0]!.name).toBe('tideline');
    expect(of('last')).toMatchObject({ series: 2, failed: 0, 'ms CPU': 2, relMAE: 1, MASE: of('naive').MASE });
    expect(of('last').relPL).not.toBe(1); // the band is its own
    expect(of('moody')).toMatchObject({ failed: 2, relMAE: 1, 'ms CPU': 4 });
    expect(of('moody').cov95).not.toBe(of('last').cov95);
    expect(of('naive')).toMatchObject({ failed: 0, 'ms CPU': null });
  });

  it('breaks off with what the program complained of', async () => {
    await expect(askModels(process.execPath, STAND_IN, requests, 13, () => undefined)).rejects.toThrow(/got: ValueError: thirteen; allowed: .+; do: /);
    await expect(askModels(process.execPath, join(FIXTURES, 'none.cjs'), requests, 1, () => undefined)).rejects.toThrow(FaultError);
  });
});

describe('the Python of a comparison', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tideline-python-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string, script: string) => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  };

  it('is refused in four parts when it is missing, too old, or without venv', async () => {
    const refused = (python: string) => expect(ensurePython({ cacheRoot: join(folder, 'cache'), python }, () => undefined)).rejects;
    await refused(join(folder, 'python-none')).toThrow(/got: no program .+; allowed: Python 3\.11 or later; do: install it/);
    await refused(program('old', 'echo 3.8')).toThrow(/got: Python 3\.8 .+; allowed: Python 3\.11 or later/);
    await refused(program('bare', 'if [ "$1" = -c ]; then echo 3.12; else echo "No module named venv" >&2; exit 1; fi')).toThrow(/got: No module named venv; .+python3-venv/);
    expect(readdirSync(folder)).not.toContain('cache');
  });

  it('is named by the environment', () => {
    expect(readCompareSettings({ HOME: '/home/me' })).toEqual({ cacheRoot: '/home/me/.cache/tideline', python: 'python3' });
    expect(readCompareSettings({ TIDELINE_CACHE: '/c', TIDELINE_PYTHON: '/opt/python' })).toEqual({ cacheRoot: '/c', python: '/opt/python' });
    expect(() => readCompareSettings({ TIDELINE_CACHE: 'relative' })).toThrow(FaultError);
  });
});
