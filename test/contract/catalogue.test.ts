import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue, kubernetesVersions, Release } from '../../config';

const ROOT = resolve(__dirname, '../..');
const releases: readonly (readonly [string, Release])[] = Object.entries(catalogue);

const sources = (room: string) => readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file: `${room}/${file}`, content: readFileSync(join(ROOT, room, file), 'utf8') }));

/** Texts that are a version, alone or as the tag of an image. Comments are no texts, addresses have four parts. */
function versionLiterals(content: string): string[] {
  const code = content.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
  return [...code.matchAll(/['"`](?:[\w./-]+:)?(v?\d+\.\d+\.\d+(?:-[\w.]+)?)['"`]/g)].map(([, version]) => version!);
}

/** Texts that hold the version of a release of the catalogue. */
function releaseVersions(content: string): string[] {
  return releases.flatMap(([name, { version, helm }]) => [version, ...(helm ? [helm.chartVersion] : [])]
    .filter((each) => new RegExp(`['"\`/:v]${each.replaceAll('.', '\\.')}(?![\\w.])`).test(content)).map((each) => `${name} ${each}`));
}

describe('the catalogue', () => {
  test('finds a version that is seeded, and nothing else', () => {
    expect(versionLiterals("const x = '2.21.0';")).toEqual(['2.21.0']);
    expect(versionLiterals('const image = `ghcr.io/kedacore/keda:v2.21.0`;')).toEqual(['v2.21.0']);
    expect(versionLiterals("listen('127.0.0.1'); // since '1.2.3'\n/* '1.2.3' */")).toEqual([]);
    expect(releaseVersions(`run('keda', 'v${catalogue.keda.version}')`)).toEqual([`keda ${catalogue.keda.version}`]);
  });

  test.each(['components', 'charts', 'stacks', 'apps', 'forecaster', 'pricing'])('is the only place for versions: none in %s/', (room) => {
    const files = sources(room);
    expect(files.length).toBeGreaterThan(3);
    const format = /openapi: '3\.\d\.\d'/; // the version of a document format is nobody's release
    expect(files.flatMap(({ file, content }) => versionLiterals(content.replace(format, '')).map((version) => `${file}: ${version}`))).toEqual([]);
  });

  test('is the only place for versions of its releases: none in rehearsal/', () => {
    expect(sources('rehearsal').flatMap(({ file, content }) => releaseVersions(content).map((version) => `${file}: ${version}`))).toEqual([]);
  });

  test.each(releases)('%s is complete', (_, { version, licence, homepage, repository, images }) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(licence).toMatch(/^[A-Za-z0-9.-]+$/);
    for (const address of [homepage, repository]) expect(address).toMatch(/^https:\/\/\S+$/);
    expect(Object.keys(images).length).toBeGreaterThan(0);
    for (const image of Object.values(images)) {
      expect(image.tag.replace(/^v|-alpine$/g, '')).toBe(version);
      expect(image.name).toMatch(/^[a-z0-9.-]+\/[a-z0-9./-]+$/);
      expect(image.digest).toMatch(/^(sha256:[0-9a-f]{64}|unpinned)$/);
    }
  });

  test('names the releases that the rehearsal builds from the same source', () => {
    const pinned = readFileSync(join(ROOT, 'tools/go.mod'), 'utf8');
    expect(pinned).toContain(`github.com/kedacore/keda/v2 v${catalogue.keda.version}`);
    for (const { rehearsedBy } of Object.values(kubernetesVersions)) expect(pinned).toContain(`k8s.io/kubernetes v${rehearsedBy}`);
  });
});
