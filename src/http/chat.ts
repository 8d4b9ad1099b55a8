// Saying something to the agent, blocking or streamed: two ways to look at one turn.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { Failure } from '../chat/failure.ts';
import type { TurnReader } from '../chat/turn-reader.ts';
import type { UserMessage } from '../chat/turns.ts';
import { eventStream, eventStreamHeaders, eventStreamType } from './event-stream.ts';
import { HttpProblem } from './problem.ts';
import { type AppEnv, createRouter, placeOf, problems } from './router.ts';
import * as schemas from './schemas.ts';

export const chatRequest = {
  body: { required: true, content: { 'application/json': { schema: schemas.newMessage } } },
  query: schemas.chatQuery,
  headers: schemas.idempotencyKey,
};

export const chatResponses = {
  200: {
    description: 'The reply, or the turn’s events as they happen',
    content: {
      'application/json': { schema: schemas.message },
      [eventStreamType]: { schema: z.string() },
    },
  },
  ...problems(400, 404, 409, 413, 415, 422, 429, 502, 503, 504),
};

const chatRoute = createRoute({
  method: 'post',
  path: '/{id}/chat',
  tags: ['chat'],
  summary: 'Say something and get the reply',
  request: { ...chatRequest, params: schemas.sessionPath },
  responses: chatResponses,
});

export const chat = createRouter().openapi(chatRoute, async (c) => {
  const { stream, on_busy } = c.req.valid('query');
  const turn = await c.get('parts').turns.begin(c.req.valid('param').id, userMessage(c.req.valid('json')), {
    requestId: c.get('requestId'),
    idempotencyKey: c.req.valid('header')['idempotency-key'],
    onBusy: on_busy,
  });
  return answer(c, turn, stream);
});

export function userMessage(body: z.output<typeof schemas.newMessage>): UserMessage {
  return {
    content: body.content,
    source: body.source,
    type: body.type,
    modelsUsage: body.models_usage ?? null,
    metadata: body.metadata ?? {},
  };
}

/** The turn as this caller wants to see it: `stream` says how, and where it is silent the Accept header. */
export async function answer(c: Context<AppEnv>, turn: TurnReader, stream: boolean | undefined) {
  if (stream ?? acceptsEvents(c)) {
    const events = eventStream((wake) => turn.follow(undefined, wake), placeOf(c));
    return c.body(events, 200, eventStreamHeaders);
  }
  const result = await turn.result(c.req.raw.signal);
  // Nobody is there to read it.
  if (result === undefined) return new Response(null, { status: 499 });
  if (result instanceof Failure) throw result.turn === undefined ? result : endProblem(result, turn);
  return c.json(result, 200);
}

/** Tells a caller who waited for a reply why there is none, and where the turn can be run again. */
function endProblem({ code, details }: Failure, { session, turn, isBegun }: TurnReader): HttpProblem {
  const retry = `/api/sessions/${session}/turns/${turn}/retry`;
  return new HttpProblem(code, details, { end: { turn, retry, isFinal: !isBegun } });
}

/** Whether the caller would rather have events than one JSON object. */
export function acceptsEvents(c: Context): boolean {
  // A HEAD has nobody who would read them.
  if (c.req.method === 'HEAD') return false;
  const supports = ['application/json', eventStreamType];
  return accepts(c, { header: 'Accept', supports, default: 'application/json' }) === eventStreamType;
}
