import { crc32 } from 'node:zlib';
import { type ForecastMetric, recordingRules } from '../contract';
import type { Shard } from './shards';
import type { KeptEntry } from './store';

/** What a state file says of itself. */
export interface StateHeader {
  /** Resolution of every series in it, seconds. */
  readonly stepSeconds: number;
  /** Who wrote it. */
  readonly shard: Shard;
}

/** Why a state file, or the rest of it, is not used. */
export type StateProblem =
  | 'foreign' // not one of ours
  | 'other_version'
  | 'other_step' // its series have another resolution
  | 'truncated' // it ends too early
  | 'damaged' // a checksum does not fit, or a record is not what it should be
  | 'too_large'
  | 'unreadable' // the disk refuses
  | 'incompatible'; // the engine cannot make a forecaster of it

/** The one error of reading state; records that came before it are good. */
export class StateFileError extends Error {
  constructor(readonly problem: StateProblem, message: string) {
    super(message);
    this.name = 'StateFileError';
  }
}

/**
 * Layout: 8 bytes of magic, then frames. A frame is the length of its body (32 bits, little endian), the CRC-32 of the body and the body;
 * a body begins with its kind. The first frame is the header, the last one the end with the number of series: what has no end was cut.
 */
const MAGIC = Buffer.from('TDLSTATE', 'latin1');
/** Raised whenever a reader of the last version would misread. */
export const STATE_VERSION = 1;
const FRAME_HEAD = 8;
/** A record of one series is a few ten KiB; a longer one is damage. */
const LONGEST_BODY = 4 * 1024 * 1024;
const HEADER = 0x48;
const SERIES = 0x53;
const END = 0x45;
/** Frames are handed on in pieces of about this size, bytes. */
const PIECE = 256 * 1024;

/** The bytes of a state file, piece by piece: at no time all of it is in memory. Records that do not fit into `maxBytes` are left out, told by `onLeftOut`. */
export function* writeState(header: StateHeader, records: Iterable<KeptEntry>, maxBytes: number, onLeftOut: (record: KeptEntry) => void = () => undefined): Generator<Buffer> {
  const end = frame(END, Buffer.alloc(4)).length;
  let pending: Buffer[] = [MAGIC, frame(HEADER, Buffer.from(JSON.stringify({ version: STATE_VERSION, ...header })))];
  let size = pending.reduce((sum, each) => sum + each.length, 0);
  let waiting = size;
  let count = 0;
  for (const record of records) {
    const bytes = frame(SERIES, bodyOf(record));
    if (bytes.length > LONGEST_BODY || size + bytes.length + end > maxBytes) {
      onLeftOut(record);
      continue;
    }
    pending.push(bytes);
    size += bytes.length;
    waiting += bytes.length;
    count += 1;
    if (waiting < PIECE) continue;
    yield Buffer.concat(pending);
    pending = [];
    waiting = 0;
  }
  const total = Buffer.alloc(4);
  total.writeUInt32LE(count);
  yield Buffer.concat([...pending, frame(END, total)]);
}

/**
 * The records of a state file that arrives in pieces of any size. Trusts nothing: hands out a record only after its checksum fits.
 *
 * @param stepSeconds resolution that is wanted; a file of another one is refused
 * @throws StateFileError after the last good record
 */
export async function* readState(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, stepSeconds: number): AsyncGenerator<KeptEntry> {
  const input = new ByteQueue();
  let stage: 'magic' | 'header' | 'series' | 'end' = 'magic';
  let count = 0;
  for await (const piece of pieces) {
    input.push(piece);
    if (stage === 'magic') {
      if (input.size < MAGIC.length) continue;
      if (!input.take(MAGIC.length).equals(MAGIC)) throw new StateFileError('foreign', 'it is not a state file of the forecaster');
      stage = 'header';
    }
    for (;;) {
      const body = nextBody(input);
      if (!body) break;
      if (stage === 'end') throw new StateFileError('damaged', 'something follows its end');
      const content = body.subarray(1);
      if (stage === 'header') {
        checkHeader(body, stepSeconds);
        stage = 'series';
      } else if (body[0] === SERIES) {
        count += 1;
        yield recordOf(content);
      } else if (body[0] === END && content.length === 4 && content.readUInt32LE() === count) {
        stage = 'end';
      } else {
        throw new StateFileError('damaged', 'a record is of no known kind, or some are missing');
      }
    }
  }
  if (stage === 'magic') throw new StateFileError('foreign', 'it is too short to be a state file of the forecaster');
  if (stage !== 'end' || input.size > 0) throw new StateFileError('truncated', `it ends in the middle, after ${count} series`);
}

