import { createHash } from 'node:crypto';

/** Bytes that hold the shape of the state, before the state itself. */
const FINGERPRINT = 8;

/** Where numbers of a state stand: a field of an object, or a typed array as a whole. */
type Place =
  | { readonly kind: 'number' | 'boolean'; readonly owner: Record<string, unknown>; readonly field: string }
  | { readonly kind: 'array'; readonly array: NodeJS.TypedArray };

/**
 * The state of an object and of everything it holds: numbers, flags and typed arrays, in the order of its fields. Text and functions are not
 * state. Two objects built with the same options have the same shape, and one's state fits the other.
 *
 * @returns a fingerprint of the shape, then the numbers, little endian
 */
export function captureState(root: object): Uint8Array {
  const { places, fingerprint, size } = survey(root);
  const bytes = new Uint8Array(FINGERPRINT + size);
  bytes.set(fingerprint);
  const view = new DataView(bytes.buffer);
  let at = FINGERPRINT;
  for (const place of places) {
    if (place.kind === 'array') {
      bytes.set(new Uint8Array(place.array.buffer, place.array.byteOffset, place.array.byteLength), at);
      at += place.array.byteLength;
    } else if (place.kind === 'number') {
      view.setFloat64(at, place.owner[place.field] as number, true);
      at += 8;
    } else {
      bytes[at] = place.owner[place.field] === true ? 1 : 0;
      at += 1;
    }
  }
  return bytes;
}

/**
 * Gives an object the state that another of the same shape had.
 *
 * @returns false, and nothing is changed, when the bytes are of another shape or length
 */
export function applyState(root: object, bytes: Uint8Array): boolean {
  const { places, fingerprint, size } = survey(root);
  if (bytes.length !== FINGERPRINT + size || fingerprint.some((byte, i) => byte !== bytes[i])) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = FINGERPRINT;
  for (const place of places) {
    if (place.kind === 'array') {
      new Uint8Array(place.array.buffer, place.array.byteOffset, place.array.byteLength).set(bytes.subarray(at, at + place.array.byteLength));
      at += place.array.byteLength;
    } else if (place.kind === 'number') {
      place.owner[place.field] = view.getFloat64(at, true);
      at += 8;
    } else {
      place.owner[place.field] = bytes[at] === 1;
      at += 1;
    }
  }
  return true;
}

/** Marks what is the same for all series, or can be computed again: it is neither kept nor looked into. */
export const SHARED_BY_ALL = Symbol('shared by all');

function survey(root: object): { places: Place[]; fingerprint: Uint8Array; size: number } {
  const places: Place[] = [];
  const shape = createHash('sha256');
  const seen = new Set<object>();
  let size = 0;
  const visit = (value: unknown, owner: Record<string, unknown>, field: string) => {
    if (typeof value === 'number' || typeof value === 'boolean') {
      places.push({ kind: typeof value as 'number' | 'boolean', owner, field });
      shape.update(`${field}:${typeof value};`);
      size += typeof value === 'number' ? 8 : 1;
    } else if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const array = value as NodeJS.TypedArray;
      if (seen.has(array)) return;
      seen.add(array);
      places.push({ kind: 'array', array });
      shape.update(`${field}:${array.constructor.name}[${array.length}];`);
      size += array.byteLength;
    } else if (typeof value === 'object' && value !== null && !seen.has(value) && !(SHARED_BY_ALL in value)) {
      seen.add(value);
      shape.update(`${field}{`);
      if (Object.isFrozen(value)) shape.update(JSON.stringify(value));
      else for (const [key, inner] of Object.entries(value)) visit(inner, value as Record<string, unknown>, key);
      shape.update('}');
    }
  };
  visit(root, {}, '');
  return { places, fingerprint: new Uint8Array(shape.digest()).subarray(0, FINGERPRINT), size };
}
