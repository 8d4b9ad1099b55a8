// Doing something again and again, but only while there is a reason to.
import { isDatabaseAway } from '../db/errors.ts';
import type { Log } from '../log.ts';
import { sleep } from './patience.ts';

/**
 * Gives a function to call when there may be work: `work` is then done every `everyMs`, never twice at once, until
 * `hasWork` is false. What fails is tried again.
 */
export function pollWhile(
  hasWork: () => boolean,
  work: () => Promise<void>,
  everyMs: number,
  log: Log,
): () => void {
  let polling = false;
  const poll = async () => {
    polling = true;
    while (hasWork()) {
      await sleep(everyMs);
      if (!hasWork()) break;
      // The beat tells of a database that is away.
      await work().catch((error) => isDatabaseAway(error) || log.error('polling failed', { error }));
    }
    polling = false;
  };
  return () => {
    if (!polling) poll();
  };
}
