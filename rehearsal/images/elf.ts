import { open } from 'node:fs/promises';
import { FaultError } from '../../base/faults';
import type { Architecture } from './oci-image';

/** What the header of a Linux program says. */
export interface ElfHeader {
  /** @default - another machine than ours */
  readonly architecture?: Architecture;
  /** Whether it asks for a dynamic linker, which an image without libraries does not have. */
  readonly dynamic: boolean;
}

const INTERPRETER = 3;
const MACHINES: Readonly<Record<number, Architecture>> = { [0x3e]: 'amd64', [0xb7]: 'arm64' };

/** Reads the header of a 64-bit ELF file; undefined when it is none. @param start the first bytes of the file: 4 KiB are enough */
export function readElf(start: Buffer): ElfHeader | undefined {
  if (start.length < 64 || start.readUInt32BE(0) !== 0x7f454c46 || start[4] !== 2 || start[5] !== 1) return undefined;
  const offset = Number(start.readBigUInt64LE(32));
  const [size, count] = [start.readUInt16LE(54), start.readUInt16LE(56)];
  const types = Array.from({ length: count }, (_, index) => offset + index * size).filter((at) => at + 4 <= start.length).map((at) => start.readUInt32LE(at));
  return { architecture: MACHINES[start.readUInt16LE(18)], dynamic: types.includes(INTERPRETER) };
}

/**
 * Refuses a program that cannot run in an image that holds nothing else.
 *
 * @throws FaultError when it is no Linux program or needs libraries: started, it would end with "no such file or directory"
 */
export async function refuseUnlessStatic(path: string, name: string): Promise<void> {
  const handle = await open(path, 'r');
  const header = await (async () => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return readElf(buffer.subarray(0, bytesRead));
  })().finally(() => handle.close());
  if (header && !header.dynamic) return;
  throw new FaultError('an image cannot be built', [{
    where: `${name} (${path})`,
    got: header ? 'a program that needs a dynamic linker and libraries' : 'no Linux program',
    allowed: 'a statically linked program for Linux',
    do: 'build it on Linux with CGO_ENABLED=0, as rehearsal/tools does; elsewhere use --images pull',
  }]);
}
