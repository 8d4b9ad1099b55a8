// What requests say beside their bodies: in the path, the query and headers.
import { z } from '@hono/zod-openapi';
import { parseCursor } from '../../chat/log/cursor.ts';
import { largestOffset, text, uuid, wholeNumber, yesOrNo } from './fields.ts';
import { turnStatus } from './turn-schemas.ts';

export const turnQuery = z.object({
  context: yesOrNo.optional().openapi({
    description:
      'Adds what the model was sent, and how much was left out; `agent_unknown` where the turn’s agent is not known',
  }),
  outcomes: yesOrNo.optional().openapi({ description: 'Adds what became of the calls of tools so far' }),
});

export const sessionPath = z.object({ id: uuid });
export const filePath = z.object({ id: uuid });
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

export const sessionContextQuery = z.object({
  agent: text(1, 100)
    .optional()
    .openapi({ description: 'Who is to answer; without it, who answers in the session' }),
  model: text(1, 200)
    .optional()
    .openapi({ description: 'One of the agent’s `models`; without it, the first' }),
  usage: yesOrNo.optional().openapi({ description: 'Adds what the session has used so far' }),
});

export const historyQuery = z.object({
  limit: wholeNumber(1, 1000, 100),
  offset: wholeNumber(0, largestOffset, 0),
  before: uuid.optional().openapi({ description: 'Pages backwards: the messages before this one' }),
  include: z.enum(['events', 'imported', 'events,imported', 'imported,events']).optional().openapi({
    description:
      '`events` adds thoughts, calls, their results and what a person was asked, `imported` the messages of an imported state',
  }),
  all: yesOrNo.default(false).openapi({ description: 'Of all versions, in the order they were said in' }),
});

export const sharePath = z.object({ id: uuid, share: text(1, 100) });
export const sharedPath = z.object({ share: text(1, 100) });

export const exportQuery = z.object({
  format: z.enum(['json', 'md', 'html']).default('json').openapi({
    description: 'Fields and messages as the API has them, Markdown, or a page that needs nothing beside it',
  }),
  all: yesOrNo.default(false).openapi({ description: 'Of all versions, in the order they were said in' }),
});

export const sharedQuery = z.object({
  format: z
    .enum(['json', 'md', 'html'])
    .default('html')
    .openapi({ description: 'A page to read, Markdown, or the messages as the API has them' }),
});

export const turnsQuery = z.object({
  status: turnStatus.optional(),
  shown: yesOrNo.default(false).openapi({ description: 'Only of the versions that the session shows' }),
  limit: wholeNumber(1, 100, 10),
  cursor: text(1, 200).optional().openapi({ description: 'From the `Link` header of the page before' }),
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
    .optional()
    .openapi({ description: 'The `id` of an event: only those after it are sent', example: '1.1.65.5.1' }),
});
