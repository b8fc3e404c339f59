/** A whole number from 0 to below `bound`. */
export type Random = (bound: number) => number;

/** The same numbers for the same seed (mulberry32), so that a failure can be played again. */
export function seeded(seed: number): Random {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % bound;
  };
}

/** Numbers from 0 to below 1, the same for the same seed. */
export function fractions(seed: number): () => number {
  const random = seeded(seed);
  return () => random(2 ** 32) / 2 ** 32;
}
