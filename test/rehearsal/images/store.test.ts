import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ImageRecord, ImageStore, keyOf } from '../../../rehearsal/images/store';

const DAY = 24 * 3_600_000;

let root: string;
let store: ImageStore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'store-'));
  store = new ImageStore(root);
});
afterEach(() => rmSync(root, { recursive: true }));

async function* pieces(...texts: string[]): AsyncGenerator<Buffer> {
  for (const each of texts) yield Buffer.from(each);
}

/** Every file below the cache. */
const files = () => readdirSync(root, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).map((each) => each.name);

function record(name: string): ImageRecord {
  const [manifest, config, sbom, layer] = ['manifest', 'config', 'sbom', 'layer'].map((part) => store.write(Buffer.from(`${part} of ${name}`))) as [ImageRecord['config'], ImageRecord['config'], ImageRecord['config'], ImageRecord['config']];
  return { manifest, config, sbom, layers: [layer] };
}

describe('a blob', () => {
  test('is named for its digest, however it came', async () => {
    const blob = await store.writeFrom(pieces('a', 'bc'));
    expect(blob).toEqual({ digest: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', size: 3 });
    expect(store.write(Buffer.from('abc'))).toEqual(blob);
    expect(readFileSync(store.stored(blob).file, 'utf8')).toBe('abc');
    expect(files()).toHaveLength(1);
  });

  test('that cannot be finished leaves nothing: the disk is full, what makes it fails', async () => {
    async function* full(): AsyncGenerator<Buffer> {
      yield Buffer.from('begun');
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    }
    await expect(store.writeFrom(full())).rejects.toThrow(/no space left on the disk.*nothing half-written was left/);
    expect(files()).toEqual([]);
  });
});

describe('a record', () => {
  test('is found under its key, and only when all of it is there', () => {
    const made = record('a');
    store.writeImageRecord('key', made);
    expect(store.image('key')).toEqual(made);
    expect(store.image('other')).toBeUndefined();
    truncateSync(store.stored(made.layers[0]!).file, 2); // what a power cut may leave
    expect(store.image('key')).toBeUndefined();
  });

  test('that is no JSON is none', () => {
    store.writeLayerRecord('key', { ...store.write(Buffer.from('x')), links: {}, packages: [] });
    expect(store.layer('key')).toMatchObject({ size: 1 });
    writeFileSync(join(root, 'images', 'layers', 'key.json'), '{"digest":');
    expect(store.layer('key')).toBeUndefined();
  });
});

describe('cleaning up', () => {
  const age = (kind: string, key: string, days: number) => {
    const then = new Date(Date.now() - days * DAY);
    utimesSync(join(root, 'images', kind, `${key}.json`), then, then);
  };

  test('removes what nobody used for two weeks, and keeps blobs that another record names', () => {
    const old = record('old');
    const shared = old.layers[0]!;
    store.writeImageRecord('old', old);
    store.writeImageRecord('new', { ...record('new'), layers: [shared] });
    age('images', 'old', 15);
    store.prune(Date.now());
    expect(store.image('old')).toBeUndefined();
    expect(store.image('new')).toBeDefined();
    expect([old.manifest, old.config, old.sbom, shared].map((blob) => existsSync(store.stored(blob).file))).toEqual([false, false, false, true]);
  });

  test('counts being found as use', () => {
    store.writeImageRecord('key', record('a'));
    age('images', 'key', 15);
    store.image('key');
    store.prune(Date.now());
    expect(store.image('key')).toBeDefined();
  });

  test('removes what a killed run left: half a blob, a blob that no record names', () => {
    const orphan = store.write(Buffer.from('orphan'));
    mkdirSync(join(root, 'images', 'incoming'));
    writeFileSync(join(root, 'images', 'incoming', '.1234.1234.abcd.tmp'), 'half');
    store.prune(Date.now());
    expect(existsSync(store.stored(orphan).file)).toBe(false);
    expect(files()).toEqual([]);
  });
});

test('a key tells every difference of what it is made of', () => {
  const inputs: unknown[][] = [['a', 'b'], ['ab'], ['a', ['b']], [['a', 'b']], ['a', 'b', ''], [{ a: 'b' }], ['a', 1], ['a', '1']];
  expect(new Set(inputs.map((each) => keyOf(...each))).size).toBe(inputs.length);
  expect(keyOf('a', { b: 1 })).toBe(keyOf('a', { b: 1 }));
});
