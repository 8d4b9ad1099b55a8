// Turns of this process that wait for their place in the queue of their session.
import type { SessionKey } from '../../db/owner.ts';
import type { Store } from '../../db/store.ts';
import type { TurnKey } from '../../db/turns/turn-name.ts';
import type { Log } from '../../log.ts';
import { pollWhile } from '../poll.ts';

// How soon the end of a turn in another process is noticed.
const pollMs = 100;

export type Queue = ReturnType<typeof createQueue>;

export function createQueue({ store, log }: { store: Store; log: Log }) {
  // By lease.
  const waiting = new Map<string, SessionKey & { seq: number; wake: () => void }>();
  const look = async () => {
    for (const lease of await store.leases.next([...waiting.keys()])) waiting.get(lease)?.wake();
  };
  const wakePoll = pollWhile({
    hasWork: () => waiting.size > 0,
    work: look,
    everyMs: pollMs,
    // They ask for themselves then, and hear it.
    onClosed: () => {
      for (const { wake } of [...waiting.values()]) wake();
    },
    log,
  });

  return {
    /** Resolves when it may be this run's turn now, or when `signal` is aborted. */
    wait: ({ owner, session, lease }: TurnKey, seq: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(lease);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', wake);
        waiting.set(lease, { owner, session, seq, wake });
        wakePoll();
      }),

    /** A turn of this session has ended in this process: the first that waits here may be next. */
    moves: ({ owner, session }: SessionKey): void => {
      const [first] = [...waiting.values()]
        .filter((entry) => entry.owner === owner && entry.session === session)
        .sort((a, b) => a.seq - b.seq);
      first?.wake();
    },
  };
}
