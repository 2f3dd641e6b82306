import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FaultError } from '../../../base/faults';
import { ownerOf, type Shard, WHOLE } from '../../../forecaster/service/shards';
import { StateKeeper } from '../../../forecaster/service/state-keeper';
import { STATE_VERSION, writeState } from '../../../forecaster/service/state-file';
import { StateStore } from '../../../forecaster/service/state-store';
import { Store } from '../../../forecaster/service/store';
import { newestValueCodec } from '../support/newest-value-codec';

/** What the file system says instead of putting a new file in place. */
const disk = vi.hoisted(() => ({ failure: undefined as string | undefined }));
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    rename: async (...args: Parameters<typeof fs.rename>) => {
      if (disk.failure) throw Object.assign(new Error(disk.failure), { code: disk.failure });
      await fs.rename(...args);
    },
  };
});

let directory: string;
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'state-')); });
afterEach(() => {
  disk.failure = undefined;
  rmSync(directory, { recursive: true });
});

const key = (service: string) => ({ namespace: 'shop', service, metric: 'requests' as const });
const emptyStore = (maxSeries = 4000) => new Store(60, maxSeries, newestValueCodec);
const files = (shard: Shard = WHOLE, maxBytes?: number, stepSeconds = 60) => new StateStore({ directory, shard, stepSeconds, maxBytes });

function filled(services: readonly string[]): Store {
  const store = emptyStore();
  services.forEach((service, i) => {
    const entry = store.open(key(service))!;
    entry.forecaster.observe(1_700_000_000 + i * 60, 10 + i);
    entry.askedUntil = 1_700_000_060;
    entry.lastValue = 10 + i;
  });
  return store;
}

describe('StateStore', () => {
  it('gives back every series with how far Prometheus was asked and how far it is trusted', async () => {
    const before = filled(['catalog', 'cost']);
    before.find(key('cost'))!.climber.restore({ ...before.find(key('cost'))!.climber.ladder.snapshot(), step: 'assist', since: 5, time: 5 });
    const report = await files().save(before);
    expect(report).toEqual({ series: 2, bytes: statSync(files().path).size, leftOut: 0 });

    const after = emptyStore();
    expect(await files().load(after)).toMatchObject({ restored: 2, elsewhere: 0, refused: 0 });
    expect(after.services()).toEqual(['shop/catalog', 'shop/cost']);
    for (const entry of before.all()) {
      const { forecaster, askedUntil, lastValue, climber } = after.find(entry)!;
      expect({ last: forecaster.lastTime, askedUntil, lastValue, step: climber.step })
        .toEqual({ last: entry.forecaster.lastTime, askedUntil: entry.askedUntil, lastValue: entry.lastValue, step: entry.climber.step });
    }
    expect(after.find(key('cost'))!.climber.step).toBe('assist');
  });

  it('keeps nothing of a series of which nothing is known', async () => {
    const store = filled(['catalog']);
    store.open(key('silent'));
    expect((await files().save(store)).series).toBe(1);
  });

  it('starts empty where there is no file, and says so without calling it a problem', async () => {
    const report = await files().load(emptyStore());
    expect(report).toMatchObject({ restored: 0 });
    expect(report.problem).toBeUndefined();
    expect(report.message).toContain('there is no state');
  });

  it.each<[string, (bytes: Buffer) => Buffer, string, number]>([
    ['nothing', () => Buffer.alloc(0), 'foreign', 0],
    ['a page', () => Buffer.from('<!doctype html><title>login</title>'), 'foreign', 0],
    ['one cut in the middle', (bytes) => bytes.subarray(0, bytes.length - 30), 'truncated', 1],
    ['one with a flipped bit near its end', (bytes) => { bytes[bytes.length - 30]! += 4; return bytes; }, 'damaged', 1],
    ['one of an older version', () => Buffer.concat([...writeState({ version: STATE_VERSION - 1, stepSeconds: 60, shard: WHOLE } as never, [], 1e6)]), 'other_version', 0],
  ])('a file that is %s gives what is good of it, one message and a reason', async (_, spoil, problem, restored) => {
    await files().save(filled(['catalog', 'cost']));
    writeFileSync(files().path, spoil(readFileSync(files().path)));
    const store = emptyStore();
    const report = await files().load(store);
    expect(report).toMatchObject({ problem, restored });
    expect(report.message).toContain('all others are learned from Prometheus');
    expect(report.message).not.toContain('\n');
    expect(store.size).toBe(restored);
    await files().save(filled(['catalog'])); // and the next one is good again
    expect((await files().load(emptyStore())).problem).toBeUndefined();
  });

  it('does not take up series of another resolution, nor a file that is too long', async () => {
    await files().save(filled(['catalog']));
    expect(await files(WHOLE, undefined, 300).load(emptyStore())).toMatchObject({ problem: 'other_step', restored: 0 });
    expect(await files(WHOLE, 100).load(emptyStore())).toMatchObject({ problem: 'too_large', restored: 0 });
  });

  it('learns again what the engine cannot read, or what is too much', async () => {
    await files().save(filled(['catalog', 'cost']));
    const newer = new Store(60, 4000, { ...newestValueCodec, unpack: () => { throw new FaultError('another version', [{ where: 'a', got: 'b', allowed: 'c', do: 'd' }]); } });
    expect(await files().load(newer)).toMatchObject({ problem: 'incompatible', restored: 0, refused: 2 });
    expect(newer.size).toBe(0);
    expect(await files().load(emptyStore(1))).toMatchObject({ problem: 'incompatible', restored: 1, refused: 1 });
  });

  it('keeps what is still its own when the number of shards changes', async () => {
    const services = Array.from({ length: 40 }, (_, i) => `s${i}`);
    await files({ index: 0, count: 1 }).save(filled(services));
    const store = emptyStore();
    const report = await files({ index: 0, count: 2 }).load(store);
    const own = services.filter((service) => ownerOf('shop', service, 2) === 0).map((service) => `shop/${service}`).sort();
    expect(store.services()).toEqual(own);
    expect(report).toMatchObject({ restored: own.length, elsewhere: 40 - own.length });
    expect(report.problem).toBeUndefined();
  });

  it('removes what a process left that was killed while it wrote, and nothing else', async () => {
    const left = join(directory, '.forecaster-shard-0.state.77.abcdef01.tmp');
    writeFileSync(left, 'half');
    writeFileSync(join(directory, 'other'), '');
    await files().load(emptyStore());
    expect(readdirSync(directory)).toEqual(['other']);
  });

  it('survives a folder that is none', async () => {
    writeFileSync(join(directory, 'file'), '');
    const odd = new StateStore({ directory: join(directory, 'file'), shard: WHOLE, stepSeconds: 60 });
    expect(await odd.load(emptyStore())).toMatchObject({ problem: 'unreadable', restored: 0 });
    await expect(odd.save(filled(['a']))).rejects.toThrow(FaultError);
  });
});

