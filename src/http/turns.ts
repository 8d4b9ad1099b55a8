// Turns: looking at them again, as objects or as the stream of their events.
import { createRoute, z } from '@hono/zod-openapi';
import { parseCursor } from '../chat/event-log.ts';
import { Failure } from '../chat/failure.ts';
import { isoTime, textMessage } from '../chat/messages.ts';
import { turnContext } from '../chat/turn-context.ts';
import { findTurn, turnFailure } from '../chat/turn-view.ts';
import type { TurnRow } from '../db/turns.ts';
import { acceptsEvents, answer, chatResponses } from './chat.ts';
import { eventStream, eventStreamHeaders, eventStreamType } from './event-stream.ts';
import type { Locale } from './locale.ts';
import { badCursor, linkHeader, nextLink } from './page-link.ts';
import { makeProblem, type ProblemPlace } from './problem.ts';
import { isProblemCode } from './problem-kinds.ts';
import { createRouter, json, placeOf, problems } from './router.ts';
import * as schemas from './schemas.ts';
import { contextOf } from './turn-context.ts';

const list = createRoute({
  method: 'get',
  path: '/{id}/turns',
  tags: ['turns'],
  summary: 'The turns of a session, newest first',
  request: { params: schemas.sessionPath, query: schemas.turnsQuery },
  responses: {
    200: {
      ...json(schemas.turn.array(), 'Turns; the `Link` header leads to the next page'),
      headers: linkHeader,
    },
    ...problems(404, 422, 503),
  },
});

const detail = createRoute({
  method: 'get',
  path: '/{id}/turns/{turn}',
  tags: ['turns'],
  summary: 'A turn, or with `Accept: text/event-stream` its events',
  request: { params: schemas.turnPath, query: schemas.turnQuery, headers: schemas.lastEventId },
  responses: {
    200: {
      description: 'The turn, or its events after `Last-Event-ID`',
      content: {
        'application/json': { schema: schemas.turnDetail },
        [eventStreamType]: { schema: z.string() },
      },
    },
    ...problems(404, 422, 503),
  },
});

const cancel = createRoute({
  method: 'post',
  path: '/{id}/turns/{turn}/cancel',
  tags: ['turns'],
  summary: 'Stop a turn; what was generated so far is kept as the reply',
  request: { params: schemas.turnPath },
  responses: {
    200: json(schemas.turn, 'The turn; one that had ended is as it was'),
    ...problems(404, 422, 503),
  },
});

const retry = createRoute({
  method: 'post',
  path: '/{id}/turns/{turn}/retry',
  tags: ['turns'],
  summary: 'Run a failed turn again, without repeating the user’s message',
  request: { params: schemas.turnPath, query: schemas.streamQuery },
  responses: chatResponses,
});

export const turns = createRouter()
  .openapi(list, async (c) => {
    const { store } = c.get('parts');
    const { id } = c.req.valid('param');
    const { status, limit, cursor } = c.req.valid('query');
    const { rows, more } = await store.turns.list({
      sessionId: id,
      status,
      beforeSeq: cursor === undefined ? undefined : seqOf(cursor, c.get('locale')),
      limit,
    });
    if (rows.length === 0 && !(await store.messages.sessionExists(id)))
      throw new Failure('session_not_found');
    const last = rows.at(-1);
    if (more && last) c.header('Link', nextLink(c, { cursor: String(last.seq) }));
    return c.json(
      rows.map((row) => turnOf(row, placeOf(c))),
      200,
    );
  })
  .openapi(detail, async (c) => {
    const { store, assistant, turns: running } = c.get('parts');
    const { id, turn } = c.req.valid('param');
    const after = c.req.valid('header')['last-event-id'];
    const seen = after === undefined ? undefined : parseCursor(after);
    if (!acceptsEvents(c)) {
      const row = await findTurn(store, id, turn);
      const shown = turnOf(row, placeOf(c));
      if (!c.req.valid('query').context) return c.json(shown, 200);
      return c.json({ ...shown, context: contextOf(await turnContext(store, assistant, row)) }, 200);
    }
    if (!running.isHere(id, turn)) await findTurn(store, id, turn);
    const events = eventStream((wake) => running.read(id, turn).follow(seen, wake), placeOf(c));
    return c.body(events, 200, eventStreamHeaders);
  })
  .openapi(cancel, async (c) => {
    const { store, turns: running } = c.get('parts');
    const { id, turn } = c.req.valid('param');
    await running.cancel(id, turn);
    return c.json(turnOf(await findTurn(store, id, turn), placeOf(c)), 200);
  })
  .openapi(retry, async (c) => {
    const { id, turn } = c.req.valid('param');
    const again = await c.get('parts').turns.retry(id, turn, c.get('requestId'));
    return answer(c, again, c.req.valid('query').stream);
  });

function turnOf(row: TurnRow, place: ProblemPlace): z.infer<typeof schemas.turn> {
  const failure = turnFailure(row);
  const code = failure && isProblemCode(failure.code) ? failure.code : 'internal';
  return {
    id: row.id,
    session_id: row.sessionId,
    status: row.status,
    user_message: textMessage(row.userMessage),
    reply: row.reply && textMessage(row.reply),
    error: failure ? makeProblem(code, failure.details, place, { turn: row.id }) : null,
    attempt: row.attempt,
    created_at: isoTime(row.createdAt),
    finished_at: row.finishedAt && isoTime(row.finishedAt),
  };
}

function seqOf(cursor: string, locale: Locale): number {
  if (!/^\d{1,9}$/.test(cursor)) throw badCursor(locale);
  return Number(cursor);
}
