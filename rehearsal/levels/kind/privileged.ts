import { Fault, FaultError } from '../../../base/faults';
import { Engine } from './engine';

/** An archive of no files at all. */
async function* nothing(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(10_240);
}

/**
 * Whether the engine can start a privileged container, found out with an image that holds nothing: rights are given before a program is looked for, so that its absence is
 * what success looks like.
 *
 * @returns what stands in the way; empty if nothing does
 */
export async function privilegedFaults(engine: Engine, signal?: AbortSignal): Promise<Fault[]> {
  const image = `tideline/probe:${process.pid}`;
  try {
    await engine.output(['import', '-', image], { input: nothing(), signal });
    const result = await engine.run(['run', '--rm', '--privileged', '--network', 'none', image, '/absent'], { signal });
    const said = result.errorLines.filter((line) => !/--help|^\s*$/.test(line));
    return said.some((line) => /\/absent/.test(line) && /no such file/i.test(line)) ? [] : [...engine.failure(['run', '--privileged'], { ...result, errorLines: said }).faults];
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof FaultError) return [...error.faults];
    throw error;
  } finally {
    await engine.run(['image', 'rm', '--force', image]).catch(() => undefined);
  }
}
