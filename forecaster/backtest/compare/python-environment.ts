import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../base/atomic-file';
import { FaultError } from '../../../base/faults';
import type { CompareSettings } from '../settings';

const REQUIREMENTS = join(__dirname, 'requirements.txt');
/** numpy 2.4 has no build for an older one. */
const OLDEST_MINOR = 11;

/**
 * The Python of a virtual environment that holds the pinned requirements; made on first use, below the cache.
 *
 * @param tell told what takes long
 * @throws FaultError when Python or one of its parts is missing, or the packages cannot be installed
 */
export async function ensurePython(settings: CompareSettings, tell: (what: string) => void): Promise<string> {
  const version = await versionOf(settings.python);
  const key = createHash('sha256').update(version).update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
  const folder = join(settings.cacheRoot, `backtest-compare-${key}`);
  const python = join(folder, 'bin', 'python');
  const complete = join(folder, 'complete'); // written last: an interrupted installation is not taken for a whole one
  if (existsSync(complete)) return python;
  rmSync(folder, { recursive: true, force: true });
  tell('installing statsforecast into a virtual environment');
  await run(settings.python, ['-m', 'venv', folder], {
    where: `${settings.python} -m venv`, allowed: 'a Python with venv and ensurepip', do: 'install the venv package of your system (Debian and Ubuntu: python3-venv)',
  });
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS], {
    where: 'pip install', allowed: 'the packages of forecaster/backtest/compare/requirements.txt', do: 'check that a package index can be reached and that there is 1 GB of room, then run again',
  });
  writeFileAtomic(complete, `${version}\n`);
  return python;
}

async function versionOf(python: string): Promise<string> {
  const version = (await run(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    where: '--compare', allowed: `Python 3.${OLDEST_MINOR} or later`, do: 'install it, name another with TIDELINE_PYTHON, or leave out --compare',
  })).trim();
  const [major, minor] = version.split('.').map(Number);
  if (!(major === 3 && minor! >= OLDEST_MINOR)) {
    throw new FaultError('there is nothing to compare with', [{
      where: '--compare', got: `Python ${version} (${python})`, allowed: `Python 3.${OLDEST_MINOR} or later`, do: 'install it, name another with TIDELINE_PYTHON, or leave out --compare',
    }]);
  }
  return version;
}

function run(program: string, argv: readonly string[], fault: { readonly where: string; readonly allowed: string; readonly do: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...argv], { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) {
        resolve(stdout);
        return;
      }
      const got = error.code === 'ENOENT' ? `no program ${program}` : stderr.trim().split('\n').at(-1)?.slice(0, 200) || error.message.slice(0, 200);
      reject(new FaultError('there is nothing to compare with', [{ ...fault, got }]));
    });
  });
}
