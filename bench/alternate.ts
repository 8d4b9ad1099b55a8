// Alternating rounds: A B, B A, A B … so that what slows the machine for a while slows both.

/** Runs each subject once a round; gives every subject's results in the order of the rounds. */
export async function alternate<T>(
  rounds: number,
  subjects: Record<string, () => Promise<T>>,
  onRound: (round: number) => void = () => {},
): Promise<Record<string, T[]>> {
  const names = Object.keys(subjects);
  const results: Record<string, T[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    onRound(round + 1);
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await subjects[name]?.();
      if (result !== undefined) results[name]?.push(result);
    }
  }
  return results;
}
