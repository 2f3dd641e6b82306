/* eslint-disable no-bitwise -- hashing is a matter of bits */

/**
 * Which of several equal holders a key belongs to, by rendezvous (highest random weight) hashing: every holder weighs every key, the heaviest
 * has it. Everybody who knows how many there are gets the same answer without asking anybody, and when one more joins, it takes its
 * share from all others while nothing moves between those.
 *
 * Thaler and Ravishankar, "A name-based mapping scheme for rendezvous", 1996.
 *
 * @param key any text
 * @param holders how many there are, a whole number from 1
 * @returns index of the holder, 0 to `holders - 1`
 * @throws RangeError if `holders` is not a whole number from 1
 */
export function rendezvous(key: string, holders: number): number {
  if (!(Number.isSafeInteger(holders) && holders >= 1)) throw new RangeError(`holders is ${holders}; it must be a whole number from 1`);
  const hash = hashOf(key);
  let owner = 0;
  let heaviest = -1;
  for (let holder = 0; holder < holders; holder++) {
    const weight = mix(hash ^ mix(holder + 1)); // ties go to the lower index: everybody breaks them alike
    if (weight > heaviest) {
      owner = holder;
      heaviest = weight;
    }
  }
  return owner;
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return mix(hash);
}

/** The finalizer of MurmurHash3: every bit of the input changes half of the output. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
