import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf } from '../../rehearsal/tools';
import { checkWritable, Workspace } from '../../rehearsal/workspace';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'tideline-workspace-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockOf = (path = folder) => join(path, 'running.json');

describe('Workspace', () => {
  it('makes a folder of its own for each run, and leaves it when it is given back', () => {
    const workspace = new Workspace(join(folder, 'not', 'there', 'yet'));
    expect(workspace.runFolder).toBe(join(folder, 'not', 'there', 'yet', `run-${process.pid}`));
    workspace.release();
    expect(readdirSync(join(folder, 'not', 'there', 'yet'))).toEqual([`run-${process.pid}`]);
  });

  it('refuses a second rehearsal while the first lives, and lets it in afterwards', () => {
    const first = new Workspace(folder);
    expect(() => new Workspace(folder)).toThrow(`a rehearsal with process id ${process.pid}; allowed: one at a time`);
    expect(existsSync(first.runFolder)).toBe(true);
    first.release();
    expect(() => new Workspace(folder).release()).not.toThrow();
  });

  it('takes over from a process that has died, and removes what its run left', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const owner = identityOf(child.pid!)!;
    writeFileSync(lockOf(), JSON.stringify(owner));
    mkdirSync(join(folder, `run-${owner.pid}`, 'control-plane', 'pki'), { recursive: true });
    expect(() => new Workspace(folder)).toThrow(`process id ${owner.pid}`);

    child.kill('SIGKILL');
    await new Promise((done) => child.once('close', done));
    const workspace = new Workspace(folder);
    expect(readdirSync(folder).sort()).toEqual([`run-${process.pid}`, 'running.json']);
    workspace.release();
  });

  it('takes over from a process whose number belongs to somebody else by now', () => {
    writeFileSync(lockOf(), JSON.stringify({ pid: process.pid, started: 'another boot/1' }));
    expect(() => new Workspace(folder).release()).not.toThrow();
  });

  it.each(['', '{"pid": 12', 'null', '[]', '{}', '{"pid":"1","started":1}'])('takes %j for nobody’s lock', (content) => {
    writeFileSync(lockOf(), content);
    const workspace = new Workspace(folder);
    expect(JSON.parse(readFileSync(lockOf(), 'utf8'))).toEqual(identityOf(process.pid));
    workspace.release();
    expect(existsSync(lockOf())).toBe(false);
  });

  it('does not give back what belongs to another', () => {
    const workspace = new Workspace(folder);
    writeFileSync(lockOf(), JSON.stringify({ pid: 1, started: 'other' }));
    workspace.release();
    expect(existsSync(lockOf())).toBe(true);
  });

  it('lets one of several in that start together', async () => {
    const script = `const { Workspace } = require(${JSON.stringify(resolve(__dirname, '../../rehearsal/workspace'))});
      process.stdin.once('data', () => { try { new Workspace(${JSON.stringify(folder)}); console.log('in'); } catch (error) { console.log('out: ' + error.message); } });
      process.stdin.once('end', () => process.exit(0));
      console.log('ready');`;
    writeFileSync(lockOf(), JSON.stringify({ pid: process.pid, started: 'stale' })); // all of them meet a dead run's lock
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, ['--import', 'tsx', '-e', script], { cwd: resolve(__dirname, '../..'), stdio: ['pipe', 'pipe', 'inherit'] }));
    try {
      const line = (child: (typeof children)[number]) => new Promise<string>((done) => child.stdout.once('data', (chunk: Buffer) => done(chunk.toString().trim())));
      await Promise.all(children.map(line));
      const answers = children.map(line);
      for (const child of children) child.stdin.write('go\n');
      const said = await Promise.all(answers);
      expect(said.filter((each) => each === 'in')).toHaveLength(1);
      for (const each of said.filter((other) => other !== 'in')) expect(each).toContain('another rehearsal is running');
    } finally {
      for (const child of children) child.stdin.end();
      await Promise.all(children.map((child) => (child.exitCode === null ? new Promise((done) => child.once('close', done)) : undefined)));
    }
  });
});

describe('checkWritable', () => {
  it('leaves nothing behind, neither in a folder that is there nor in one that is not', () => {
    checkWritable(folder);
    checkWritable(join(folder, 'a', 'b'));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names a folder that cannot be', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => checkWritable(file)).toThrow(/file.*allowed: .*; do: /);
    expect(() => checkWritable(join(file, 'below'))).toThrow(/below.*allowed: .*; do: /);
    expect(existsSync(file)).toBe(true);
  });
});
