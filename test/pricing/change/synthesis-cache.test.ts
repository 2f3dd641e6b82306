import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesIn, keyOfTree } from '../../../pricing/change/source-tree';
import { diskFault, SynthesisCache } from '../../../pricing/change/synthesis-cache';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'synth-cache-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stacks = { 'dev-network': { resource: { aws_vpc: { main: { cidr_block: '10.0.0.0/16' } } } } };

describe('SynthesisCache', () => {
  it('gives back what it kept, and nothing for what is half or of another form', () => {
    const cache = new SynthesisCache(join(folder, 'new'));
    expect(cache.find('a1')).toBeUndefined();
    expect(cache.keep('a1', stacks)).toBeUndefined();
    expect(cache.find('a1')).toEqual(stacks);
    writeFileSync(join(folder, 'new', 'stacks-b2.json'), '{"form":1,"stacks":{"dev');
    writeFileSync(join(folder, 'new', 'stacks-c3.json'), JSON.stringify({ form: 0, stacks }));
    expect([cache.find('b2'), cache.find('c3')]).toEqual([undefined, undefined]);
  });

  it('keeps the latest two dozen, and nothing that is not its own goes', () => {
    const cache = new SynthesisCache(folder);
    writeFileSync(join(folder, 'theirs.json'), '');
    for (let index = 0; index < 30; index += 1) {
      cache.keep(index.toString(16), stacks);
      utimesSync(join(folder, `stacks-${index.toString(16)}.json`), index, index);
    }
    const left = readdirSync(folder);
    expect(left).toContain('theirs.json');
    expect(left.filter((name) => name.startsWith('stacks-')).length).toBe(24);
    expect([cache.find((29).toString(16)), cache.find('0')]).toEqual([stacks, undefined]);
  });

  it('says why it could not keep something, which is no reason to fail', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(new SynthesisCache(join(folder, 'file')).keep('a', stacks)).toContain('something else stands in the way');
  });

  it('gives every caller a folder of its own, and removes those of processes that are gone', () => {
    const cache = new SynthesisCache(folder);
    for (const name of ['work-999999999-0', `work-${process.ppid}-0`]) mkdirSync(join(folder, name, 'sources'), { recursive: true });
    const [one, two] = [cache.workFolder(), cache.workFolder()];
    expect(one).not.toBe(two);
    expect([existsSync(join(folder, 'work-999999999-0')), existsSync(join(folder, `work-${process.ppid}-0`)), existsSync(one)]).toEqual([false, true, true]);
  });

  it('has four parts for a full disk and for a folder that refuses', () => {
    expect(diskFault('/c', { code: 'ENOSPC' }).message).toMatch(/\[\/c\] got: no space left on the disk \(ENOSPC\); allowed: .*; do: free some space/);
    expect(diskFault('/c', { code: 'EACCES' }).message).toMatch(/cannot be written \(EACCES\).*do: set TIDELINE_CACHE/);
  });
});

describe('the key of sources', () => {
  it('is that of their content and names, in any order', () => {
    const write = (name: string, text: string) => { mkdirSync(join(folder, 'stacks'), { recursive: true }); writeFileSync(join(folder, 'stacks', name), text); };
    const key = () => keyOfTree(filesIn(folder, ['stacks', 'absent']), folder);
    write('a.ts', 'a');
    write('b.ts', '');
    const first = key();
    expect(keyOfTree([...filesIn(folder, ['stacks'])].reverse(), folder)).toBe(first);
    write('a.ts', 'other');
    expect(key()).not.toBe(first);
    write('a.ts', 'a');
    expect(key()).toBe(first);
    write('c.ts', '');
    expect(key()).not.toBe(first);
  });

  it('has the ids that git gives', () => {
    writeFileSync(join(folder, 'empty'), '');
    writeFileSync(join(folder, 'hello'), 'hello\n');
    expect(filesIn(folder, ['empty', 'hello']).map(({ blob }) => blob)).toEqual(['e69de29bb2d1d6434b8b29ae775ad8c2e48c5391', 'ce013625030ba8dba906f756967f9e9ca394464a']);
  });
});
