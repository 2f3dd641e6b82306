import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containerRules, recordingRules } from '../../../forecaster/contract';
import { buildApp, type ForecasterApp } from '../../../forecaster/service/app';
import { forecasterSettings } from '../../../forecaster/service/settings';
import { pythonProgram } from '../../support/python-program';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server';

const TOKEN = 'a-token-of-this-test';
let prometheus: PrometheusServer;
let service: ForecasterApp;
let url: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-schemathesis-'));
  prometheus = await startPrometheus();
  prometheus.now = 20 * 86_400;
  const container = { namespace: 'shop', service: 'catalog', pod: 'catalog-0', container: 'catalog' };
  prometheus.series = [
    ...[recordingRules.requests, recordingRules.cpu].map((__name__) => ({ labels: { __name__, namespace: 'shop', service: 'catalog' }, at: (time: number) => 100 + ((time / 60) % 10) })),
    { labels: { __name__: recordingRules.requests, namespace: 'shop', service: '0' }, at: (time: number) => ((time / 60) % 5 === 0 ? NaN : 1) }, // a name that generators like
    { labels: { __name__: containerRules.workingSet, ...container }, at: (time: number) => 1e8 + 100 * (time % 86_400) },
    { labels: { __name__: containerRules.limit, ...container }, at: () => 2e8 },
  ];
  service = buildApp(forecasterSettings({
    FORECASTER_PROMETHEUS_URL: prometheus.url, FORECASTER_TOKEN: TOKEN, FORECASTER_HISTORY_SECONDS: '86400', FORECASTER_METRICS: 'requests,cpu', LOG_LEVEL: 'silent',
  }));
  await service.refresher.refresh();
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await service.app.close();
  await prometheus.close();
  rmSync(folder, { recursive: true, force: true });
});

test('schemathesis finds no request that the service fails at, and no answer that is not as its OpenAPI document says', async () => {
  const tool = await pythonProgram('schemathesis', join(__dirname, 'schemathesis.requirements.txt'));
  if ('missing' in tool) {
    process.stderr.write(`the OpenAPI document was NOT checked against the service: ${tool.missing}\n`);
    expect(tool.missing).toMatch(/python3/);
    return;
  }
  const { status, said } = await new Promise<{ status: unknown; said: string }>((done) => {
    execFile(tool.path, [
      'run', `${url}/openapi.json`, '--header', `Authorization: Bearer ${TOKEN}`, '--phases', 'examples,coverage,fuzzing', '--max-examples', '20', '--generation-deterministic', '--no-color',
      // What is well-formed may still be refused: ranges of a horizon depend on the step, which no schema can say.
      '--exclude-checks', 'positive_data_acceptance',
    ], { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => done({ status: error === null ? 0 : error.code, said: `${stdout}${stderr}` }));
  });
  expect(status, said.slice(-6000)).toBe(0);
  const [, cases] = /(\d+) generated/.exec(said) ?? [];
  expect(Number(cases)).toBeGreaterThan(200);
});
