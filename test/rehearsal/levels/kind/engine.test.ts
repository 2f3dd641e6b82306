import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ProcessSet } from '../../../../rehearsal/control-plane/process-set';
import { bytesIn, memoryOf } from '../../../../rehearsal/levels/kind/memory';
import { watchNodes } from '../../../../rehearsal/levels/kind/node-watch';
import { clusterFolder, readRecord, recordedClusters, writeRecord } from '../../../../rehearsal/levels/kind/record';
import { removeCluster } from '../../../../rehearsal/levels/kind/removal';
import { identityOf } from '../../../../rehearsal/tools';
import { scriptedClient } from './scripted-client';

const folder = mkdtempSync(join(tmpdir(), 'engine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const client = (name: string, script: string) => scriptedClient(folder, name, script);

const STOPPED = 'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1';

describe('what an engine says', () => {
  it.each([
    ['a full disk', 'echo "write /var/lib/docker/tmp/x: no space left on device" >&2; exit 1', /no space left on the disk of the engine.*docker system df/],
    ['a stopped engine', STOPPED, /Cannot connect.*do: start it/],
    ['a user who may not', 'echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock" >&2; exit 1', /add the user to the group `docker`/],
    ['anything else', 'echo "Error: such is life" >&2; exit 1', /such is life/],
  ])('is said with what to do: %s', async (name, script, expected) => {
    await expect(client(name.replace(/\W/g, '-'), script).output(['load'])).rejects.toThrow(expected);
  });

  it('is not waited for without end', async () => {
    await expect(client('slow', 'exec sleep 60').output(['ps'], { timeoutSeconds: 0.2 })).rejects.toThrow(/no answer within 0.2 s/);
  });

  it('is given what it reads', async () => {
    async function* pieces() {
      yield Buffer.from('one ');
      yield Buffer.from('two');
    }
    expect(await client('reader', 'cat').output(['load'], { input: pieces() })).toBe('one two');
  });

  it('does not hide that what it reads could not be made', async () => {
    async function* broken() {
      yield Buffer.from('one');
      throw new Error('the cache lost a layer');
    }
    await expect(client('reader-2', 'cat >/dev/null').output(['load'], { input: broken() })).rejects.toThrow('the cache lost a layer');
  });

  it('of memory is added up', async () => {
    expect(await memoryOf(client('stats', 'echo "1.5GiB / 16GiB"; echo "512MiB / 16GiB"'), ['a', 'b'])).toBe(2 * 2 ** 30);
    expect(bytesIn('--')).toBe(0);
  });
});

describe('nodes', () => {
  async function failureWith(name: string, script: string): Promise<Error> {
    const work = join(folder, `run-${name}`);
    mkdirSync(work);
    const processes = new ProcessSet(work);
    try {
      return await watchNodes(client(name, script), processes, 'tideline-x', ['x-control-plane']).failed.catch((error: Error) => error);
    } finally {
      await processes.stopAll();
    }
  }

  it('that were killed are named', async () => {
    const error = await failureWith('killed', 'case "$1" in events) echo x-control-plane; exec sleep 60 ;; *) printf "/x-control-plane\\tfalse\\t137\\tfalse\\n" ;; esac');
    expect(error.message).toMatch(/\[node x-control-plane\] got: it ended with status 137 \(killed\)/);
  });

  it('that ran out of memory are told from those', async () => {
    const error = await failureWith('memory', 'case "$1" in events) echo x-control-plane; exec sleep 60 ;; *) printf "/x-control-plane\\tfalse\\t137\\ttrue\\n" ;; esac');
    expect(error.message).toContain('it ran out of memory');
  });

  it('of an engine that stopped are its victims', async () => {
    const error = await failureWith('gone', STOPPED);
    expect(error.message).toMatch(/^the Docker engine stopped in the middle of the rehearsal\n.*do: start it/);
  });
});

describe('what a run notes of its cluster', () => {
  it('stays until the engine has done what it was asked', async () => {
    const at = clusterFolder(folder, 'tideline-x');
    writeRecord(at, { name: 'tideline-x', owner: identityOf(process.pid)!, kept: true, image: 'node', sysctls: { 'kernel/panic': '0' }, created: '2026-01-01T00:00:00Z' });
    expect(recordedClusters(folder)).toEqual(['tideline-x']);
    const left = await removeCluster(client('down', STOPPED), 'tideline-x', at);
    expect(left.join('\n')).toMatch(/nodes of tideline-x: .*Cannot connect[^]*settings of the kernel/);
    expect(readRecord(at)?.name).toBe('tideline-x');
  });
});
