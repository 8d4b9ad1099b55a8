// What was found in the database a moment ago, so that not every request asks for it.

/** Gives `find`, whose answers are kept for `keptMs`, those to the `most` newest questions; `forget` drops one. */
export function kept<T>(find: (name: string) => Promise<T>, keptMs: number, most = 10_000) {
  const answers = new Map<string, { answer: Promise<T>; until: number }>();

  const forget = (name: string) => answers.delete(name);

  const ask = (name: string): Promise<T> => {
    const known = answers.get(name);
    if (known && performance.now() < known.until) return known.answer;
    // As of now, not of when it is answered: what happened meanwhile may be missing in it.
    const asked = { answer: find(name), until: performance.now() + keptMs };
    answers.delete(name);
    answers.set(name, asked);
    asked.answer.catch(() => {
      if (answers.get(name) === asked) answers.delete(name);
    });
    for (const oldest of answers.keys()) {
      if (answers.size <= most) break;
      answers.delete(oldest);
    }
    return asked.answer;
  };
  return Object.assign(ask, { forget });
}

/** A set that keeps the `most` that were added last. */
export function newest(most: number) {
  const names = new Set<string>();
  return {
    has: (name: string): boolean => names.has(name),
    add(name: string): void {
      names.delete(name);
      names.add(name);
      for (const oldest of names) {
        if (names.size <= most) break;
        names.delete(oldest);
      }
    },
    delete: (name: string): boolean => names.delete(name),
  };
}
