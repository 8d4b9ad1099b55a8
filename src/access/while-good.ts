// What lasts longer than a request, a stream for one, and has to end when the key or the sign-in behind it does.
import { pollWhile } from '../chat/poll.ts';
import type { Store } from '../db/store.ts';
import type { Log } from '../log.ts';
import type { Identified } from './credentials.ts';

/**
 * Calls `end` once if what somebody came by is revoked, ended or expires; gives what to call when that matters no more. A
 * token's end is not looked at: tokens last some minutes, and nobody can take one back. Nor is the proxy's login.
 */
export type WhileGood = (who: Pick<Identified, 'proof'>, end: () => void) => () => void;

/** Whoever is found to be gone is cut within five seconds. */
const everyMs = 3000;

/**
 * One statement asks for all of a process, however many there are. While the database is away nobody is cut. `forget` is
 * told what is gone, so that who is cut and comes back at once is not let in.
 */
export function createWhileGood(
  store: Pick<Store, 'signIns'>,
  forget: (proof: string) => void,
  log: Log,
): WhileGood {
  const watched = new Map<string, Set<() => void>>();

  async function look(): Promise<void> {
    const asked = [...watched.keys()];
    const good = new Set(await store.signIns.good(asked));
    for (const proof of asked) {
      if (good.has(proof)) continue;
      forget(proof);
      const ends = watched.get(proof) ?? [];
      watched.delete(proof);
      for (const end of ends) end();
    }
  }
  const wake = pollWhile({ hasWork: () => watched.size > 0, work: look, everyMs, log });

  return ({ proof }, end) => {
    if (proof === undefined) return () => {};
    const ends = watched.get(proof) ?? new Set();
    ends.add(end);
    watched.set(proof, ends);
    wake();
    return () => {
      ends.delete(end);
      if (ends.size === 0 && watched.get(proof) === ends) watched.delete(proof);
    };
  };
}
