import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FaultError } from '../../base/faults';
import type { LayerEntry } from './layer';

const BLOCK = 512;
/** Bytes read of a file at once. */
const PIECE = 1_048_576;
/** The names that fit a header; longer ones take an extended header (pax). Bytes. */
const NAME_BYTES = 100;
/** The sizes that fit a header's eleven octal digits. Bytes. */
const LARGEST = 8 ** 11 - 1;

/**
 * A tar archive, piece by piece, that depends on nothing but the entries: no times, no names of users, files read from the disk as they are needed.
 * Entries come out in the order given; {@link arrange} gives the one order.
 *
 * @throws FaultError when a file is not there or changes while it is read
 */
export async function* tar(entries: Iterable<LayerEntry> | AsyncIterable<LayerEntry>, signal?: AbortSignal): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    signal?.throwIfAborted();
    const size = await sizeOf(entry);
    yield headersOf(entry, size);
    if (entry.type !== 'file') continue;
    yield* contentOf(entry, size, signal);
    if (size % BLOCK > 0) yield Buffer.alloc(BLOCK - (size % BLOCK));
  }
  yield Buffer.alloc(2 * BLOCK);
}

async function sizeOf(entry: LayerEntry): Promise<number> {
  if (entry.type !== 'file') return 0;
  if (entry.content === undefined) throw unusable(entry.path, 'a file without content', 'its bytes or the file that holds them');
  if (Buffer.isBuffer(entry.content)) return entry.content.length;
  const { file } = entry.content;
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw unusable(entry.path, `${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`, 'a file that can be read');
  }
}

async function* contentOf(entry: LayerEntry, size: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(entry.content)) {
    yield entry.content;
    return;
  }
  const { file } = entry.content!;
  let read = 0;
  for await (const piece of createReadStream(file, { highWaterMark: PIECE, signal })) {
    read += (piece as Buffer).length;
    if (read > size) break;
    yield piece as Buffer;
  }
  if (read !== size) throw unusable(entry.path, `${file} changed while it was read`, 'a file that nobody writes meanwhile');
}

function headersOf(entry: LayerEntry, size: number): Buffer {
  const name = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const target = entry.target ?? '';
  const long: Record<string, string> = {};
  if (!fits(name)) long.path = name;
  if (!fits(target)) long.linkpath = target;
  if (size > LARGEST) long.size = String(size);
  const flag = { file: '0', directory: '5', symlink: '2' }[entry.type];
  const own = header({ name, target, flag, mode: entry.mode, uid: entry.uid, gid: entry.gid, size: Math.min(size, LARGEST) });
  const records = Buffer.concat(Object.entries(long).map(([key, value]) => paxRecord(key, value)));
  if (records.length === 0) return own;
  const padding = Buffer.alloc((BLOCK - (records.length % BLOCK)) % BLOCK);
  return Buffer.concat([header({ name: 'pax', target: '', flag: 'x', mode: 0o644, uid: 0, gid: 0, size: records.length }), records, padding, own]);
}

/** Readers take other bytes than ASCII for what they like, so those go into the extended header, which is UTF-8. */
function fits(text: string): boolean {
  return text.length <= NAME_BYTES && /^[\x20-\x7e]*$/.test(text);
}

interface Header {
  readonly name: string;
  readonly target: string;
  readonly flag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

/** One block in the format `ustar`. */
function header({ name, target, flag, mode, uid, gid, size }: Header): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, digits: number) => block.write(value.toString(8).padStart(digits, '0'), offset, 'ascii');
  block.write(name, 0, NAME_BYTES, 'latin1');
  octal(mode, 100, 7);
  octal(uid, 108, 7);
  octal(gid, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11); // modified at the epoch
  block.write('        ', 148, 'ascii'); // the checksum counts its own field as blanks
  block.write(flag, 156, 'ascii');
  block.write(target, 157, NAME_BYTES, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148, 'latin1');
  return block;
}

/** `<length> <key>=<value>\n`, whose length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const body = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(body);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length += 1;
  return Buffer.from(`${length}${body}`);
}

function unusable(path: string, got: string, allowed: string): FaultError {
  return new FaultError('an image cannot be written', [{ where: `/${path}`, got, allowed, do: 'run again: what the image is made of is made anew' }]);
}
