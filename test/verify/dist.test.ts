import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { environments } from '../../config';
import { loadObjects, verifyAll } from '../../verify';

const DIST = resolve(__dirname, '../../dist');

describe('the committed manifests', () => {
  const synthesized = loadObjects(DIST);

  test('hold every environment', () => {
    expect([...new Set(synthesized.objects.map(({ environment }) => environment))].sort()).toEqual(environments().map(({ name }) => name).sort());
  });

  test.each(verifyAll(synthesized).map((check) => [check.id, check] as const))('%s holds', (id, check) => {
    expect(check.status === 'open' ? [] : check.findings).toEqual([]);
    // Digests wait for a registry, and stacks are proven in test/stacks. Everything else is settled, and looked at something.
    if (id === 'images') expect(['pass', 'open']).toContain(check.status);
    else if (!['provider-wiring', 'secret-taint'].includes(id)) expect(check).toMatchObject({ status: 'pass', applied: expect.toSatisfy((applied: number) => applied > 0) });
  });

  test.each<[string, string, (content: string) => string]>([
    ['single-writer', 'dev/catalog/deployment-catalog.yaml', (content) => content.replace('  revisionHistoryLimit', '  replicas: 2\n  revisionHistoryLimit')],
    ['references', 'dev/catalog/service-catalog.yaml', (content) => content.replace('targetPort: http', 'targetPort: web')],
    ['ordering', 'dev/delivery/application-keda-crds.yaml', (content) => content.replace(/sync-wave: "\d+"/, 'sync-wave: "99"')],
    ['applications', 'dev/delivery/application-keda.yaml', (content) => content.replace('dist/dev/keda', 'dist/dev/kedda')],
    ['namespaces', 'dev/namespaces/namespace-catalog.yaml', (content) => content.replace('enforce: restricted', 'enforce: privileged')],
    ['hardening', 'dev/cost/deployment-cost.yaml', (content) => content.replace('readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false')],
    ['ownership', 'prod/forecaster/statefulset-forecaster.yaml', (content) => content.replaceAll('tideline.dev/environment: prod', 'tideline.dev/environment: dev')],
    ['images', 'dev/catalog/deployment-catalog.yaml', (content) => content.replace(/(image: .*):[^:\n]+\n/, '$1:latest\n')],
    ['secrets', 'dev/cost/deployment-cost.yaml', (content) => content.replace(/- env:\n/, '- env:\n            - name: DB_PASSWORD\n              value: hunter2\n')],
    ['exemptions', 'dev/keda/deployment-keda-operator.yaml', (content) => content.replace('exempt-automount', 'exempt-automounting')],
  ])('%s fails once %s is spoiled', (id, file, spoil) => {
    const folder = mkdtempSync(join(tmpdir(), 'tideline-dist-'));
    try {
      cpSync(DIST, folder, { recursive: true });
      const before = readFileSync(join(folder, file), 'utf8');
      writeFileSync(join(folder, file), spoil(before));
      expect(spoil(before)).not.toBe(before);
      const failed = verifyAll(loadObjects(folder)).filter(({ status }) => status === 'fail');
      expect(failed.map((check) => check.id)).toContain(id);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      expect(existsSync(folder)).toBe(false);
    }
  });
});
