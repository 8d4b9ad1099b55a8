// A session's messages, oldest first.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { readStored, readWithImported } from '../chat/history.ts';
import { thoughtEvent } from '../chat/messages.ts';
import { linkHeader, nextLink } from './page-link.ts';
import { type AppEnv, createRouter, json, problems } from './router.ts';
import * as schemas from './schemas.ts';

export const historyResponses = {
  200: {
    ...json(
      z.array(z.union([schemas.message, schemas.thoughtEvent, schemas.importedPart])),
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
  const { store } = c.get('parts');
  const events = query.include?.includes('events') ?? false;
  const { rows: messages, more } = query.include?.includes('imported')
    ? await readWithImported(store, sessionId, { ...query, steps: events })
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
