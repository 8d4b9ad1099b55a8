// A database that takes what it is asked and says nothing: frozen, or behind a connection that is cut and does not
// know it. Nobody is to wait for it for ever.

/** Longer than anything takes that a serving process asks, also in a crowd. */
const answerMs = 15_000;

type Queries = Record<string, (...parameters: never[]) => Promise<unknown>>;

/**
 * The same queries; one that has no answer in time fails as those of a database that is away do. As after a broken
 * connection, what it asked for may have been done, or be done yet.
 */
export function inTime<Q extends Queries>(queries: Q): Q {
  const bounded: Queries = {};
  for (const [name, query] of Object.entries(queries)) {
    bounded[name] = (...parameters) => answered(query(...parameters));
  }
  return { ...queries, ...bounded };
}

function answered<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(Object.assign(new Error('the database gave no answer'), { code: 'NO_ANSWER' }));
    const timer = setTimeout(late, answerMs);
    const came = () => clearTimeout(timer);
    answer.then(resolve, reject).then(came);
  });
}
