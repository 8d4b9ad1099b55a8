// What would be said of each request, and is to be said once in a while.
import { newest } from './known.ts';

const minute = 60_000;

/** Gives what tells whether something may be said again: not within `restMs` of when it was said of the same name. */
export function createSeldom(restMs = minute): (name?: string) => boolean {
  const next = newest<number>();
  return (name = '') => {
    if (performance.now() < (next.get(name) ?? Number.NEGATIVE_INFINITY)) return false;
    next.set(name, performance.now() + restMs);
    return true;
  };
}
