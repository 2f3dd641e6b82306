import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readToolSettings } from '../../../../rehearsal/tools';

const run = promisify(execFile);
const REQUIREMENTS = join(__dirname, 'requirements.txt');

/** The program, or why it cannot be had here. */
export type Schemathesis = { readonly path: string } | { readonly missing: string };

/** Finds schemathesis at its pinned version in the cache, or installs it there; only Python's own tools and the package index are used. */
export async function schemathesis(): Promise<Schemathesis> {
  const pinned = readFileSync(REQUIREMENTS, 'utf8');
  const folder = join(readToolSettings().cacheRoot, 'python', `schemathesis-${createHash('sha256').update(pinned).digest('hex').slice(0, 12)}`);
  const path = join(folder, 'bin', 'schemathesis');
  const ready = join(folder, 'complete');
  if (existsSync(ready)) return { path };
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await run('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], { timeout: 20_000 });
  } catch {
    return { missing: 'no python3 of 3.10 or later on PATH: install one to have the OpenAPI document checked against the service' };
  }
  try {
    rmSync(folder, { recursive: true, force: true }); // half an installation of a run that was ended
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', REQUIREMENTS], { timeout: 600_000 });
    mkdirSync(ready);
    return { path };
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? '').trim().split('\n').at(-1) || (error as Error).message;
    rmSync(folder, { recursive: true, force: true });
    return { missing: `schemathesis could not be installed with python3 -m venv and pip: ${said.slice(0, 300)}` };
  }
}
