// A session as whoever has a link to it sees it: what it showed when the link was made.
import type { FoundShare } from '../db/shares.ts';
import type { Store } from '../db/store.ts';
import { stoppedCalls } from './calls/open-calls.ts';
import { Failure } from './failure.ts';
import { type HistoryEntry, importedEntries, storedEntry } from './history.ts';

export type SharedSession = {
  name: string;
  /** When the link was made. */
  at: Date;
  pages: AsyncGenerator<HistoryEntry[]>;
};

const importedSize = 500;
/** However large messages are, a few of them fit. */
const pageSize = 20;

/** Throws a Failure where there is no such link. `speaker`: who said what an imported state names nobody for. */
export async function readShared(
  store: Store,
  speaker: (agent: string | null) => string,
  id: string,
): Promise<SharedSession> {
  const share = await store.shares.find(id);
  if (!share) throw new Failure('share_not_found');
  return { name: share.name, at: share.createdAt, pages: pagesOf(store, speaker, share) };
}

async function* pagesOf(
  store: Store,
  speaker: (agent: string | null) => string,
  share: FoundShare,
): AsyncGenerator<HistoryEntry[]> {
  const { owner, session } = share;
  for (let offset = 0; ; ) {
    const page = await store.imported.page({ owner, session }, { limit: importedSize, offset, steps: true });
    if (!page) return;
    const entries = importedEntries(session, speaker(page.sessionAgent), page);
    if (entries.length > 0) yield entries;
    if (!page.more) break;
    offset += page.rows.length;
  }
  for (let after = { seq: 0, step: -1 }; ; ) {
    const rows = await store.shares.page(share, after, pageSize);
    const stopped = await stoppedCalls(store, { owner, session }, rows);
    if (rows.length > 0) yield rows.map((row) => storedEntry(row, undefined, stopped.get(row)));
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = { seq: last.seq, step: last.step };
  }
}
