import { FaultError } from '../../base/faults';

const MAGIC = 0x4f4f4d57;
const HEADER_BYTES = 12;
const ADLER = 65_521;

/** Everything of one object that has to survive, in a fixed order. */
export interface StateParts {
  readonly numbers: readonly number[];
  readonly doubles: readonly Float64Array[];
  readonly floats: readonly Float32Array[];
}

/** Little-endian: magic, version, checksum, numbers, doubles, floats. No lengths: the reader knows them. */
export function packState(version: number, { numbers, doubles, floats }: StateParts): Uint8Array {
  const wide = [...numbers, ...doubles.flatMap((part) => [...part])];
  const narrow = floats.flatMap((part) => [...part]);
  const bytes = new Uint8Array(HEADER_BYTES + wide.length * 8 + narrow.length * 4);
  const view = new DataView(bytes.buffer);
  let at = HEADER_BYTES;
  for (const value of wide) { view.setFloat64(at, value, true); at += 8; }
  for (const value of narrow) { view.setFloat32(at, value, true); at += 4; }
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, version, true);
  view.setUint32(8, checksum(bytes), true);
  return bytes;
}

/**
 * Fills the arrays of `parts` in place.
 *
 * @returns the numbers
 * @throws FaultError for other lengths, another version or damaged bytes; nothing is filled then
 */
export function unpackState(version: number, bytes: Uint8Array, parts: StateParts): number[] {
  const wide = parts.numbers.length + parts.doubles.reduce((sum, part) => sum + part.length, 0);
  const size = HEADER_BYTES + wide * 8 + parts.floats.reduce((sum, part) => sum + part.length, 0) * 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw refused('something else', 'the state of an out-of-memory watch');
  if (view.getUint32(4, true) !== version) throw refused(`version ${view.getUint32(4, true)}`, `version ${version}`);
  if (bytes.length !== size) throw refused(`${bytes.length} bytes`, `${size} bytes`);
  if (view.getUint32(8, true) !== checksum(bytes)) throw refused('bytes that do not match their checksum', 'undamaged bytes');
  let at = HEADER_BYTES;
  const next = (): number => {
    at += 8;
    return view.getFloat64(at - 8, true);
  };
  const numbers = parts.numbers.map(next);
  for (const part of parts.doubles) for (let i = 0; i < part.length; i++) part[i] = next();
  for (const part of parts.floats) {
    for (let i = 0; i < part.length; i++) {
      part[i] = view.getFloat32(at, true);
      at += 4;
    }
  }
  return numbers;
}

/** Adler-32 (RFC 1950) over everything but the header's checksum. */
function checksum(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (i >= 8 && i < HEADER_BYTES) continue;
    low = (low + bytes[i]!) % ADLER;
    high = (high + low) % ADLER;
  }
  return high * 65_536 + low;
}

function refused(got: string, allowed: string): FaultError {
  return new FaultError('the state of an out-of-memory watch cannot be read', [{ where: 'snapshot', got, allowed, do: 'start anew: the watch learns again within three hours' }]);
}
