import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readElf, refuseUnlessStatic } from '../../../rehearsal/images/elf';
import { elf } from '../../support/elf';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'elf-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function written(bytes: Buffer): string {
  const path = join(folder, 'program');
  writeFileSync(path, bytes);
  return path;
}

test('the header of a program tells its processor and whether it needs libraries', () => {
  expect(readElf(elf())).toEqual({ architecture: 'amd64', dynamic: false });
  expect(readElf(elf(3, 183))).toEqual({ architecture: 'arm64', dynamic: true });
  expect(readElf(elf(1, 40))).toEqual({ architecture: undefined, dynamic: false });
  expect(readElf(Buffer.from('#!/bin/sh\n'))).toBeUndefined();
  expect(readElf(elf().subarray(0, 63))).toBeUndefined();
});

describe('a program for an image', () => {
  test('is accepted when it needs nothing', async () => {
    await expect(refuseUnlessStatic(written(elf()), 'etcd')).resolves.toBeUndefined();
  });

  test('is refused when it needs libraries: it would end with "no such file or directory"', async () => {
    await expect(refuseUnlessStatic(written(elf(3)), 'etcd')).rejects.toThrow(/\[etcd \(.*program\)\] got: a program that needs a dynamic linker.*CGO_ENABLED=0/);
  });

  test('is refused when it is for another system', async () => {
    await expect(refuseUnlessStatic(written(Buffer.from('cffaedfe', 'hex')), 'etcd')).rejects.toThrow(/got: no Linux program/);
  });

  test.runIf(process.platform === 'linux')('this Node.js is a Linux program', async () => {
    await expect(refuseUnlessStatic(process.execPath, 'node')).rejects.toThrow(/needs a dynamic linker/);
  });
});
