// What a serving process does in the background for the search: its index follows what was said.
import { isDatabaseAway } from '../db/errors.ts';
import type { SearchQueries } from '../db/search.ts';
import type { Log } from '../log.ts';

// When there is nothing to do, and between two rounds: others come first.
const idleMs = 2000;
const leastPauseMs = 20;

/**
 * Takes messages into the index, a few at a time, resting longer than it works, until the function that is given back is
 * called; that waits for the round that runs. A database that is away is told of by those whom it matters to.
 */
export function keepIndexing({ takeIn }: Pick<SearchQueries, 'takeIn'>, log: Log): () => Promise<void> {
  let stopped = false;
  let timer = setTimeout(next, idleMs);
  let round = Promise.resolve();
  let failed = false;

  function next(): void {
    round = work();
  }

  async function work(): Promise<void> {
    const began = performance.now();
    let pauseMs = idleMs;
    try {
      if (await takeIn()) pauseMs = Math.max(leastPauseMs, 1.5 * (performance.now() - began));
      failed = false;
    } catch (error) {
      if (!failed && !isDatabaseAway(error)) log.warn('the index of the search is behind', { error });
      failed = true;
    }
    if (!stopped) timer = setTimeout(next, pauseMs);
  }

  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
  };
}
