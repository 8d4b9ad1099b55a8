// What goes over the wire. The same schemas validate requests, type the answers and make /openapi.json.
import { z } from '@hono/zod-openapi';
import { parseCursor } from '../chat/event-log.ts';
import {
  anyObject,
  broken,
  largestOffset,
  metadata,
  storableFault,
  text,
  uuid,
  wholeNumber,
  yesOrNo,
} from './fields.ts';

const time = z.string().openapi({ format: 'date-time', example: '2026-04-03T12:00:00.000Z' });
const id = z.string().openapi({ format: 'uuid', example: '0198b0c8-1c2d-7e3f-8a4b-5c6d7e8f9a0b' });
const answeredObject = z.record(z.string(), z.unknown());

/** `nullable()` loses its null in the document where the schema is a component. */
const orNull = <T extends z.ZodType>(schema: T) => z.union([schema, z.null()]);

export const usage = z
  .object({ prompt_tokens: z.number().int().min(0), completion_tokens: z.number().int().min(0) })
  .openapi('Usage');

export const session = z
  .object({
    id,
    name: z.string(),
    created_at: time,
    updated_at: time,
    message_count: z.number().int(),
    metadata: answeredObject,
  })
  .openapi('Session');

/** AutoGen's state as it is answered; requests are read by the chat's own schema. */
const agentState = z
  .object({
    type: z.literal('AssistantAgentState'),
    version: z.literal('1.0.0'),
    llm_context: z.object({ messages: z.array(answeredObject) }),
  })
  .openapi('AssistantAgentState', { description: 'AutoGen’s AssistantAgentState' });

export const sessionDetail = session.extend({ agent_state: agentState }).openapi('SessionDetail');

export const newSession = z
  .object({
    name: text(1, 100)
      .nullish()
      .openapi({ type: ['string', 'null'] }),
    metadata: metadata.nullish().openapi({ type: ['object', 'null'] }),
    agent_state: anyObject((value) => storableFault(value, 64))
      .nullish()
      .openapi({ description: 'An AutoGen AssistantAgentState to go on from', type: ['object', 'null'] }),
  })
  .openapi('NewSession');

export const sessionChange = z
  .object({
    name: text(1, 100).optional(),
    metadata: metadata.optional(),
    agent_state: z
      .custom<null>((value) => value === null, broken({ rule: 'only_when_made' }))
      .optional()
      .openapi({ type: 'null', description: 'Cannot be changed: it is given when a session is made' }),
  })
  .openapi('SessionChange');

export const deleted = z.object({ success: z.literal(true), message: z.string() }).openapi('Deleted');

export const newMessage = z
  .object({
    content: text(1, 262_144).openapi({ example: '你好！' }),
    source: text(1, 50).default('user'),
    type: z.literal('TextMessage').default('TextMessage'),
    models_usage: orNull(usage).optional(),
    metadata: metadata.nullish().openapi({ type: ['object', 'null'] }),
  })
  .openapi('NewMessage', { description: 'An AutoGen TextMessage; only `content` is required' });

export const message = z
  .object({
    id,
    session_id: id,
    role: z.enum(['user', 'assistant']),
    source: z.string(),
    type: z.string(),
    content: z.string(),
    thought: z.string().optional(),
    created_at: time,
    models_usage: orNull(usage),
    metadata: answeredObject,
  })
  .openapi('Message');

/** With its metadata under the name that the FastAPI application had for it too. */
const alsoMetaData = { meta_data: answeredObject };
export const legacyMessage = message.extend(alsoMetaData).openapi('LegacyMessage');

export const thoughtEvent = z
  .object({
    id,
    source: z.string(),
    models_usage: z.null(),
    metadata: answeredObject,
    created_at: time,
    content: z.string(),
    type: z.literal('ThoughtEvent'),
  })
  .openapi('ThoughtEvent');

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    request_id: z.string(),
    turn_id: id.optional(),
    retryable: z.boolean().optional(),
    errors: z
      .array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() }))
      .optional(),
  })
  .openapi('Problem', { description: 'RFC 9457' });

export const legacyThoughtEvent = thoughtEvent.extend(alsoMetaData).openapi('LegacyThoughtEvent');

