// What a serving process does in the background for the search: its index follows what was said.
import { isDatabaseAway } from '../../db/errors.ts';
import type { SearchQueries } from '../../db/search/search.ts';
import type { Log } from '../../log.ts';

// When there is nothing to do, and between two rounds: others come first.
const idleMs = 2000;
const leastRestMs = 20;

/**
 * How long it rests after a round of `workMs`, in milliseconds: longer than it worked, and much longer where the process
 * has much else to do. `busy`: of one core, the share that the process needed while this rested.
 */
export const restAfter = (workMs: number, busy: number): number =>
  Math.max(leastRestMs, (1.5 + 50 * busy) * workMs);

/**
 * Takes messages into the index, a few at a time, resting in between, until the function that is given back is called;
 * that waits for the round that runs. A database that is away is told of by those whom it matters to.
 */
export function keepIndexing({ takeIn }: Pick<SearchQueries, 'takeIn'>, log: Log): () => Promise<void> {
  let stopped = false;
  let timer = setTimeout(next, idleMs);
  let round = Promise.resolve();
  let failed = false;
  let rested = { since: performance.now(), used: process.cpuUsage() };

  function next(): void {
    round = work();
  }

  async function work(): Promise<void> {
    const began = performance.now();
    const { user, system } = process.cpuUsage(rested.used);
    const busy = (user + system) / 1000 / (began - rested.since);
    let restMs = idleMs;
    try {
      if (await takeIn()) restMs = restAfter(performance.now() - began, busy);
      failed = false;
    } catch (error) {
      if (!failed && !isDatabaseAway(error)) log.warn('the index of the search is behind', { error });
      failed = true;
    }
    rested = { since: performance.now(), used: process.cpuUsage() };
    if (!stopped) timer = setTimeout(next, restMs);
  }

  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
  };
}
