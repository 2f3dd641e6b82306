import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImageSource } from '../../../config';
import { writeArchive } from '../../../rehearsal/images/archive';
import { buildFromParts, Ingredients, partsOf } from '../../../rehearsal/images/build';
import type { BuiltImage, PreparedImage } from '../../../rehearsal/images/contract';
import { directory, file, LayerEntry, symlink } from '../../../rehearsal/images/layer';
import { ImageStore } from '../../../rehearsal/images/store';
import { elf } from '../../support/elf';

let folder: string;
/** How often each part was made. */
let made: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-'));
  made = [];
  writeFileSync(join(folder, 'program'), elf());
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Parts that are made in a moment. */
function ingredients(more: Partial<Ingredients> = {}): Ingredients {
  const part = (key: string, entries: LayerEntry[]) => ({
    key, make: async () => {
      made.push(key);
      return { entries, packages: [{ type: 'deb' as const, name: key, version: '1' }] };
    },
  });
  return {
    architecture: 'amd64',
    program: async () => ({ path: join(folder, 'program'), modules: async () => [{ type: 'golang', name: 'example.com/m', version: 'v1.0.0' }] }),
    debian: async (packages, without) => part(`debian ${packages.join()}-${without.join()}`, [
      symlink('bin', 'usr/bin'), directory('tmp', 0o1777), file('var/lib/dpkg/status', Buffer.from(`${packages.join()}-${without.join()}`)),
    ]),
    node: async () => part('node', [file('usr/bin/node', elf(), 0o755)]),
    bundle: async (entry) => ({ code: Buffer.from(`// ${entry}\n`), packages: [{ type: 'npm', name: 'fastify', version: '5.0.0' }] }),
    ...more,
  };
}

async function built(source: ImageSource, { cache = 'cache', reference = 'quay.io/a/b:1', from = ingredients() } = {}): Promise<PreparedImage> {
  return buildFromParts({ reference, source, parts: await partsOf(source, from) }, from.architecture, new ImageStore(join(folder, cache)));
}

const program: ImageSource = { go: [{ program: 'etcd', path: '/bin/etcd' }], entrypoint: ['/bin/etcd'] };
const bundled: ImageSource = { bundle: 'apps/cost/server.ts' };

const config = (image: PreparedImage) => JSON.parse(readFileSync(image.built!.config.file, 'utf8')) as { config: Record<string, unknown>; rootfs: { diff_ids: string[] }; architecture: string; os: string };

/** Paths in the layers of an image, from the lowest up, as the tar program lists them. */
const listed = ({ layers }: BuiltImage) => layers.map((layer) => execFileSync('tar', ['-tf', '-'], { input: readFileSync(layer.file), encoding: 'utf8' }).trim().split('\n'));

