// A session's messages, oldest first.
import { createRoute, z } from '@hono/zod-openapi';
import { Failure } from '../chat/failure.ts';
import { textMessage, thoughtEvent } from '../chat/messages.ts';
import type { Store } from '../db/store.ts';
import { createRouter, json, problems } from './router.ts';
import * as schemas from './schemas.ts';

export const historyResponses = {
  200: json(z.array(z.union([schemas.message, schemas.thoughtEvent])), 'Messages, oldest first'),
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
  c.json(await readHistory(c.get('parts').store, c.req.valid('param').id, c.req.valid('query')), 200),
);

/** A page of the session's messages on the wire. Throws a Failure where there is no such session or message. */
export async function readHistory(
  store: Store,
  sessionId: string,
  query: z.output<typeof schemas.historyQuery>,
) {
  const rows = await readPage(store, sessionId, query);
  const messages = rows.map(textMessage);
  if (query.include !== 'events') return messages;
  return messages.flatMap((message) => {
    const thought = thoughtEvent(message);
    return thought ? [thought, message] : [message];
  });
}

async function readPage(store: Store, sessionId: string, query: z.output<typeof schemas.historyQuery>) {
  const { limit, offset, before } = query;
  if (before !== undefined) {
    const seq = await store.messages.seqOf(sessionId, before);
    if (seq !== undefined) return store.messages.pageBefore(sessionId, seq, limit);
    throw new Failure(
      (await store.messages.sessionExists(sessionId)) ? 'message_not_found' : 'session_not_found',
    );
  }
  const rows = await store.messages.page(sessionId, limit, offset);
  if (rows.length === 0 && !(await store.messages.sessionExists(sessionId)))
    throw new Failure('session_not_found');
  return rows;
}
