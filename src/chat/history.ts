// Pages of what was said in a session, oldest first: what is stored and, where it is asked for, what was imported before.
import type { MessageRow } from '../db/messages.ts';
import { type MeasuredPage, type Page, pageBytes } from '../db/page-bytes.ts';
import type { Store } from '../db/store.ts';
import { Failure } from './failure.ts';
import { type ImportedMessage, importedMessages, importedPlace } from './imported.ts';
import { type TextMessage, textMessage } from './messages.ts';

/** Up to `limit` messages: right before the one with the id `before`, or else behind the first `offset`. */
type Range = { limit: number; offset: number; before?: string | undefined };

/** Throws a Failure where there is no such session or message. `bytes` is how much text it may hold. */
export async function readStored(
  store: Store,
  sessionId: string,
  range: Range,
  bytes?: number,
): Promise<MeasuredPage<TextMessage>> {
  const { rows, ...rest } = await readRows(store, sessionId, range, bytes);
  return { rows: rows.map(textMessage), ...rest };
}

async function readRows(
  store: Store,
  sessionId: string,
  { limit, offset, before }: Range,
  bytes?: number,
): Promise<MeasuredPage<MessageRow>> {
  if (before !== undefined) {
    const seq = await store.messages.seqOf(sessionId, before);
    if (seq !== undefined) return store.messages.pageBefore(sessionId, seq, limit);
    throw new Failure(
      (await store.messages.sessionExists(sessionId)) ? 'message_not_found' : 'session_not_found',
    );
  }
  const page = await store.messages.page(sessionId, limit, offset, bytes);
  if (page.rows.length === 0 && !(await store.messages.sessionExists(sessionId)))
    throw new Failure('session_not_found');
  return page;
}

/** The same of one list, which begins with what was imported. `steps`: with the calls of tools and their results. */
export async function readWithImported(
  store: Store,
  sessionId: string,
  range: Range & { steps: boolean },
): Promise<Page<ImportedMessage>> {
  const { limit, before, steps } = range;
  if (before === undefined) return readForwards(store, sessionId, range);
  const place = importedPlace(sessionId, before);
  if (place !== undefined) return readBackwards(store, sessionId, { limit, before: place, steps });
  const stored = await readStored(store, sessionId, range);
  if (stored.more) return stored;
  const room = { limit: limit - stored.rows.length, bytes: pageBytes - stored.bytes };
  const imported = await readBackwards(store, sessionId, { ...room, steps });
  return { rows: [...imported.rows, ...stored.rows], more: imported.more };
}

async function readForwards(
  store: Store,
  sessionId: string,
  { limit, offset, steps }: Range & { steps: boolean },
): Promise<Page<ImportedMessage>> {
  const page = await store.imported.page(sessionId, { limit, offset, steps });
  if (!page) throw new Failure('session_not_found');
  const rows = importedMessages(sessionId, page);
  if (page.more) return { rows, more: true };
  const room = { limit: limit - rows.length, bytes: pageBytes - page.bytes };
  const from = Math.max(0, offset - page.total);
  if (room.limit <= 0 || room.bytes <= 0) {
    const next = await readStored(store, sessionId, { limit: 1, offset: from });
    return { rows, more: next.rows.length > 0 };
  }
  const stored = await readStored(store, sessionId, { limit: room.limit, offset: from }, room.bytes);
  return { rows: [...rows, ...stored.rows], more: stored.more };
}

async function readBackwards(
  store: Store,
  sessionId: string,
  which: { limit: number; bytes?: number; before?: number; steps: boolean },
): Promise<Page<ImportedMessage>> {
  const page = await store.imported.pageBefore(sessionId, { bytes: pageBytes, ...which });
  if (!page) throw new Failure('session_not_found');
  if (which.before !== undefined && !page.isThere) throw new Failure('message_not_found');
  // None may have had room beside what is stored.
  const more = page.rows.length > 0 ? page.more : which.before === undefined && page.total > 0;
  return { rows: importedMessages(sessionId, page), more };
}