describe('an image', () => {
  test('is the same, byte for byte, whenever and wherever it is built', async () => {
    const first = await built(program, { cache: 'here' });
    const second = await built(program, { cache: 'there' });
    expect(second.digest).toBe(first.digest);
    expect(second.provenance).toBe('built');
    expect(readFileSync(second.sbom!)).toEqual(readFileSync(first.sbom!));
    for (const blob of [second.built!.manifest, second.built!.config, ...second.built!.layers]) {
      expect(`sha256:${createHash('sha256').update(readFileSync(blob.file)).digest('hex')}`).toBe(blob.digest);
    }
  });

  test('comes from the cache the second time, and its parts are not made again', async () => {
    await built({ debian: ['dash'] });
    const again = await built({ debian: ['dash'] });
    expect(again.provenance).toBe('cache');
    expect(made).toEqual(['debian dash-']);
    expect(again.sizeBytes).toBe(again.built!.layers.reduce((sum, { size }) => sum + size, 0));
  });

  test.each<[string, ImageSource, ImageSource]>([
    ['another package', { debian: ['dash'] }, { debian: ['git'] }],
    ['a package less', { debian: ['dash'] }, { debian: ['dash'], without: ['perl'] }],
    ['another command', program, { ...program, command: ['--help'] }],
    ['another user', program, { ...program, user: '0:0' }],
    ['another file', { ...program, files: { '/etc/a': { content: '1' } } }, { ...program, files: { '/etc/a': { content: '2' } } }],
    ['another bundle', bundled, { bundle: 'apps/catalog/server.ts' }],
  ])('is another with %s', async (_, one, other) => {
    expect((await built(other)).digest).not.toBe((await built(one)).digest);
  });

  test('is another when a program is another, although its source is the same', async () => {
    const before = await built(program);
    writeFileSync(join(folder, 'program'), Buffer.concat([elf(), Buffer.from('newer')]));
    const after = await built(program);
    expect([after.provenance, after.digest === before.digest]).toEqual(['built', false]);
  });

  test('shares the layers that others have: the Node.js of two services is there once', async () => {
    const [one, other] = [await built(bundled, { reference: 'a:1' }), await built({ bundle: 'apps/catalog/server.ts' }, { reference: 'b:1' })];
    expect(other.built!.layers[0]).toEqual(one.built!.layers[0]);
    expect(other.built!.layers[1]).not.toEqual(one.built!.layers[1]);
    expect(made).toEqual(['node']);
  });

  test('has a user, a folder for temporary files, and what its source names', async () => {
    const image = await built({ ...program, writable: ['/data'], links: { '/bin/etcd3': 'etcd' }, files: { '/run.sh': { content: '#!/bin/sh\n', executable: true } } });
    const [programs, own] = listed(image.built!);
    expect(programs).toEqual(['bin/', 'bin/etcd']);
    expect(own).toEqual(['bin/', 'bin/etcd3', 'data/', 'etc/', 'etc/group', 'etc/passwd', 'run.sh', 'tmp/']);
    const details = execFileSync('tar', ['--numeric-owner', '-tvf', image.built!.layers[1]!.file], { encoding: 'utf8' });
    expect(details).toMatch(/^drwxr-xr-x +(?:0 )?65532[/ ]+65532 .* data\/$/m);
    expect(details).toMatch(/^drwxrwxrwt .* tmp\/$/m);
    expect(details).toMatch(/^-rwxr-xr-x .* run\.sh$/m);
    expect(config(image)).toMatchObject({ os: 'linux', architecture: 'amd64', config: { User: '65532:65532', Entrypoint: ['/bin/etcd'], WorkingDir: '/' } });
  });

  test('brings its own users where its source does', async () => {
    const image = await built({ ...program, user: '999:999', files: { '/etc/passwd': { content: 'argocd:x:999:999::/:/sbin/nologin\n' } } });
    const text = execFileSync('tar', ['-xOf', image.built!.layers[1]!.file, 'etc/passwd', 'etc/group'], { encoding: 'utf8' });
    expect(text).toBe('root:x:0:\nuser999:x:999:\nargocd:x:999:999::/:/sbin/nologin\n');
  });

  test('of a bundle starts Node.js with it', async () => {
    const image = await built(bundled);
    expect(config(image).config).toMatchObject({ Entrypoint: ['/usr/bin/node', '/app/main.cjs'], WorkingDir: '/app', Env: expect.arrayContaining(['NODE_ENV=production']) });
    expect(listed(image.built!)[1]).toContain('app/main.cjs');
  });

  test('puts programs where the links of its packages lead: a folder would hide the link', async () => {
    expect(listed((await built({ ...program, debian: ['dash'] })).built!)[1]).toEqual(['usr/', 'usr/bin/', 'usr/bin/etcd']);
  });

  test('names in its list what every layer brought', async () => {
    const image = await built({ ...program, debian: ['dash'], bundle: 'apps/cost/server.ts' });
    const names = (JSON.parse(readFileSync(image.sbom!, 'utf8')) as { packages: { name: string }[] }).packages.map(({ name }) => name);
    expect(names).toEqual(['quay.io/a/b:1', 'debian dash-', 'node', 'example.com/m', 'fastify']);
  });

  test('of a program that needs libraries is refused before anything is written', async () => {
    writeFileSync(join(folder, 'program'), elf(3));
    await expect(built(program)).rejects.toThrow(/dynamic linker/);
  });

  test('whose part fails leaves nothing half-built, and the next attempt finds what was whole', async () => {
    const broken = ingredients({ program: async () => ({ path: join(folder, 'program'), modules: () => Promise.reject(new Error('killed')) }) });
    await expect(built({ ...program, debian: ['dash'] }, { from: broken })).rejects.toThrow('killed');
    expect(readdirSync(join(folder, 'cache', 'images'))).not.toContain('images');
    await built({ ...program, debian: ['dash'] });
    expect(made).toEqual(['debian dash-']);
  });
});

describe('an archive of several images', () => {
  test('holds a layer that they share once, and an index for each of its readers', async () => {
    const images = [await built(bundled, { reference: 'quay.io/a/cost:1' }), await built({ bundle: 'apps/catalog/server.ts' }, { reference: 'busybox:1' })].map((image) => image.built!);
    const path = join(folder, 'all.tar');
    expect(await writeArchive(images, path)).toBe(readFileSync(path).length);
    const names = execFileSync('tar', ['-tf', path], { encoding: 'utf8' }).trim().split('\n');
    expect(names.filter((name) => /^blobs\/sha256\/[0-9a-f]{64}$/.test(name))).toHaveLength(2 * 2 + 3);
    const read = (name: string) => JSON.parse(execFileSync('tar', ['-xOf', path, name], { encoding: 'utf8' })) as unknown;
    expect(read('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(read('index.json')).toMatchObject({
      manifests: [
        { digest: images[0]!.manifest.digest, annotations: { 'io.containerd.image.name': 'quay.io/a/cost:1' } },
        { digest: images[1]!.manifest.digest, annotations: { 'io.containerd.image.name': 'docker.io/library/busybox:1' }, platform: { os: 'linux', architecture: 'amd64' } },
      ],
    });
    const described = read('manifest.json') as { Config: string; RepoTags: string[]; Layers: string[] }[];
    expect(described.map(({ RepoTags }) => RepoTags)).toEqual([['quay.io/a/cost:1'], ['busybox:1']]);
    for (const [index, { Config, Layers }] of described.entries()) {
      expect(names).toEqual(expect.arrayContaining([Config, ...Layers]));
      expect((read(Config) as { rootfs: { diff_ids: string[] } }).rootfs.diff_ids).toEqual(images[index]!.layers.map(({ digest }) => digest));
    }
  });

  test('of an image that somebody removed from the cache is a fault that says so', async () => {
    const { built: image } = await built(program);
    rmSync(image!.layers[0]!.file);
    await expect(writeArchive([image!], join(folder, 'all.tar'))).rejects.toThrow(/an image cannot be written.*ENOENT/s);
    expect(readdirSync(folder)).not.toContain('all.tar');
  });
});
