import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkCommitted, synthesize } from '../../rehearsal/synth';

let folder: string;
let given: string;
let committed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-synth-'));
  [given, committed] = [join(folder, 'given'), join(folder, 'dist')];
  mkdirSync(join(given, 'dev', 'catalog'), { recursive: true });
  writeFileSync(join(given, 'dev', 'catalog', 'Service.yaml'), 'kind: Service\n');
  writeFileSync(join(given, 'dev', 'catalog', 'Deployment.yaml'), 'kind: Deployment\n');
  cpSync(given, committed, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('checkCommitted', () => {
  it('passes what is the same, byte for byte', () => {
    expect(checkCommitted(committed, given)).toMatchObject({ id: 'dist-current', status: 'pass', applied: 2, findings: [] });
  });

  it.each<[string, () => void, string, string]>([
    ['one byte more', () => writeFileSync(join(committed, 'dev/catalog/Service.yaml'), 'kind: Service\n\n'), 'dist/dev/catalog/Service.yaml', 'other bytes than the charts give'],
    ['one letter in other case', () => writeFileSync(join(committed, 'dev/catalog/Service.yaml'), 'kind: service\n'), 'dist/dev/catalog/Service.yaml', 'other bytes than the charts give'],
    ['a missing file', () => rmSync(join(committed, 'dev/catalog/Deployment.yaml')), 'dist/dev/catalog/Deployment.yaml', 'no such file'],
    ['a file too many', () => writeFileSync(join(committed, 'dev/Stray.yaml'), ''), 'dist/dev/Stray.yaml', 'a file the charts do not give'],
  ])('finds %s', (_what, change, where, got) => {
    change();
    expect(checkCommitted(committed, given)).toMatchObject({ status: 'fail', findings: [{ where, got, do: expect.stringContaining('update:manifests') }] });
  });

  it('finds every file missing where there is no dist/ at all', () => {
    expect(checkCommitted(join(folder, 'nowhere'), given).findings).toHaveLength(2);
  });
});

describe('synthesize', () => {
  it('tells with its last words that a program failed', async () => {
    const root = join(folder, 'project');
    for (const [room, text] of [['charts', 'console.error("config is broken"); process.exit(3);'], ['stacks', '']] as const) {
      mkdirSync(join(root, room), { recursive: true });
      writeFileSync(join(root, room, 'main.ts'), text);
    }
    await expect(synthesize({ root, folder: join(folder, 'out'), environment: 'dev' })).rejects.toThrow(/\[charts\/main\.ts\] got: exit 3: config is broken; .*do: run npx tsx charts\/main\.ts/);
    expect(readFileSync(join(root, 'charts', 'main.ts'), 'utf8')).toContain('broken');
  });
});
