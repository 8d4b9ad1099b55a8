// Doing something once the database lets it: it went away, and may come back.
import { databaseFault } from '../db/errors.ts';
import { sleep } from '../sleep.ts';

/**
 * Tries until it works, for up to `forMs`, while the database is away; any other error ends it at once, and so does a
 * database that is no more: only a person brings it back.
 *
 * @example
 * // What it does must be safe to repeat: it may be only the answer that was lost.
 * const row = await patiently(() => store.turns.find(key), { signal });
 */
export async function patiently<T>(
  attempt: () => Promise<T>,
  options: { forMs?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const { forMs = 60_000, signal } = options;
  const began = performance.now();
  for (let delay = 100; ; delay = Math.min(2 * delay, 2000)) {
    try {
      return await attempt();
    } catch (error) {
      const fault = databaseFault(error);
      const mayComeBack = fault !== undefined && fault !== 'database_missing';
      if (!mayComeBack || performance.now() - began + delay > forMs) throw error;
      await sleep(delay, signal);
      if (signal?.aborted) throw error;
    }
  }
}
