/** Numbers from above 0 to below 1 that the same seed gives again: the minimal standard generator (Park and Miller, with 48271). */
export function seeded(seed: number): () => number {
  const modulus = 2 ** 31 - 1;
  let state = (seed % (modulus - 1)) + 1;
  return () => {
    state = (state * 48_271) % modulus;
    return state / modulus;
  };
}
