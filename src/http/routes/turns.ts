// Turns: looking at them again, as objects or as the stream of their events.
import { createRoute, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { parseCursor } from '../../chat/log/cursor.ts';
import { isoTime, relationOf, textMessage } from '../../chat/messages.ts';
import { turnFailure } from '../../chat/turn-view.ts';
import type { MessageRow } from '../../db/message-row.ts';
import type { TurnRow } from '../../db/turns/find-turns.ts';
import type { Locale } from '../../words/bilingual.ts';
import { json, jsonOrEvents } from '../answers.ts';
import { eventStream, eventStreamHeaders } from '../event-stream.ts';
import { untilGone } from '../identified.ts';
import { badCursor, nextLink } from '../page-link.ts';
import { turnProblem } from '../problem.ts';
import { isProblemCode } from '../problem-kinds.ts';
import { type AppEnv, createRouter, placeOf } from '../router.ts';
import { byBody, problems } from '../schemas/problem-schemas.ts';
import {
  idempotencyKey,
  lastEventId,
  sessionPath,
  streamQuery,
  turnPath,
  turnQuery,
  turnsQuery,
} from '../schemas/query-schemas.ts';
import { newAnswer, turnDetail, turn as turnSchema } from '../schemas/turn-schemas.ts';
import { contextOf } from '../turn-context.ts';
import { acceptsEvents, answer, regenerateResponses, retryResponses, wantedIn } from './chat.ts';

const list = createRoute({
  method: 'get',
  path: '/{id}/turns',
  operationId: 'listTurns',
  tags: ['turns'],
  summary: 'The turns of a session, newest first',
  request: { params: sessionPath, query: turnsQuery },
  responses: {
    200: json(turnSchema.array(), 'Turns; the `Link` header leads to the next page', 'Link'),
    ...problems('session_not_found'),
  },
});

const detail = createRoute({
  method: 'get',
  path: '/{id}/turns/{turn}',
  operationId: 'getTurn',
  tags: ['turns'],
  summary: 'A turn, or with `Accept: text/event-stream` its events',
  request: { params: turnPath, query: turnQuery, headers: lastEventId },
  responses: {
    200: jsonOrEvents(turnDetail, 'The turn, or its events after `Last-Event-ID`'),
    ...problems('session_not_found', 'turn_not_found', 'agent_unknown'),
  },
});

const cancel = createRoute({
  method: 'post',
  path: '/{id}/turns/{turn}/cancel',
  operationId: 'cancelTurn',
  tags: ['turns'],
  summary: 'Stop a turn; what was generated so far is kept as the reply',
  request: { params: turnPath },
  responses: {
    200: json(turnSchema, 'The turn; one that had ended is as it was'),
    ...problems(...byBody, 'session_not_found', 'turn_not_found'),
  },
});

const retry = createRoute({
  method: 'post',
  path: '/{id}/turns/{turn}/retry',
  operationId: 'retryTurn',
  tags: ['turns'],
  summary: 'Run a failed turn again, without repeating the user’s message',
  request: { params: turnPath, query: streamQuery },
  responses: retryResponses,
});

const regenerate = createRoute({
  method: 'post',
  path: '/{id}/turns/{turn}/regenerate',
  operationId: 'regenerateTurn',
  tags: ['turns'],
  summary: 'Answer again what a turn answers; its reply stays, as another version',
  request: {
    params: turnPath,
    query: streamQuery,
    headers: idempotencyKey,
    body: { content: { 'application/json': { schema: newAnswer } } },
  },
  responses: regenerateResponses,
});

export const turns = createRouter()
  .openapi(list, async (c) => {
    const { status, shown, limit, cursor } = c.req.valid('query');
    const { rows, more } = await c.get('chat').turns.list(c.req.valid('param').id, {
      status,
      shown,
      beforeSeq: cursor === undefined ? undefined : seqOf(cursor, c.get('locale')),
      limit,
    });
    const last = rows.at(-1);
    if (more && last) c.header('Link', nextLink(c, { cursor: String(last.seq) }));
    const turns = await turnsOf(c, rows);
    return c.json(turns, 200);
  })
  .openapi(detail, async (c) => {
    const { turns: own } = c.get('chat');
    const { id, turn } = c.req.valid('param');
    const after = c.req.valid('header')['last-event-id'];
    const seen = after === undefined ? undefined : parseCursor(after);
    if (!acceptsEvents(c)) {
      const row = await own.find(id, turn);
      const { context, outcomes } = c.req.valid('query');
      return c.json(
        {
          ...(await turnOf(c, row)),
          ...(context ? { context: contextOf(await own.context(row)) } : {}),
          ...(outcomes ? { outcomes: await own.outcomes(row) } : {}),
        },
        200,
      );
    }
    const reader = await own.read(id, turn);
    const events = eventStream((wake) => reader.follow(seen, wake), placeOf(c), { until: untilGone(c) });
    return c.body(events, 200, eventStreamHeaders);
  })
  .openapi(cancel, async (c) => {
    const { id, turn } = c.req.valid('param');
    return c.json(await turnOf(c, await c.get('chat').turns.cancel(id, turn)), 200);
  })
  .openapi(retry, async (c) => {
    const { id, turn } = c.req.valid('param');
    const again = await c.get('chat').turns.retry(id, turn, c.get('requestId'));
    return answer(c, again, c.req.valid('query').stream);
  })
  .openapi(regenerate, async (c) => {
    const { id, turn } = c.req.valid('param');
    const again = await c.get('chat').turns.regenerate(id, turn, {
      wanted: wantedIn(c.req.valid('json')),
      requestId: c.get('requestId'),
      idempotencyKey: c.req.valid('header')['idempotency-key'],
    });
    return answer(c, again, c.req.valid('query').stream);
  });

type Turn = z.infer<typeof turnSchema>;

const turnOf = async (c: Context<AppEnv>, row: TurnRow): Promise<Turn> => {
  const [turn] = await turnsOf(c, [row]);
  if (!turn) throw new Error('one turn is one turn');
  return turn;
};

/** `rows` are of one session. */
async function turnsOf(c: Context<AppEnv>, rows: readonly TurnRow[]): Promise<Turn[]> {
  const [first] = rows;
  if (!first) return [];
  const relations = await c.get('chat').turns.relations(first.sessionId, rows);
  const message = (row: MessageRow) => ({ ...textMessage(row), ...relationOf(relations.get(row.id)) });
  return rows.map((row) => {
    const failure = turnFailure(row);
    const code = failure && isProblemCode(failure.code) ? failure.code : 'internal';
    return {
      id: row.id,
      session_id: row.sessionId,
      status: row.status,
      agent: row.agent,
      user_message: message(row.userMessage),
      reply: row.reply && message(row.reply),
      error: failure ? turnProblem(code, failure.details, placeOf(c), { turn: row.id }) : null,
      attempt: row.attempt,
      created_at: isoTime(row.createdAt),
      finished_at: row.finishedAt && isoTime(row.finishedAt),
    };
  });
}

function seqOf(cursor: string, locale: Locale): number {
  if (!/^\d{1,9}$/.test(cursor)) throw badCursor(locale);
  return Number(cursor);
}
