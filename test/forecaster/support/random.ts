/** Numbers in [0, 1) that are the same in every run: the linear congruential generator of Numerical Recipes. */
export function seeded(seed: number): () => number {
  let state = seed * 7919 + 1;
  return () => {
    state = (1_664_525 * state + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Normal noise with mean 0 and deviation 1. */
export function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
