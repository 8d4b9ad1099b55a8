// Saying something to the agent, blocking or streamed: two ways to look at one turn.
import { createRoute, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import type { Wanted } from '../../chat/answerer.ts';
import { Failure } from '../../chat/failure.ts';
import type { TurnReader } from '../../chat/log/turn-reader.ts';
import type { UserMessage } from '../../chat/user-message.ts';
import { jsonOrEvents } from '../answers.ts';
import { eventStream, eventStreamHeaders, eventStreamType } from '../event-stream.ts';
import { untilGone } from '../identified.ts';
import { HttpProblem } from '../problem.ts';
import { type AppEnv, createRouter, placeOf, tellLimits } from '../router.ts';
import { message, newMessage } from '../schemas/message-schemas.ts';
import { byBody, byDatabase, problems } from '../schemas/problem-schemas.ts';
import { chatQuery, idempotencyKey, sessionPath } from '../schemas/query-schemas.ts';

export const chatRequest = {
  body: { required: true, content: { 'application/json': { schema: newMessage } } },
  query: chatQuery,
  headers: idempotencyKey,
};

const reply = jsonOrEvents(message, 'The reply, or the turn’s events as they happen');

/** Why a turn that was begun brings no reply. */
const turnProblems = [
  ...(['model_failed', 'model_refused', 'model_empty', 'model_too_long'] as const),
  ...(['model_busy', 'model_quota', 'model_timeout'] as const),
  ...(['interrupted', 'cancelled', 'session_deleted', 'queue_full', 'draining', 'handed_over'] as const),
];

/** What had ended already is told as a conflict, whatever it was at first. */
const asConflicts = (['model_busy', 'model_quota', 'interrupted', ...byDatabase] as const).map((code) => ({
  code,
  status: 409 as const,
}));

export const chatResponses = {
  200: reply,
  ...problems(
    ...byBody,
    ...turnProblems,
    'session_not_found',
    'message_not_found',
    'idempotency_key_reused',
    'session_busy',
    ...asConflicts,
  ),
};

export const regenerateResponses = {
  200: reply,
  ...problems(
    ...byBody,
    ...turnProblems,
    'session_not_found',
    'turn_not_found',
    'idempotency_key_reused',
    'session_busy',
    ...asConflicts,
  ),
};

export const retryResponses = {
  200: reply,
  ...problems(
    ...byBody,
    ...turnProblems,
    'session_not_found',
    'turn_not_found',
    'turn_not_failed',
    'agent_unknown',
  ),
};

const chatRoute = createRoute({
  method: 'post',
  path: '/{id}/chat',
  operationId: 'sendMessage',
  tags: ['chat'],
  summary: 'Say something and get the reply',
  request: { ...chatRequest, params: sessionPath },
  responses: chatResponses,
});

export const chat = createRouter().openapi(chatRoute, async (c) => {
  const { stream, on_busy } = c.req.valid('query');
  const body = c.req.valid('json');
  const turn = await c.get('chat').turns.begin(c.req.valid('param').id, userMessage(body), {
    wanted: wantedIn(body),
    parentId: body.parent_id,
    requestId: c.get('requestId'),
    idempotencyKey: c.req.valid('header')['idempotency-key'],
    onBusy: on_busy,
  });
  return answer(c, turn, stream);
});

export function userMessage(body: z.output<typeof newMessage>): UserMessage {
  return {
    content: body.content,
    files: body.files ?? [],
    source: body.source,
    type: body.type,
    modelsUsage: body.models_usage ?? null,
    metadata: body.metadata ?? {},
  };
}

export const wantedIn = ({ agent, model }: Pick<z.output<typeof newMessage>, 'agent' | 'model'>): Wanted => ({
  agent: agent ?? undefined,
  model: model ?? undefined,
});

/** The turn as this caller wants to see it: `stream` says how, and where it is silent the Accept header. */
export async function answer(c: Context<AppEnv>, turn: TurnReader, stream: boolean | undefined) {
  if (stream ?? acceptsEvents(c)) {
    // With the turn that has begun; and below, has ended.
    tellLimits(c);
    const events = eventStream((wake) => turn.follow(undefined, wake), placeOf(c), { until: untilGone(c) });
    return c.body(events, 200, eventStreamHeaders);
  }
  const result = await turn.result(c.req.raw.signal);
  // Nobody is there to read it.
  if (result === undefined) return new Response(null, { status: 499 });
  if (result instanceof Failure) throw result.turn === undefined ? result : endProblem(result, turn);
  tellLimits(c);
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
