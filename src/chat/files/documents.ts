// Taking files in and reading them, few at a time: what waits for the database is in memory, and what is read is as a whole.
import type { Owner } from '../../db/owner.ts';
import { atMost } from '../../db/search/concurrency-limit.ts';
import type { Seen } from '../../documents/look-at-bytes.ts';
import { type ReadDocument, type ReadPdf, readDocument } from '../../documents/read-document.ts';
import { Failure } from '../failure.ts';

/** As many as the database has something to do for. Few wait: a runtime may hold in memory what they send meanwhile. */
const takingIn = { most: 16, ofOne: 12, waiting: 100, waitMs: 60_000 };
const reading = { most: 2, ofOne: 2, waiting: 10_000, waitMs: 120_000 };

/** Gives what of a file there is to read, when its turn comes. */
export type Documents = ReturnType<typeof createDocuments>;

export function createDocuments(readPdf?: ReadPdf) {
  const inTurn = atMost<Owner>(reading);
  const comingIn = atMost<Owner>(takingIn);
  return {
    takeIn: async <T>(owner: Owner, take: () => Promise<T>): Promise<T> => {
      const taken = await comingIn(owner, take);
      if (taken === 'busy') throw new Failure('files_busy', { retry_after: 5 });
      return taken;
    },

    read: async (owner: Owner, seen: Seen, bytes: () => Promise<Uint8Array>): Promise<ReadDocument> => {
      const read = await inTurn(owner, () => readDocument(seen, bytes, readPdf));
      if (read === 'busy') throw new Failure('files_busy', { retry_after: 5 });
      return read;
    },
  };
}
