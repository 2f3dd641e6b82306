/** A member of a tar archive. */
export interface TarMember {
  /** As the archive names it: `./usr/bin/dash`. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  /** Permission bits, with those for set-user-ID and so on. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a link. */
  readonly target?: string;
  /** Of a file; empty for everything else. */
  readonly content: Buffer;
}

const BLOCK = 512;

const TYPES: Readonly<Record<string, TarMember['type']>> = { '0': 'file', '\0': 'file', '1': 'hardlink', '2': 'symlink', '5': 'directory' };

/**
 * Reads a tar archive as dpkg writes it: the GNU format, with its long names.
 *
 * One member is in memory at a time, whole.
 *
 * @throws Error when the archive ends in the middle of a member
 */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<TarMember> {
  const bytes = new ByteReader(stream);
  let longPath: string | undefined;
  let longTarget: string | undefined;
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header === undefined || header.every((byte) => byte === 0)) return bytes.drain(); // whoever writes the archive waits until its padding is read
    const size = number(header, 124, 12);
    const body = await bytes.take(Math.ceil(size / BLOCK) * BLOCK);
    if (body === undefined) throw new Error('the archive ends in the middle of a member');
    const content = body.subarray(0, size);
    const type = String.fromCharCode(header[156]!);
    if (type === 'L') {
      longPath = text(content, 0, size);
      continue;
    }
    if (type === 'K') {
      longTarget = text(content, 0, size);
      continue;
    }
    const prefix = text(header, 257, 6) === 'ustar' && header[263] === 0x30 ? text(header, 345, 155) : '';
    const name = text(header, 0, 100);
    const target = longTarget ?? text(header, 157, 100);
    const kind = TYPES[type] ?? 'other';
    yield {
      path: longPath ?? (prefix === '' ? name : `${prefix}/${name}`),
      type: kind,
      mode: number(header, 100, 8) % 0o10000,
      uid: number(header, 108, 8),
      gid: number(header, 116, 8),
      ...(kind === 'symlink' || kind === 'hardlink' ? { target } : {}),
      content: kind === 'file' ? content : Buffer.alloc(0),
    };
    longPath = undefined;
    longTarget = undefined;
  }
}

function text(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

function number(block: Buffer, start: number, length: number): number {
  const field = text(block, start, length).trim();
  return field === '' ? 0 : parseInt(field, 8);
}

/** Gives the bytes of a stream in the portions that are asked for. */
class ByteReader {
  private readonly source: AsyncIterator<Buffer>;
  private held: Buffer[] = [];
  private size = 0;

  constructor(stream: AsyncIterable<Buffer>) {
    this.source = stream[Symbol.asyncIterator]();
  }

  /** @returns undefined when the stream has less left */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.size < count) {
      const next = await this.source.next();
      if (next.done) return undefined;
      this.held.push(next.value);
      this.size += next.value.length;
    }
    const all = this.held.length === 1 ? this.held[0]! : Buffer.concat(this.held);
    this.held = [all.subarray(count)];
    this.size -= count;
    return all.subarray(0, count);
  }

  async drain(): Promise<void> {
    while (!(await this.source.next()).done) this.held = [];
  }
}
