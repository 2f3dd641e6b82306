import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readToolSettings } from '../../rehearsal/tools';

const run = promisify(execFile);

/** A program, or why it cannot be had here. */
export type PythonProgram = { readonly path: string } | { readonly missing: string };

/**
 * Finds a Python program at its pinned version in the cache, or installs it there; only Python's own tools and the package index are used.
 *
 * @param requirements file with every package pinned
 */
export async function pythonProgram(name: string, requirements: string): Promise<PythonProgram> {
  const pinned = readFileSync(requirements, 'utf8');
  const folder = join(readToolSettings().cacheRoot, 'python', `${name}-${createHash('sha256').update(pinned).digest('hex').slice(0, 12)}`);
  const path = join(folder, 'bin', name);
  const ready = join(folder, 'complete');
  if (existsSync(ready)) return { path };
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await run('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], { timeout: 20_000 });
  } catch {
    return { missing: `no python3 of 3.10 or later on PATH: install one to have ${name} run` };
  }
  try {
    rmSync(folder, { recursive: true, force: true }); // half an installation of a run that was ended
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', requirements], { timeout: 600_000 });
    mkdirSync(ready);
    return { path };
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? '').trim().split('\n').at(-1) || (error as Error).message;
    rmSync(folder, { recursive: true, force: true });
    return { missing: `${name} could not be installed with python3 -m venv and pip: ${said.slice(0, 300)}` };
  }
}
