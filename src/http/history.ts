// A session's messages, oldest first.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { Failure } from '../chat/failure.ts';
import { type ImportedMessage, importedMessages } from '../chat/imported.ts';
import { type TextMessage, textMessage, thoughtEvent } from '../chat/messages.ts';
import type { MessageRow } from '../db/messages.ts';
import type { Page } from '../db/page-bytes.ts';
import type { Store } from '../db/store.ts';
import { json } from './answers.ts';
import { importedPart, message, thoughtEvent as thoughtSchema } from './message-schemas.ts';
import { nextLink } from './page-link.ts';
import { problems } from './problem-schemas.ts';
import { historyQuery, sessionPath } from './query-schemas.ts';
import { type AppEnv, createRouter } from './router.ts';

/** A page of messages of these forms. */
export const historyResponses = <T extends z.ZodType>(form: T) => ({
  200: json(z.array(form), 'Messages, oldest first; the `Link` header leads to the next page', 'Link'),
  ...problems('session_not_found', 'message_not_found'),
});

const historyRoute = createRoute({
  method: 'get',
  path: '/{id}/history',
  operationId: 'getHistory',
  tags: ['history'],
  summary: 'The messages of a session',
  request: { params: sessionPath, query: historyQuery },
  responses: historyResponses(z.union([message, thoughtSchema, importedPart])),
});

export const history = createRouter().openapi(historyRoute, async (c) =>
  c.json(await readHistory(c, c.req.valid('param').id, c.req.valid('query')), 200),
);

type Query = z.output<typeof historyQuery>;

/**
 * A page of the session's messages on the wire, and the `Link` to the next one. Throws a Failure where there is no such
 * session or message.
 */
export async function readHistory(c: Context<AppEnv>, sessionId: string, query: Query) {
  const { store } = c.get('parts');
  const events = query.include?.includes('events') ?? false;
  const { rows: messages, more } = query.include?.includes('imported')
    ? await readWithImported(store, sessionId, query, events)
    : await readStored(store, sessionId, query);
  const first = messages[0];
  if (more && first) {
    const place =
      query.before === undefined ? { offset: String(query.offset + messages.length) } : { before: first.id };
    c.header('Link', nextLink(c, place, `/api/sessions/${sessionId}/history`));
  }
  if (!events) return messages;
  return messages.flatMap((message) => {
    const thought = thoughtEvent(message);
    return thought ? [thought, message] : [message];
  });
}

/** A page of what was imported and what is stored, as one list. */
async function readWithImported(
  store: Store,
  sessionId: string,
  query: Query,
  events: boolean,
): Promise<Page<ImportedMessage>> {
  const { limit, offset, before } = query;
  const session = await store.sessions.find(sessionId);
  if (!session) throw new Failure('session_not_found');
  const imported = importedMessages(session, events);
  if (before === undefined) {
    const first = imported.slice(offset, offset + limit);
    // One more at least: whether there are any is to be known.
    const rest = {
      ...query,
      limit: Math.max(1, limit - first.length),
      offset: Math.max(0, offset - imported.length),
    };
    const stored = await readStored(store, sessionId, rest);
    if (first.length === limit)
      return { rows: first, more: offset + limit < imported.length || stored.rows.length > 0 };
    return { rows: [...first, ...stored.rows], more: stored.more };
  }
  const place = imported.findIndex(({ id }) => id === before);
  const stored = place < 0 ? await readStored(store, sessionId, query) : { rows: [], more: false };
  if (stored.more) return stored;
  const end = place < 0 ? imported.length : place;
  const start = Math.max(0, end - (limit - stored.rows.length));
  return { rows: [...imported.slice(start, end), ...stored.rows], more: start > 0 };
}

async function readStored(store: Store, sessionId: string, query: Query): Promise<Page<TextMessage>> {
  const { rows, more } = await readPage(store, sessionId, query);
  return { rows: rows.map(textMessage), more };
}

async function readPage(store: Store, sessionId: string, query: Query): Promise<Page<MessageRow>> {
  const { limit, offset, before } = query;
  if (before !== undefined) {
    const seq = await store.messages.seqOf(sessionId, before);
    if (seq !== undefined) return store.messages.pageBefore(sessionId, seq, limit);
    throw new Failure(
      (await store.messages.sessionExists(sessionId)) ? 'message_not_found' : 'session_not_found',
    );
  }
  const page = await store.messages.page(sessionId, limit, offset);
  if (page.rows.length === 0 && !(await store.messages.sessionExists(sessionId)))
    throw new Failure('session_not_found');
  return page;
}
