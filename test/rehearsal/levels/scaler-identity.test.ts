import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environment } from '../../../config';
import { SeriesStore } from '../../../rehearsal/plant/recording-rules';
import { asksForecaster, scalerCalls, scalerIdentity } from '../../../rehearsal/levels/scaler-identity';

let root: string;
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'tideline-identity-')); });
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('scalerIdentity', () => {
  it('gives both sides certificates of one authority, readable by their owner alone, and takes the keys away again', async () => {
    const identity = await scalerIdentity(join(root, 'scaler'));
    const [server, authority] = ['tls.crt', 'ca.crt'].map((name) => new X509Certificate(readFileSync(join(identity.folder, name)))) as [X509Certificate, X509Certificate];
    const client = new X509Certificate(identity.client['tls.crt']!);
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    for (const each of [server, client]) expect(each.verify(authority.publicKey)).toBe(true);
    expect(identity.client['ca.crt']).toBe(readFileSync(join(identity.folder, 'ca.crt'), 'utf8'));
    expect(statSync(join(identity.folder, 'tls.key')).mode.toString(8)).toMatch(/600$/);
    expect(identity.address).toBe(`127.0.0.1:${identity.port}`);
    identity.remove();
    expect(existsSync(identity.folder)).toBe(false);
  });
});

describe('asksForecaster', () => {
  const dev = environment('dev');
  it.each([['predictive', 'external', true], ['predictive', 'prometheus', false], ['predictive', undefined, false], ['reactive', 'external', false]] as const)('mode %s and source %s: %s', (mode, demandSource, asks) => {
    expect(asksForecaster({ ...dev, scaling: { ...dev.scaling, mode, demandSource } })).toBe(asks);
  });
});

describe('scalerCalls', () => {
  it('counts what was scraped during the replay, also of a forecaster that has ended', () => {
    const series = new SeriesStore();
    const count = (method: string, code: string, minute: number, value: number) => series.append('tideline_scaler_calls_total', { method, code, job: 'forecaster' }, minute * 60, value);
    count('GetMetrics', 'OK', 0, 1);
    count('GetMetrics', 'OK', 5, 40);
    series.markStale('tideline_scaler_calls_total', { method: 'GetMetrics', code: 'OK', job: 'forecaster' }, 6 * 60);
    count('GetMetrics', 'UNAVAILABLE', 2, 3);
    expect(scalerCalls(series, 0, 60)).toEqual({ 'GetMetrics OK': 40, 'GetMetrics UNAVAILABLE': 3 });
  });

  it('is empty where nobody called', () => {
    expect(scalerCalls(new SeriesStore(), 0, 60)).toEqual({});
  });
});
