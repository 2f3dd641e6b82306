import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FaultError } from '../../../base/faults';
import type { Ingredients } from '../../../rehearsal/images/build';
import type { ImageDeclaration, ImageMode } from '../../../rehearsal/images/contract';
import { prepareImages, PrepareOptions } from '../../../rehearsal/images/prepare';
import type { RegistryAnswer } from '../../../rehearsal/images/registry';
import { readToolSettings } from '../../../rehearsal/tools';
import { elf } from '../../support/elf';

let folder: string;
let asked: string[];
let told: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prepare-'));
  asked = [];
  told = [];
  writeFileSync(join(folder, 'program'), elf());
});
afterEach(() => rmSync(folder, { recursive: true }));

const fault = (got: string) => new FaultError('it failed', [{ where: 'here', got, allowed: 'more', do: 'mend it' }]);

const ingredients: Ingredients = {
  architecture: 'amd64',
  program: async (name) => {
    if (name === 'broken') throw fault('no Go on PATH');
    if (name === 'large') throw fault('no space left on the disk');
    return { path: join(folder, 'program'), modules: async () => [] };
  },
  debian: () => Promise.reject(fault('no apt-get here')),
  node: async () => ({ key: 'node', make: async () => ({ entries: [], packages: [] }) }),
  bundle: async (entry) => {
    if (entry === 'broken.ts') throw fault('a line that does not compile');
    return { code: Buffer.from(entry), packages: [] };
  },
};

/** Registries that have these images. */
const registriesWith = (...there: string[]) => ({
  ask: async (reference: string): Promise<RegistryAnswer> => {
    asked.push(reference);
    return there.includes(reference) ? { found: true, digest: 'sha256:abc' } : { found: false, why: 'quay.io cannot be reached (ENOTFOUND)' };
  },
});

const OURS: ImageDeclaration = { reference: 'registry.example/ours:1', source: { bundle: 'ours.ts' }, ours: true };
const BUILDABLE: ImageDeclaration = { reference: 'quay.io/a/buildable:1', source: { go: [{ program: 'kind', path: '/kind' }] } };
const PULL_ONLY: ImageDeclaration = { reference: 'quay.io/a/pulled:1' };

const prepare = (declarations: readonly ImageDeclaration[], mode: ImageMode, options: PrepareOptions = {}) => prepareImages(declarations, mode, {
  settings: { ...readToolSettings({}), cacheRoot: join(folder, 'cache') },
  ingredients, registries: registriesWith(), clock: () => 0, onProgress: ({ detail }) => told.push(detail ?? ''), ...options,
});

const provenances = (ready: readonly { reference: string; provenance: string }[]) => Object.fromEntries(ready.map(({ reference, provenance }) => [reference, provenance]));

describe('building', () => {
  test('asks no registry, and says what can be built in no way', async () => {
    const { ready, missing, registries } = await prepare([PULL_ONLY, OURS, BUILDABLE], 'build');
    expect(provenances(ready)).toEqual({ [OURS.reference]: 'built', [BUILDABLE.reference]: 'built' });
    expect(missing).toEqual([{ reference: PULL_ONLY.reference, why: 'nothing says how it is built' }]);
    expect([asked, registries]).toEqual([[], []]);
    expect(provenances((await prepare([OURS], 'build')).ready)).toEqual({ [OURS.reference]: 'cache' });
  });

  test('goes on without a release that lacks a part, and tells why', async () => {
    const { ready, missing } = await prepare([{ reference: 'a:1', source: { go: [{ program: 'broken', path: '/a' }] } }, { reference: 'b:1', source: { debian: ['git'] } }, BUILDABLE], 'build');
    expect(missing).toEqual([{ reference: 'a:1', why: 'it cannot be built: here: no Go on PATH' }, { reference: 'b:1', why: 'it cannot be built: here: no apt-get here' }]);
    expect(ready).toHaveLength(1);
  });

  test('ends when one of our own cannot be built: there would be nothing to rehearse', async () => {
    await expect(prepare([{ ...OURS, source: { bundle: 'broken.ts' } }], 'build')).rejects.toThrow('a line that does not compile');
  });

  test('ends when the disk is full: what follows would fail too', async () => {
    await expect(prepare([{ reference: 'a:1', source: { go: [{ program: 'large', path: '/a' }] } }], 'build')).rejects.toThrow('no space left');
  });

  test('says of an image that is named by its digest why nothing built can be it', async () => {
    const { missing } = await prepare([{ reference: 'quay.io/a/b:1@sha256:abc' }], 'build');
    expect(missing[0]!.why).toContain('named by its digest');
  });

  test('ends when it is told to, and the next run goes on', async () => {
    const stop = new AbortController();
    const onProgress: PrepareOptions['onProgress'] = ({ detail }) => {
      if (detail === BUILDABLE.reference) stop.abort(new Error('Ctrl-C'));
    };
    await expect(prepare([OURS, BUILDABLE], 'build', { signal: stop.signal, onProgress })).rejects.toThrow('Ctrl-C');
    expect(provenances((await prepare([OURS, BUILDABLE], 'build')).ready)).toEqual({ [OURS.reference]: 'cache', [BUILDABLE.reference]: 'built' });
  });
});

describe('asking first', () => {
  test('takes from registries what they have, builds the rest, and never asks for our own', async () => {
    const { ready, missing, registries } = await prepare([OURS, BUILDABLE, PULL_ONLY], 'auto', { registries: registriesWith(PULL_ONLY.reference) });
    expect(asked).toEqual([BUILDABLE.reference, PULL_ONLY.reference]);
    expect(provenances(ready)).toEqual({ [OURS.reference]: 'built', [BUILDABLE.reference]: 'built', [PULL_ONLY.reference]: 'registry' });
    expect(ready.find(({ provenance }) => provenance === 'registry')).toEqual({ reference: PULL_ONLY.reference, provenance: 'registry', digest: 'sha256:abc' });
    expect(missing).toEqual([]);
    expect(registries).toEqual(['quay.io: 1 of 2 images (cannot be reached (ENOTFOUND))']);
    expect(told[0]).toBe('asking quay.io');
  });

  test('says of what can be had neither way both reasons', async () => {
    const { missing } = await prepare([PULL_ONLY], 'auto');
    expect(missing).toEqual([{ reference: PULL_ONLY.reference, why: 'quay.io cannot be reached (ENOTFOUND); nothing says how it is built' }]);
  });
});

describe('pulling', () => {
  test('builds our own only', async () => {
    const { ready } = await prepare([OURS, BUILDABLE], 'pull', { registries: registriesWith(BUILDABLE.reference) });
    expect(provenances(ready)).toEqual({ [OURS.reference]: 'built', [BUILDABLE.reference]: 'registry' });
  });

  test('names every image that no registry has before anything is built', async () => {
    const error = await prepare([OURS, BUILDABLE, PULL_ONLY], 'pull').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FaultError);
    expect((error as FaultError).faults.map(({ where }) => where)).toEqual([BUILDABLE.reference, PULL_ONLY.reference]);
    expect((error as FaultError).faults[0]).toMatchObject({ got: 'quay.io cannot be reached (ENOTFOUND)', do: expect.stringContaining('--images build') });
    expect(told).toEqual(['asking quay.io']);
  });
});

test('nothing to prepare is ready', async () => {
  await expect(prepare([], 'auto')).resolves.toEqual({ ready: [], missing: [], registries: [] });
});
