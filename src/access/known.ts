// What is remembered for a while, and never more than so much of it: whoever calls makes up as many names as they like.

/** A map that keeps the `most` that were set last. */
export function newest<T>(most = 10_000) {
  const values = new Map<string, T>();
  return {
    get: (name: string): T | undefined => values.get(name),
    set(name: string, value: T): void {
      values.delete(name);
      values.set(name, value);
      for (const oldest of values.keys()) {
        if (values.size <= most) break;
        values.delete(oldest);
      }
    },
    delete: (name: string): boolean => values.delete(name),
  };
}

/** Gives `find`, whose answers are kept for `keptMs`; `forget` drops one. */
export function kept<T>(find: (name: string) => Promise<T>, keptMs: number) {
  const answers = newest<{ answer: Promise<T>; until: number }>();

  const ask = (name: string): Promise<T> => {
    const known = answers.get(name);
    if (known && performance.now() < known.until) return known.answer;
    // As of now, not of when it is answered: what happened meanwhile may be missing in it.
    const asked = { answer: find(name), until: performance.now() + keptMs };
    answers.set(name, asked);
    asked.answer.catch(() => {
      if (answers.get(name) === asked) answers.delete(name);
    });
    return asked.answer;
  };
  return Object.assign(ask, { forget: answers.delete });
}
