// What pages and scripts of the FastAPI application call: they know one conversation, the newest.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { Failure } from '../../chat/failure.ts';
import type { TurnReader } from '../../chat/log/turn-reader.ts';
import type { BeginOptions } from '../../chat/turns/begin-turns.ts';
import type { UserMessage } from '../../chat/user-message.ts';
import { type AppEnv, createRouter } from '../router.ts';
import {
  legacyApprovalRequest,
  legacyImportedPart,
  legacyMessage,
  legacyThoughtEvent,
} from '../schemas/message-schemas.ts';
import { historyQuery } from '../schemas/query-schemas.ts';
import { answer, chatRequest, chatResponses, userMessage, wantedIn } from './chat.ts';
import { historyResponses, readHistory } from './history.ts';
import { emptySession } from './sessions.ts';

const chatRoute = createRoute({
  method: 'post',
  path: '/chat',
  operationId: 'sendMessageToNewest',
  tags: ['legacy'],
  summary: 'Say something in the most recently updated session',
  request: chatRequest,
  responses: chatResponses,
});

const historyRoute = createRoute({
  method: 'get',
  path: '/history',
  operationId: 'getHistoryOfNewest',
  tags: ['legacy'],
  summary: 'The messages of the most recently updated session',
  request: { query: historyQuery },
  responses: historyResponses(
    z.union([legacyMessage, legacyThoughtEvent, legacyApprovalRequest, legacyImportedPart]),
  ),
});

export const legacy = createRouter()
  .openapi(chatRoute, async (c) => {
    const { stream, on_busy } = c.req.valid('query');
    const body = c.req.valid('json');
    const turn = await beginInNewest(c, userMessage(body), {
      wanted: wantedIn(body),
      parentId: body.parent_id,
      requestId: c.get('requestId'),
      idempotencyKey: c.req.valid('header')['idempotency-key'],
      onBusy: on_busy,
    });
    return answer(c, turn, stream);
  })
  .openapi(historyRoute, async (c) => {
    const session = await c.get('chat').sessions.newest();
    const messages = session === undefined ? [] : await readHistory(c, session, c.req.valid('query'));
    return c.json(
      messages.map((message) => ({ ...message, meta_data: 'metadata' in message ? message.metadata : {} })),
      200,
    );
  });

/** Many first messages at once, which are refused, may each take away the session that the others found; one is refused each time. */
const mostTries = 200;

async function beginInNewest(
  c: Context<AppEnv>,
  message: UserMessage,
  options: BeginOptions,
): Promise<TurnReader> {
  const { sessions, turns } = c.get('chat');
  // Before a session is made for nothing.
  c.get('parts').chat.refuseWhileDraining();
  const begin = () =>
    sessions.sayInNewest(emptySession(c.get('locale')), (id) => turns.begin(id, message, options));
  for (let tries = 1; ; tries++) {
    try {
      return await begin();
    } catch (error) {
      // Deleted between the two steps: the next one is the newest then.
      const isGone = error instanceof Failure && error.code === 'session_not_found';
      if (!isGone || tries === mostTries) throw error;
    }
  }
}