describe('StateKeeper', () => {
  it.each([['ENOSPC', 'no space left on the disk'], ['EROFS', 'the folder refuses writing'], ['EIO', 'EIO']])('tells of a disk that says %s, goes on, and leaves the old file whole', async (code, said) => {
    const store = filled(['catalog']);
    const told: string[] = [];
    const keeper = new StateKeeper({
      store, files: files(), intervalSeconds: 0.01, onSave: ({ series }) => told.push(`saved ${series}`), onFailure: (error) => told.push(error.message),
    });
    await keeper.save();
    const kept = readFileSync(files().path);
    disk.failure = code;
    keeper.start();
    while (told.length < 3) await new Promise((done) => setTimeout(done, 5));
    expect(told.slice(0, 3)).toEqual(['saved 1', expect.stringContaining(said), expect.stringContaining(said)]);
    expect(readFileSync(files().path).equals(kept)).toBe(true);
    expect(readdirSync(directory)).toEqual(['forecaster-shard-0.state']);
    disk.failure = undefined;
    await keeper.stop();
    expect(told.at(-1)).toBe('saved 1');
  });

  it('writes at intervals and a last time at the end', async () => {
    const store = filled(['catalog']);
    let saves = 0;
    const keeper = new StateKeeper({ store, files: files(), intervalSeconds: 0.01, onSave: () => { saves += 1; } });
    keeper.start();
    while (saves < 3) await new Promise((done) => setTimeout(done, 5));
    store.open(key('late'))!.forecaster.observe(1_700_000_000, 5);
    store.find(key('late'))!.askedUntil = 1_700_000_060;
    await keeper.stop();
    const written = saves;
    expect((await files().load(emptyStore())).restored).toBe(2);
    await new Promise((done) => setTimeout(done, 40));
    expect(saves).toBe(written);
  });

  it('does not write over what it has not taken up yet', async () => {
    await files().save(filled(['catalog', 'cost']));
    const keeper = new StateKeeper({ store: emptyStore(), files: files(), intervalSeconds: 3600 });
    const loading = keeper.load();
    await keeper.stop();
    await loading;
    expect((await files().load(emptyStore())).restored).toBe(2);
  });
});
