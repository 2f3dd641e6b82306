import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrange, directory, file, linksOf, symlink } from '../../../rehearsal/images/layer';

const paths = (entries: readonly { readonly path: string }[]) => entries.map(({ path }) => path);
const some = Buffer.from('some');

describe('the order of a layer', () => {
  test('is the same whatever order entries come in, each folder before what is in it', () => {
    const names = fc.uniqueArray(fc.array(fc.constantFrom('a', 'b', 'ab', '-'), { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('/')}/file`), { minLength: 1, maxLength: 10 });
    fc.assert(fc.property(names.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))), ([all, shuffled]) => {
      const arranged = arrange(shuffled.map((path) => file(path, some)));
      expect(paths(arranged)).toEqual(paths(arrange(all.map((path) => file(path, some)))));
      for (const [index, { path }] of arranged.entries()) {
        const parent = path.split('/').slice(0, -1).join('/');
        if (parent !== '') expect(paths(arranged.slice(0, index))).toContain(parent);
      }
    }));
  });

  test('keeps what a folder was given, and adds those that nobody named', () => {
    const arranged = arrange([file('/a/b/c', some), { ...directory('a/b', 0o700), uid: 65532 }]);
    expect(arranged.map(({ path, mode, uid }) => [path, mode, uid])).toEqual([['a', 0o755, 0], ['a/b', 0o700, 65532], ['a/b/c', 0o644, 0]]);
  });
});

describe('a path through a link', () => {
  test('of the layers below goes where the link leads, so that no folder hides it', () => {
    const below = linksOf([symlink('bin', 'usr/bin'), symlink('var/run', '/run')]);
    expect(paths(arrange([file('bin/server', some), directory('var/run/app'), file('/bin/deep/er', some)], below)))
      .toEqual(['run', 'run/app', 'usr', 'usr/bin', 'usr/bin/deep', 'usr/bin/deep/er', 'usr/bin/server']);
  });

  test('of the same layer too, and through several', () => {
    expect(paths(arrange([symlink('a', 'b'), symlink('b', './c/../d'), file('a/x', some)]))).toEqual(['a', 'b', 'd', 'd/x']);
  });

  test('leaves the link itself to be replaced', () => {
    expect(arrange([file('bin', some)], new Map([['bin', 'usr/bin']])).map(({ path, type }) => [path, type])).toEqual([['bin', 'file']]);
  });

  test('that goes in a circle is a fault', () => {
    expect(() => arrange([file('a/x', some)], new Map([['a', 'b'], ['b', 'a']]))).toThrow(/\[\/a\/x\] got: no path of an image/);
  });
});

test('two things at one path are a fault, and every fault is told', () => {
  expect(() => arrange([file('a', some), file('/a', Buffer.from('other')), file('../b', some), directory('c'), directory('c')]))
    .toThrow(/\[\/a\] got: two things at one path[^\n]*\n.*\[\/\.\.\/b\] got: no path/);
});
