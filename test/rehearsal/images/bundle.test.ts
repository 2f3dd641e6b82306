import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundle, packagesOf } from '../../../rehearsal/images/bundle';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A repository of two sources and a dependency. */
function repository(name: string, main = 'import { two } from "dependency"; import { one } from "./one"; console.log(one + two);'): string {
  const files = {
    'app/main.ts': main,
    'app/one.ts': 'export const one: number = 1;',
    'node_modules/dependency/package.json': '{ "name": "dependency", "version": "2.0.0", "license": "MIT", "main": "index.js" }',
    'node_modules/dependency/index.js': '/*! (c) somebody */ exports.two = 2;',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), content);
  }
  return join(folder, name);
}

describe('a bundle', () => {
  test('is the same wherever the repository is, keeps what its licences ask to be kept, and names what is in it', async () => {
    const one = await bundle(repository('here'), 'app/main.ts');
    const other = await bundle(repository('some/where/else'), 'app/main.ts');
    expect(one.code.equals(other.code)).toBe(true);
    expect(one.code.toString()).toContain('(c) somebody');
    expect(one.packages).toEqual([{ type: 'npm', name: 'dependency', version: '2.0.0', licence: 'MIT' }]);
  });

  test('that cannot be made is a fault with a line for each error', async () => {
    const root = repository('broken', 'import "./nowhere";\nimport "./nowhere-else";\n');
    await expect(bundle(root, 'app/main.ts')).rejects.toThrow(/^app\/main.ts cannot be bundled\n.*\[app\/main.ts:1\] got: Could not resolve "\.\/nowhere".*\n.*\[app\/main.ts:2\]/);
  });
});

test('packages are found by where they are, also those of packages', () => {
  const root = repository('nested');
  const nested = join(root, 'node_modules/dependency/node_modules/@scope/inner');
  mkdirSync(nested, { recursive: true });
  writeFileSync(join(nested, 'package.json'), '{ "name": "@scope/inner", "version": "1.0.0", "license": { "type": "MIT" } }');
  expect(packagesOf(root, ['app/main.ts', 'node_modules/dependency/index.js', 'node_modules/dependency/node_modules/@scope/inner/lib/a.js', 'node_modules/dependency/node_modules/@scope/inner/b.js']))
    .toEqual([{ type: 'npm', name: '@scope/inner', version: '1.0.0', licence: undefined }, { type: 'npm', name: 'dependency', version: '2.0.0', licence: 'MIT' }]);
});
