// Taking files in and reading them, few at a time: what waits for the database is in memory, and what is read is as a whole.
import type { Owner } from '../../db/owner.ts';
import { atMost } from '../../db/search/concurrency-limit.ts';
import type { Seen } from '../../documents/look-at-bytes.ts';
import { type ReadDocument, type ReadPdf, readDocument } from '../../documents/read-document.ts';
import { Failure } from '../failure.ts';

/** As many as the database has something to do for. Few wait: a runtime may hold in memory what they send meanwhile. */
const takingIn = { most: 16, ofOne: 12, waiting: 100, waitMs: 60_000 };
/** Of what is taken in or waits for that: so many bytes, in all and of one owner. */
const held = { most: 256 * 1024 ** 2, ofOne: 192 * 1024 ** 2 };
const reading = { most: 2, ofOne: 2, waiting: 10_000, waitMs: 120_000 };

/** Gives what of a file there is to read, when its turn comes. */
export type Documents = ReturnType<typeof createDocuments>;

export function createDocuments(readPdf?: ReadPdf) {
  const inTurn = atMost<Owner>(reading);
  const comingIn = atMost<Owner>(takingIn);
  const bytesIn = new Map<Owner, number>();

  /** One alone may come, however large. */
  function hold(owner: Owner, bytes: number): void {
    const ofOne = bytesIn.get(owner) ?? 0;
    const all = [...bytesIn.values()].reduce((sum, one) => sum + one, 0);
    if ((ofOne > 0 && ofOne + bytes > held.ofOne) || (all > 0 && all + bytes > held.most)) throw busy();
    bytesIn.set(owner, ofOne + bytes);
  }

  function release(owner: Owner, bytes: number): void {
    const left = (bytesIn.get(owner) ?? 0) - bytes;
    if (left > 0) bytesIn.set(owner, left);
    else bytesIn.delete(owner);
  }

  return {
    /** `bytes`: as many at most come with it. */
    takeIn: async <T>(owner: Owner, bytes: number, take: () => Promise<T>): Promise<T> => {
      hold(owner, bytes);
      try {
        const taken = await comingIn(owner, take);
        if (taken === 'busy') throw busy();
        return taken;
      } finally {
        release(owner, bytes);
      }
    },

    read: async (owner: Owner, seen: Seen, bytes: () => Promise<Uint8Array>): Promise<ReadDocument> => {
      const read = await inTurn(owner, () => readDocument(seen, bytes, readPdf));
      if (read === 'busy') throw busy();
      return read;
    },
  };
}

const busy = () => new Failure('files_busy', { retry_after: 5 });
