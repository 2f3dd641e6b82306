import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { environments } from '../../../config';
import { declarationsFor, imagesOf, releaseDeclarations, serviceDeclarations } from '../../../rehearsal/images/declarations';
import { isProgramName } from '../../../rehearsal/tools';

const root = resolve(__dirname, '..', '..', '..');
const releases = releaseDeclarations();

describe('the images of an environment', () => {
  test.each(environments())('are all declared: $name', (environment) => {
    const folder = join(root, 'dist', environment.name);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    const used = imagesOf(files.flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((document) => document.toJS() as unknown)));
    const known = new Set([...serviceDeclarations(environment), ...releases].map(({ reference }) => reference));
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((reference) => !known.has(reference))).toEqual([]);
  });

  test('are built of programs that there are and entry points that there are', () => {
    for (const { reference, source } of [...serviceDeclarations(environments()[0]!), ...releases]) {
      expect((source?.go ?? []).map(({ program }) => program).filter((name) => !isProgramName(name)), reference).toEqual([]);
      if (source?.bundle) expect(existsSync(join(root, source.bundle)), reference).toBe(true);
    }
  });

  test('start something: a command that is in them', () => {
    for (const { reference, source } of releases.filter((each) => each.source && !each.source.bundle)) {
      expect(source!.entrypoint?.[0], reference).toMatch(/^\//);
      if (!source!.debian) expect([...(source!.go ?? []).map(({ path }) => path), ...Object.keys(source!.links ?? {})], reference).toContain(source!.entrypoint![0]);
    }
  });

  test('of our own are always built', () => {
    const services = environments().flatMap(serviceDeclarations);
    expect(services.every(({ ours }) => ours)).toBe(true);
    expect(services.map(({ reference }) => reference.split('/').at(-1)!.split(':')[0])).toEqual(expect.arrayContaining(['catalog', 'cost', 'forecaster', 'loadgen']));
    expect(releases.some(({ ours }) => ours)).toBe(false);
  });
});

test('a release that is named by its digest cannot be built: another build has another digest', () => {
  const image = { name: 'quay.io/a/b', tag: '1', source: { go: [{ program: 'kind', path: '/kind' }], entrypoint: ['/kind'] } };
  const release = { version: '1', licence: 'MIT', homepage: 'https://a.example', repository: 'https://a.example/b.git' };
  expect(releaseDeclarations({ pinned: { ...release, images: { b: { ...image, digest: 'sha256:abc' } } }, open: { ...release, images: { b: { ...image, digest: 'unpinned' } } } }))
    .toEqual([{ reference: 'quay.io/a/b:1@sha256:abc' }, { reference: 'quay.io/a/b:1', source: image.source }]);
});

describe('the images that objects run', () => {
  test('are those of every container, however deep, and each once', () => {
    const pod = { containers: [{ name: 'a', image: 'b:1' }, { name: 'none' }], initContainers: [{ image: 'a:1' }], ephemeralContainers: [{ image: 'c:1' }] };
    expect(imagesOf([{ kind: 'Pod', spec: pod }, { kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: 'd:1' }, { image: 'b:1' }] } } } } } }]))
      .toEqual(['a:1', 'b:1', 'c:1', 'd:1']);
  });

  test('are not those that a schema or a policy speaks of', () => {
    expect(imagesOf([{ kind: 'CustomResourceDefinition', spec: { properties: { containers: { type: 'array', image: 'no:1' } } } }, { image: 'no:2' }, null, 'containers'])).toEqual([]);
  });
});

test('what nobody declared is not forgotten', () => {
  expect(declarationsFor(['b:1', 'a:1', 'b:1'], [{ reference: 'a:1', source: { debian: ['x'] } }, { reference: 'c:1' }])).toEqual([{ reference: 'b:1' }, { reference: 'a:1', source: { debian: ['x'] } }]);
});
