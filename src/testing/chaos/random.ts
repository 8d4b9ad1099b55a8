// Random numbers that a seed repeats.

export type Random = ReturnType<typeof createRandom>;

/** Numbers from a seed: a number, or a text whose hash it is. */
export function createRandom(seed: number | string) {
  let state = (typeof seed === 'number' ? seed : Bun.hash.crc32(seed)) >>> 0;

  /** From 0 to below 1 (mulberry32). */
  function float(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const int = (from: number, to: number): number => from + Math.floor(float() * (to - from + 1));

  function pick<T>(list: readonly T[]): T {
    const found = list[int(0, list.length - 1)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  return {
    float,
    /** A whole number, both ends included. */
    int,
    chance: (probability: number): boolean => float() < probability,
    pick,
    shuffled: <T>(list: readonly T[]): T[] =>
      list
        .map((one) => ({ one, at: float() }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one),
  };
}