/** Of an imported state: what is no plain text. */
export const importedPart = message
  .extend({
    type: z.enum(['MultiModalMessage', 'ToolCallRequestEvent', 'ToolCallExecutionEvent']),
    content: z.array(z.unknown()),
  })
  .openapi('ImportedPart');

export const legacyImportedPart = importedPart.extend(alsoMetaData).openapi('LegacyImportedPart');

const status = z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']);

export const turn = z
  .object({
    id,
    session_id: id,
    status,
    user_message: message,
    reply: orNull(message),
    error: orNull(problem),
    attempt: z.number().int(),
    created_at: time,
    finished_at: time.nullable(),
  })
  .openapi('Turn');

const parts = z.array(z.union([z.string(), answeredObject]));

export const turnContext = z
  .object({
    messages: z.array(
      z.object({
        role: z.enum(['system', 'user', 'assistant', 'tool']),
        source: z.string().nullable(),
        content: z.union([z.string(), parts]).openapi({
          description: 'Text, or as in AutoGen’s state: text and images, calls of tools, their results',
        }),
        thought: z.string().optional().openapi({ description: 'What was said beside calls of tools' }),
      }),
    ),
    estimated_tokens: z.number().int(),
    left_out: z
      .object({
        by_policy: z.number().int(),
        by_model_limit: z.number().int(),
        empty: z.number().int(),
      })
      .openapi({ description: 'How many messages of the conversation were not sent' }),
    policy: z
      .object({
        name: z.enum(['unbounded', 'buffered', 'head_and_tail', 'token_limited', 'newest_that_fit']),
        buffer_size: z.number().optional(),
        head_size: z.number().optional(),
        tail_size: z.number().optional(),
        token_limit: z.number().optional(),
      })
      .openapi({ description: 'The model_context of the configuration' }),
    model_limit: z
      .number()
      .int()
      .nullable()
      .openapi({ description: 'Tokens that the model’s server takes, where it said so and that cut this' }),
  })
  .openapi('TurnContext');

export const turnDetail = turn
  .extend({ context: turnContext.optional().openapi({ description: 'With `context=true`' }) })
  .openapi('TurnDetail');

export const turnQuery = z.object({
  context: yesOrNo
    .optional()
    .openapi({ description: 'Adds what the model was sent, and how much was left out' }),
});

export const sessionPath = z.object({ id: uuid });
export const turnPath = z.object({ id: uuid, turn: uuid });

export const sessionsQuery = z.object({
  limit: wholeNumber(1, 100, 10),
  offset: wholeNumber(0, largestOffset, 0),
  cursor: text(1, 200).optional().openapi({ description: 'From the `Link` header of the page before' }),
  // A search box that is empty asks for everything.
  q: text(0, 200)
    .optional()
    .transform((value) => value || undefined)
    .openapi({ description: 'Keeps sessions whose name or messages contain it' }),
});

export const historyQuery = z.object({
  limit: wholeNumber(1, 1000, 100),
  offset: wholeNumber(0, largestOffset, 0),
  before: uuid.optional().openapi({ description: 'Pages backwards: the messages before this one' }),
  include: z.enum(['events', 'imported', 'events,imported', 'imported,events']).optional().openapi({
    description: '`events` adds tool and thought events, `imported` the messages of an imported state',
  }),
});

export const turnsQuery = z.object({
  status: status.optional(),
  limit: wholeNumber(1, 100, 10),
  cursor: text(1, 200).optional(),
});

export const streamQuery = z.object({
  stream: yesOrNo
    .optional()
    .openapi({ description: 'Server-sent events, as with `Accept: text/event-stream`' }),
});

export const chatQuery = streamQuery.extend({
  on_busy: z
    .enum(['queue', 'reject', 'interrupt'])
    .default('queue')
    .openapi({ description: 'While a turn of the session runs: wait for it, get 409, or cancel it' }),
});

export const idempotencyKey = z.object({
  'idempotency-key': text(1, 255)
    .optional()
    .openapi({ description: 'The same key and the same message give the same turn' }),
});

export const lastEventId = z.object({
  'last-event-id': z
    .string()
    .refine((value) => parseCursor(value) !== undefined, { params: { rule: 'cursor' } })
    .optional(),
});
