// A session's messages, oldest first.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { Failure } from '../chat/failure.ts';
import { textMessage, thoughtEvent } from '../chat/messages.ts';
import type { MessageRow } from '../db/messages.ts';
import type { Page } from '../db/page-bytes.ts';
import type { Store } from '../db/store.ts';
import { linkHeader, nextLink } from './page-link.ts';
import { type AppEnv, createRouter, json, problems } from './router.ts';
import * as schemas from './schemas.ts';

export const historyResponses = {
  200: {
    ...json(
      z.array(z.union([schemas.message, schemas.thoughtEvent])),
      'Messages, oldest first; the `Link` header leads to the next page',
    ),
    headers: linkHeader,
  },
  ...problems(404, 422, 503),
};

const historyRoute = createRoute({
  method: 'get',
  path: '/{id}/history',
  tags: ['history'],
  summary: 'The messages of a session',
  request: { params: schemas.sessionPath, query: schemas.historyQuery },
  responses: historyResponses,
});

export const history = createRouter().openapi(historyRoute, async (c) =>
  c.json(await readHistory(c, c.req.valid('param').id, c.req.valid('query')), 200),
);

type Query = z.output<typeof schemas.historyQuery>;

/**
 * A page of the session's messages on the wire, and the `Link` to the next one. Throws a Failure where there is no such
 * session or message.
 */
export async function readHistory(c: Context<AppEnv>, sessionId: string, query: Query) {
  const { rows, more } = await readPage(c.get('parts').store, sessionId, query);
  const first = rows[0];
  if (more && first) {
    const place =
      query.before === undefined ? { offset: String(query.offset + rows.length) } : { before: first.id };
    c.header('Link', nextLink(c, place, `/api/sessions/${sessionId}/history`));
  }
  const messages = rows.map(textMessage);
  if (query.include !== 'events') return messages;
  return messages.flatMap((message) => {
    const thought = thoughtEvent(message);
    return thought ? [thought, message] : [message];
  });
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
