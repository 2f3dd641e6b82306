import type { Engine } from './engine';
import { lines } from './engine';

/** What kubelet sets for the whole machine when it starts. */
export const SYSCTLS = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops'] as const;

/** Values of kernel settings, by their path below /proc/sys. */
export type Sysctls = Readonly<Record<string, string>>;

const IN_NODE_IMAGE = ['run', '--rm', '--privileged', '--network', 'none', '--entrypoint', '/bin/sh'];

/**
 * Reads them where the engine runs, which may be another machine or a virtual one. It takes a privileged container, so it also tells whether nodes can run.
 *
 * @param image one with a shell: the node image
 * @throws FaultError when the engine cannot start such a container
 */
export async function readSysctls(engine: Engine, image: string, signal?: AbortSignal): Promise<Sysctls> {
  const script = SYSCTLS.map((name) => `echo ${name}=$(cat /proc/sys/${name})`).join('; ');
  const output = await engine.output([...IN_NODE_IMAGE, image, '-c', script], { signal });
  return Object.fromEntries(lines(output).map((line) => line.split('=') as [string, string]));
}

/** Gives the machine its settings back. @throws FaultError when the engine does not do it */
export async function restoreSysctls(engine: Engine, image: string, values: Sysctls): Promise<void> {
  const known = SYSCTLS.filter((name) => /^-?\d+$/.test(values[name] ?? ''));
  if (known.length === 0) return;
  await engine.output([...IN_NODE_IMAGE, image, '-c', known.map((name) => `echo ${values[name]} > /proc/sys/${name}`).join(' && ')]);
}
