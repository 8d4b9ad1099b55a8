// A session's messages, oldest first.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { toldOf } from '../../chat/history.ts';
import { json } from '../answers.ts';
import { nextLink } from '../page-link.ts';
import { type AppEnv, createRouter } from '../router.ts';
import {
  approvalRequest,
  importedPart,
  message,
  thoughtEvent as thoughtSchema,
} from '../schemas/message-schemas.ts';
import { problems } from '../schemas/problem-schemas.ts';
import { historyQuery, sessionPath } from '../schemas/query-schemas.ts';

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
  responses: historyResponses(z.union([message, thoughtSchema, approvalRequest, importedPart])),
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
  const { include, ...page } = query;
  const events = include?.includes('events') ?? false;
  const { rows, more } = await c.get('chat').history(sessionId, {
    ...page,
    events,
    imported: include?.includes('imported') ? (events ? 'with steps' : 'said') : undefined,
  });
  const first = rows[0]?.message;
  if (more && first) {
    const place =
      query.before === undefined ? { offset: String(query.offset + rows.length) } : { before: first.id };
    c.header('Link', nextLink(c, place, `/api/sessions/${sessionId}/history`));
  }
  if (!events) return rows.map(({ message }) => message);
  return rows.flatMap(toldOf);
}
