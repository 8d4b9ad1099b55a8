// All that was said in a session, a page at a time: never more of it is in memory than one page.
import type { Page } from '../db/page-bytes.ts';
import type { HistoryEntry, HistoryQuery } from './history.ts';

const pageSize = 500;

type Read = (query: HistoryQuery) => Promise<Page<HistoryEntry>>;

/** Oldest first, with what was imported, calls and what was asked of a person. `all`: of all versions. */
export async function* wholeHistory(read: Read, all: boolean): AsyncGenerator<HistoryEntry[]> {
  for (let offset = 0; ; ) {
    const { rows, more } = await read({ offset, limit: pageSize, imported: 'with steps', events: true, all });
    if (rows.length > 0) yield rows;
    if (!more || rows.length === 0) return;
    offset += rows.length;
  }
}
