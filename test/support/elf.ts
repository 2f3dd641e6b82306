/** The header of a Linux program for a 64-bit processor, with one entry in its table. @param type of that entry: 1 is what any program has, 3 asks for a dynamic linker @param machine 62 is amd64 */
export function elf(type = 1, machine = 62): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes.set([2, 1], 4); // 64 bits, least significant byte first
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(type, 64);
  return bytes;
}