function frame(kind: number, content: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEAD + 1 + content.length);
  bytes.writeUInt32LE(1 + content.length, 0);
  bytes[FRAME_HEAD] = kind;
  bytes.set(content, FRAME_HEAD + 1);
  bytes.writeUInt32LE(crc32(bytes.subarray(FRAME_HEAD)), 4);
  return bytes;
}

/** The body of the next frame once all of it is there. */
function nextBody(input: ByteQueue): Buffer | undefined {
  if (input.size < FRAME_HEAD) return undefined;
  const head = input.peek(FRAME_HEAD);
  const length = head.readUInt32LE(0);
  if (length < 1 || length > LONGEST_BODY) throw new StateFileError('damaged', `a record claims ${length} bytes`);
  if (input.size < FRAME_HEAD + length) return undefined;
  const body = input.take(FRAME_HEAD + length).subarray(FRAME_HEAD);
  if (crc32(body) !== head.readUInt32LE(4)) throw new StateFileError('damaged', 'the checksum of a record does not fit');
  return body;
}

function checkHeader(body: Buffer, stepSeconds: number): void {
  const header = body[0] === HEADER ? parse(body.subarray(1)) : undefined;
  if (!isRecord(header) || typeof header.version !== 'number') throw new StateFileError('damaged', 'its header cannot be read');
  if (header.version !== STATE_VERSION) throw new StateFileError('other_version', `it is of version ${header.version}; this program reads version ${STATE_VERSION}`);
  if (header.stepSeconds !== stepSeconds) throw new StateFileError('other_step', `its series have steps of ${String(header.stepSeconds)} s, not of ${stepSeconds} s`);
}

function bodyOf({ forecaster, ...about }: KeptEntry): Buffer {
  const text = Buffer.from(JSON.stringify(about));
  const bytes = Buffer.allocUnsafe(4 + text.length + forecaster.length);
  bytes.writeUInt32LE(text.length, 0);
  bytes.set(text, 4);
  bytes.set(forecaster, 4 + text.length);
  return bytes;
}

function recordOf(content: Buffer): KeptEntry {
  const length = content.length >= 4 ? content.readUInt32LE(0) : Infinity;
  const about = length <= content.length - 4 ? parse(content.subarray(4, 4 + length)) : undefined;
  if (!isRecord(about)) throw new StateFileError('damaged', 'a record cannot be read');
  const { namespace, service, metric, askedUntil, lastValue, ladder } = about;
  const named = typeof namespace === 'string' && namespace !== '' && typeof service === 'string' && service !== '' && typeof metric === 'string' && Object.hasOwn(recordingRules, metric);
  if (!named || typeof askedUntil !== 'number') throw new StateFileError('damaged', 'a record names no series');
  return {
    namespace,
    service,
    metric: metric as ForecastMetric,
    askedUntil,
    ...(typeof lastValue === 'number' ? { lastValue } : {}),
    ladder,
    forecaster: new Uint8Array(content.subarray(4 + length)), // a copy: it holds no part of the file in memory, and is aligned
  };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bytes that arrive in pieces and leave in others. */
class ByteQueue {
  private held: Buffer = Buffer.alloc(0);

  get size(): number {
    return this.held.length;
  }

  push(piece: Uint8Array): void {
    this.held = this.held.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.length) : Buffer.concat([this.held, piece]);
  }

  peek(length: number): Buffer {
    return this.held.subarray(0, length);
  }

  take(length: number): Buffer {
    const taken = this.held.subarray(0, length);
    this.held = this.held.subarray(length);
    return taken;
  }
}
