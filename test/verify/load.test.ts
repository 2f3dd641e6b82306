import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault, FaultError } from '../../base/faults';
import { isBootstrapped, loadObjects } from '../../verify';

const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: web\n';
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: web\n';

function faultsOf(act: () => unknown): readonly Fault[] {
  try {
    act();
  } catch (error) {
    if (error instanceof FaultError) return error.faults;
    throw error;
  }
  throw new Error('nothing was refused');
}

const load = (files: Readonly<Record<string, string>>) => loadObjects(new Map(Object.entries(files)));

describe('loadObjects', () => {
  test('knows where each object is from, and the wave of its Application', () => {
    const wave = 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: web\n  annotations:\n    argocd.argoproj.io/sync-wave: "3"\n';
    const { objects, stacks } = load({ 'dev/web/service-web.yaml': SERVICE, 'dev/delivery/application-web.yaml': wave, 'dev/root.yaml': `${NAMESPACE}---\n${wave.replace('name: web', 'name: root')}`, 'dev/loose/namespace.yaml': NAMESPACE.replace('web', 'loose') });
    expect(objects.map(({ file, environment, application, wave: number, object }) => [file, environment, application, number, object.kind])).toEqual([
      ['dev/delivery/application-web.yaml', 'dev', 'delivery', -1, 'Application'],
      ['dev/loose/namespace.yaml', 'dev', 'loose', undefined, 'Namespace'],
      ['dev/root.yaml', 'dev', 'root', -2, 'Namespace'],
      ['dev/root.yaml', 'dev', 'root', -2, 'Application'],
      ['dev/web/service-web.yaml', 'dev', 'web', 3, 'Service'],
    ]);
    expect(stacks).toEqual([]);
  });

  test('puts what an environment starts from before every wave, each install a place of its own', () => {
    const { objects } = load({ 'dev/bootstrap/web/service-web.yaml': SERVICE, 'dev/bootstrap/other/namespace.yaml': NAMESPACE, 'dev/root.yaml': NAMESPACE.replace('web', 'root') });
    expect(objects.map((each) => [each.application, each.wave, isBootstrapped(each)])).toEqual([['bootstrap/other', -3, true], ['bootstrap/web', -3, true], ['root', -2, false]]);
  });

  test.each<[string, string, string, string]>([
    ['malformed YAML', 'a: b\nc: [d\ne: f\n', 'dev/web/x.yaml:3', 'Flow sequence'],
    ['a key twice', 'kind: A\nkind: B\n', 'dev/web/x.yaml:2', 'Map keys must be unique'],
    ['an unknown alias', 'kind: *nowhere\n', 'dev/web/x.yaml:1', 'Unresolved alias'],
    ['aliases without end', `a: &a [x, x, x, x, x, x, x, x, x, x]\n${[...'bcdefgh'].map((key, index) => `${key}: &${key} [${Array(10).fill(`*${'abcdefg'[index]}`).join(', ')}]\n`).join('')}`, 'dev/web/x.yaml:1', 'alias'],
    ['no kind', 'apiVersion: v1\nmetadata:\n  name: x\n', 'dev/web/x.yaml:1', 'no kind'],
    ['no name', 'apiVersion: v1\nkind: Service\nmetadata: {}\n', 'dev/web/x.yaml:1', 'no metadata.name'],
    ['metadata that is null', 'apiVersion: v1\nkind: Service\nmetadata:\n', 'dev/web/x.yaml:1', 'no metadata.name'],
    ['a name that is a number', 'apiVersion: v1\nkind: Service\nmetadata:\n  name: 5\n', 'dev/web/x.yaml:1', 'no metadata.name'],
    ['a text', 'hello\n', 'dev/web/x.yaml:1', 'no apiVersion, kind, metadata.name'],
    ['a list', '- a\n- b\n', 'dev/web/x.yaml:1', 'no apiVersion, kind, metadata.name'],
    ['the second of two documents', `${SERVICE}---\n\nkind: Service\n`, 'dev/web/x.yaml:8', 'no apiVersion, metadata.name'],
    ['nothing', '', 'dev/web/x.yaml:1', 'no object'],
    ['a comment', '# nothing here\n', 'dev/web/x.yaml:1', 'no object'],
  ])('refuses %s, with file and line', (_, content, where, got) => {
    const [fault, ...others] = faultsOf(() => load({ 'dev/web/namespace.yaml': NAMESPACE, 'dev/web/x.yaml': content }));
    expect(others).toEqual([]);
    expect(fault!.where).toBe(where);
    expect(fault!.got).toContain(got);
  });

  test.each(['stray.yaml', 'dev/stray.yaml', 'dev/web/deep/er.yaml', 'dev/bootstrap/stray.yaml', 'dev/bootstrap/web/deep/er.yaml', 'dev/web/x.yml', 'dev/web/x.json'])('refuses %s, which Argo CD would read otherwise', (file) => {
    expect(faultsOf(() => load({ 'dev/web/namespace.yaml': NAMESPACE, [file]: SERVICE }))).toEqual([expect.objectContaining({ where: file })]);
  });

  test('leaves out what is no manifest', () => {
    expect(load({ 'dev/web/namespace.yaml': NAMESPACE, 'README.md': '# dist' }).objects).toHaveLength(1);
  });

  test('refuses an object that is there twice, also under another version, but not in another environment', () => {
    const scaler = (version: string) => `apiVersion: autoscaling/${version}\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: web}\n`;
    expect(faultsOf(() => load({ 'dev/a/x.yaml': scaler('v2'), 'dev/b/x.yaml': scaler('v1') }))).toEqual([
      expect.objectContaining({ where: 'dev/b/x.yaml', got: 'HorizontalPodAutoscaler web, which dev/a/x.yaml holds too' }),
    ]);
    expect(load({ 'dev/a/x.yaml': scaler('v2'), 'prod/a/x.yaml': scaler('v2') }).objects).toHaveLength(2);
  });

  test('reports everything at once', () => {
    expect(faultsOf(() => load({ 'dev/a/x.yaml': '[', 'dev/b/x.yaml': 'hello', 'stray.yaml': '' })).map(({ where }) => where)).toEqual(['dev/a/x.yaml:1', 'dev/b/x.yaml:1', 'stray.yaml']);
  });

  test('refuses to prove nothing', () => {
    expect(faultsOf(() => load({}))).toEqual([expect.objectContaining({ got: 'no manifest' })]);
  });

  test('any bytes give objects or faults, never a stack trace', () => {
    const yamlish = fc.array(fc.constantFrom('a', ': ', '\n', '- ', '  ', '"', "'", '{', '}', '[', ']', '&x ', '*x', '!!map ', '---\n', '|\n', '? ', '<<: ', '\t', '%', 'kind: A\n', 'apiVersion: v1\n', 'metadata: {name: x}\n'), { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(fc.property(fc.oneof(fc.string(), yamlish), (content) => {
      try {
        expect(load({ 'dev/web/x.yaml': content }).objects.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(FaultError);
      }
    }), { numRuns: 500 });
  });
});

describe('loadObjects from folders', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'tideline-verify-')); });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (path: string, content: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  };

  test('reads manifests and stacks', () => {
    write('dist/dev/web/namespace.yaml', NAMESPACE);
    write('stacks/dev-cluster/cdk.tf.json', '{"resource":{}}');
    write('stacks/dev-cluster/assets/values.json', 'not looked at');
    const { objects, stacks } = loadObjects(join(folder, 'dist'), { stacks: join(folder, 'stacks') });
    expect(objects.map(({ file }) => file)).toEqual(['dev/web/namespace.yaml']);
    expect(stacks).toEqual([{ name: 'dev-cluster', file: 'dev-cluster/cdk.tf.json', json: { resource: {} } }]);
  });

  test('does without stacks where there are none', () => {
    write('dist/dev/web/namespace.yaml', NAMESPACE);
    expect(loadObjects(join(folder, 'dist'), { stacks: join(folder, 'nowhere') }).stacks).toEqual([]);
  });

  test.each(['[1]', 'null', '{', ''])('refuses a stack that holds %s', (content) => {
    write('dist/dev/web/namespace.yaml', NAMESPACE);
    write('stacks/dev-cluster/cdk.tf.json', content);
    const faults = faultsOf(() => loadObjects(join(folder, 'dist'), { stacks: join(folder, 'stacks') }));
    expect(faults).toEqual([expect.objectContaining({ where: join(folder, 'stacks/dev-cluster/cdk.tf.json'), do: 'run npx projen synth' })]);
  });

  test('refuses a folder that is not there, is a file, or is empty', () => {
    write('file', '');
    mkdirSync(join(folder, 'empty'));
    expect(faultsOf(() => loadObjects(join(folder, 'nowhere')))).toEqual([expect.objectContaining({ got: 'no such folder' })]);
    expect(faultsOf(() => loadObjects(join(folder, 'file')))).toEqual([expect.objectContaining({ got: 'not a folder' })]);
    expect(faultsOf(() => loadObjects(join(folder, 'empty')))).toEqual([expect.objectContaining({ got: 'no manifest' })]);
  });
});
