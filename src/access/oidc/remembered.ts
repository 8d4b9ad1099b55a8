// What is fetched from elsewhere, remembered, and fetched again now and then: elsewhere may be slow, or away.

/** Plain data, so that it may be shared by what shares nothing else. */
export type Memory<T> = { value?: T; fetchedAt?: number; triedAt?: number; failed?: boolean };

type Times = {
  /** So long it is good without a question. */
  freshMs: number;
  /** So long it is used while it cannot be fetched again. */
  goodMs: number;
  /** So long nothing is fetched after the last time, however many ask. */
  restMs: number;
  /** So long somebody waits for what is newer than what is there. */
  patienceMs: number;
};

/** `fetch` rejects where there is nothing to be had. `Away` is what callers then get, with its error as the cause. */
export function createRemembered<T>(
  fetch: () => Promise<T>,
  memory: Memory<T>,
  { freshMs, goodMs, restMs, patienceMs }: Times,
  now: () => number = Date.now,
) {
  let pending: Promise<T> | undefined;

  const rests = () => memory.triedAt !== undefined && now() - memory.triedAt < restMs;
  const age = () => (memory.fetchedAt === undefined ? Number.POSITIVE_INFINITY : now() - memory.fetchedAt);

  /** One for all who ask meanwhile. */
  function fetched(): Promise<T> {
    pending ??= load().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  async function load(): Promise<T> {
    memory.triedAt = now();
    memory.failed = false;
    const value = await fetch().catch((cause: unknown) => {
      memory.failed = true;
      throw new Away(cause);
    });
    memory.value = value;
    memory.fetchedAt = now();
    return value;
  }

  return {
    /** What is known, or is to be had. Throws Away. */
    async get(): Promise<T> {
      const { value } = memory;
      if (value === undefined || age() >= goodMs) {
        if (pending === undefined && memory.failed && rests()) throw new Away();
        return fetched();
      }
      if (age() < freshMs || (pending === undefined && rests())) return value;
      const newer = fetched().catch(() => value);
      return Promise.race([newer, after(patienceMs, value)]);
    },

    /** What is newer than what is known; undefined while it is not asked for again. Throws Away. */
    async newer(): Promise<T | undefined> {
      if (pending !== undefined || !rests()) return fetched();
      if (memory.failed) throw new Away();
      return undefined;
    },
  };
}

/** Nothing is to be had there now. */
export class Away extends Error {
  override name = 'Away';
  constructor(cause?: unknown) {
    super('nothing is to be had there', { cause });
  }
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}
