// A session's messages, a page at a time: what was imported, if that is asked for, before what was said here.
import type { MessageRow } from '../db/messages.ts';
import type { SessionKey } from '../db/owner.ts';
import type { Page } from '../db/page-bytes.ts';
import type { Store } from '../db/store.ts';
import { Failure } from './failure.ts';
import { type ImportedMessage, importedMessages } from './imported.ts';
import { type TextMessage, textMessage } from './messages.ts';

export type HistoryQuery = {
  limit: number;
  /** How many to pass over, from the oldest. */
  offset: number;
  /** The message before which the page ends, in place of `offset`. */
  before?: string | undefined;
  /** Whether what was imported belongs to it, and of that what is not text too. */
  imported?: 'texts' | 'everything' | undefined;
};

/** Oldest first. Throws a Failure where there is no such session or message. */
export const readHistory = (
  store: Store,
  session: SessionKey,
  query: HistoryQuery,
): Promise<Page<ImportedMessage>> =>
  query.imported === undefined
    ? readStored(store, session, query)
    : readWithImported(store, session, query, query.imported === 'everything');

/** A page of what was imported and what is stored, as one list. */
async function readWithImported(
  store: Store,
  key: SessionKey,
  query: HistoryQuery,
  everything: boolean,
): Promise<Page<ImportedMessage>> {
  const { limit, offset, before } = query;
  const session = await store.sessions.find(key);
  if (!session) throw new Failure('session_not_found');
  const imported = importedMessages(session, everything);
  if (before === undefined) {
    const first = imported.slice(offset, offset + limit);
    // One more at least: whether there are any is to be known.
    const rest = {
      ...query,
      limit: Math.max(1, limit - first.length),
      offset: Math.max(0, offset - imported.length),
    };
    const stored = await readStored(store, key, rest);
    if (first.length === limit)
      return { rows: first, more: offset + limit < imported.length || stored.rows.length > 0 };
    return { rows: [...first, ...stored.rows], more: stored.more };
  }
  const place = imported.findIndex(({ id }) => id === before);
  const stored = place < 0 ? await readStored(store, key, query) : { rows: [], more: false };
  if (stored.more) return stored;
  const end = place < 0 ? imported.length : place;
  const start = Math.max(0, end - (limit - stored.rows.length));
  return { rows: [...imported.slice(start, end), ...stored.rows], more: start > 0 };
}

async function readStored(store: Store, key: SessionKey, query: HistoryQuery): Promise<Page<TextMessage>> {
  const { rows, more } = await readPage(store, key, query);
  return { rows: rows.map(textMessage), more };
}

async function readPage(store: Store, key: SessionKey, query: HistoryQuery): Promise<Page<MessageRow>> {
  const { limit, offset, before } = query;
  const { messages } = store;
  if (before !== undefined) {
    const seq = await messages.seqOf(key, before);
    if (seq !== undefined) return messages.pageBefore(key, seq, limit);
    throw new Failure((await messages.sessionExists(key)) ? 'message_not_found' : 'session_not_found');
  }
  const page = await messages.page(key, limit, offset);
  if (page.rows.length === 0 && !(await messages.sessionExists(key))) throw new Failure('session_not_found');
  return page;
}
