// Doing something again and again, but only while there is a reason to.
import { isDatabaseAway, isDatabaseClosed } from '../db/errors.ts';
import type { Log } from '../log.ts';
import { sleep } from '../sleep.ts';

export type Polling = {
  hasWork(): boolean;
  /** What fails is tried again. */
  work(): Promise<void>;
  everyMs: number;
  /** The database was closed here, and this is called no more: what waits for it waits for nothing. */
  onClosed?(): void;
  log: Log;
};

/**
 * Gives a function to call when there may be work: `work` is then done every `everyMs`, never twice at once, until
 * `hasWork` is false.
 *
 * @example
 * const wake = pollWhile({ hasWork: () => waiting.size > 0, work: lookOnce, everyMs: 250, log });
 * waiting.add(turn);
 * wake();
 */
export function pollWhile({ hasWork, work, everyMs, onClosed, log }: Polling): () => void {
  let polling = false;
  let closed = false;
  const poll = async () => {
    polling = true;
    while (hasWork() && !closed) {
      await sleep(everyMs);
      if (!hasWork()) break;
      await work().catch((error) => {
        if (isDatabaseClosed(error)) closed = true;
        // The beat tells of a database that is away.
        else if (!isDatabaseAway(error)) log.error('polling failed', { error });
      });
    }
    polling = false;
    if (closed) onClosed?.();
  };
  return () => {
    if (!polling) poll();
  };
}
