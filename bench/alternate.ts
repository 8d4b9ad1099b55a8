// Alternating rounds: A B, B A, A B … so that what slows the machine for a while slows both.

/** Runs each subject once a round; gives every subject's results in the order of the rounds. */
export async function alternate<R extends Record<string, unknown>>(
  rounds: number,
  subjects: { [Name in keyof R]: () => Promise<R[Name]> },
  onRound: (round: number) => void = () => {},
): Promise<{ [Name in keyof R]: R[Name][] }> {
  const names: (keyof R)[] = Object.keys(subjects);
  const results = {} as { [Name in keyof R]: R[Name][] };
  for (const name of names) results[name] = [];
  for (let round = 0; round < rounds; round++) {
    onRound(round + 1);
    for (const name of round % 2 === 0 ? names : names.toReversed())
      results[name].push(await subjects[name]());
  }
  return results;
}
