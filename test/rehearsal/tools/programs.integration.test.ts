import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { refuseUnlessStatic } from '../../../rehearsal/images/elf';
import { ensureTools, PROGRAMS, ProgramName, toolsAvailable } from '../../../rehearsal/tools';

/** How a program tells its version, where it is not by `--version`. */
const ASKED: Partial<Record<ProgramName, readonly string[]>> = {
  kubeadm: ['version', '-o', 'short'], kubectl: ['version', '--client'], coredns: ['-version'], argocd: ['version', '--client', '--short'],
};
/** Programs that cannot be asked: they tell it in their log only, once they have a cluster. */
const MUTE: readonly ProgramName[] = ['keda-operator', 'keda-adapter'];

const every = PROGRAMS.map(({ name }) => name);
const look = toolsAvailable({ programs: every, onlyPinned: true });

describe('the programs that are built on this machine', async () => {
  const built = (await look).rows.filter(({ source }) => source === 'cache').map(({ program }) => program);
  const { ready } = await toolsAvailable({ programs: built, onlyPinned: true });

  // Building them all takes long, and twenty gigabytes: what a rehearsal has not built yet is not built for this.
  describe.runIf(ready && built.length > 0)(`${built.length} of ${every.length}`, () => {
    test.each(built)('%s is static and tells the version that is pinned', async (name) => {
      const { path, version } = (await ensureTools({ programs: [name], onlyPinned: true })).program(name);
      await refuseUnlessStatic(path, name);
      if (MUTE.includes(name)) return;
      const { stdout, stderr } = spawnSync(path, ASKED[name] ?? ['--version'], { encoding: 'utf8', env: { HOME: '/nonexistent' }, timeout: 20_000 });
      expect(`${stdout}${stderr}`).toMatch(new RegExp(`(^|[^0-9.])v?${version.replace(/\./g, '\\.')}($|[^0-9.])`, 'm'));
    });
  });
});
