// The events of a stream: each has a name, a cursor, and one JSON object.
import { z } from '@hono/zod-openapi';
import { exampleId, id, orNull } from './answer-fields.ts';
import {
  approvalRequest,
  callOutcome,
  exampleReply,
  functionCall,
  functionResult,
  message,
  thoughtEvent,
} from './message-schemas.ts';
import { turnProblem } from './problem-schemas.ts';

const cursor = z.string().openapi('Cursor', {
  description:
    'An event’s `id`: how much of the turn a reader has who has this event. Sent as `Last-Event-ID`, it brings the rest',
  example: '1.1.65.5.1',
});

const piece = <T extends string>(type: T, description: string) =>
  z
    .object({ source: z.string(), content: z.string(), type: z.literal(type) })
    .openapi(type, { description, example: { source: 'assistant', content: 'I got', type } });

const thoughtPiece = piece('ThoughtStreamingChunkEvent', 'A piece of a thought, as AutoGen has it');
const contentPiece = piece('ModelClientStreamingChunkEvent', 'A piece of a reply, as AutoGen has it');

const textReply = message.extend({ content: z.string() }).openapi('TextReply', { description: 'AutoGen’s' });
const objectReply = message
  .extend({ content: z.record(z.string(), z.unknown()), format_string: orNull(z.string()) })
  .openapi('StructuredMessage', {
    description: 'AutoGen’s',
    example: {
      ...exampleReply,
      type: 'StructuredMessage[Answer]',
      content: { score: 3 },
      format_string: '{score} of 5',
    },
  });

const callsEvent = z
  .object({
    ...message.shape,
    type: z.literal('ToolCallRequestEvent'),
    content: z.array(functionCall),
    text: z.string().optional().openapi({ description: 'What was said beside the calls' }),
    reasoning: z.string().optional().openapi({ description: 'What was thought before them' }),
  })
  .openapi('ToolCallRequestEvent', { description: 'AutoGen’s' });
const resultsEvent = z
  .object({
    ...message.shape,
    type: z.literal('ToolCallExecutionEvent'),
    content: z.array(functionResult),
    outcomes: z
      .array(callOutcome)
      .optional()
      .openapi({ description: 'What became of the calls, in the order of the results' }),
  })
  .openapi('ToolCallExecutionEvent', { description: 'AutoGen’s, the results in the order of the calls' });

const memoryEvent = z
  .object({
    ...message.shape,
    type: z.literal('MemoryQueryEvent'),
    content: z.array(
      z.object({
        content: z.string(),
        mime_type: z.string(),
        metadata: orNull(z.record(z.string(), z.unknown())),
      }),
    ),
  })
  .openapi('MemoryQueryEvent', { description: 'AutoGen’s' });

const toolProgress = z
  .object({
    source: z.string(),
    type: z.literal('ToolProgressEvent'),
    id: z.string().openapi({ description: 'Of the call, as the ToolCallRequestEvent has it' }),
    progress: z.number(),
    total: z.number().optional(),
    message: z.string().optional(),
  })
  .openapi('ToolProgressEvent', {
    description: 'How far a call is that takes long. Of one call the newest counts; it may be told again',
    example: { source: 'assistant', type: 'ToolProgressEvent', id: 'call_1', progress: 2, total: 5 },
  });

const begun = z
  .object({ turn_id: id, session_id: id, message })
  .openapi('BegunTurn', { description: 'The turn, and the user’s message as it is stored' });

const restart = z
  .object({
    turn_id: id,
    attempt: z.number().int(),
    step: z
      .number()
      .int()
      .openapi({ description: 'The first step, from 1, that is void; all before it stand' }),
  })
  .openapi('TurnRestart', {
    description: 'A new attempt',
    example: { turn_id: exampleId, attempt: 2, step: 1 },
  });

const done = z
  .object({ turn_id: id, status: z.enum(['completed', 'failed', 'cancelled']) })
  .openapi('TurnEnd', {
    description: 'How the turn ended',
    example: { turn_id: exampleId, status: 'completed' },
  });

function streamed<N extends string, T extends z.ZodType>(event: N, data: T, name: string, when: string) {
  return z.object({ event: z.literal(event), id: cursor, data }).openapi(name, { description: when });
}

/** Of a `text/event-stream` the document describes one event, its `data` already read as JSON. */
export const streamedEvent = z
  .discriminatedUnion('event', [
    streamed('turn', begun, 'StreamedTurn', 'The first event'),
    streamed(
      'ThoughtStreamingChunkEvent',
      thoughtPiece,
      'StreamedThoughtPiece',
      'Joined, these are the thought',
    ),
    streamed('ModelClientStreamingChunkEvent', contentPiece, 'StreamedPiece', 'Joined, these are the reply'),
    streamed('ThoughtEvent', thoughtEvent, 'StreamedThought', 'The whole thought, if there was one'),
    streamed('MemoryQueryEvent', memoryEvent, 'StreamedMemory', 'What the agent remembers'),
    streamed('ToolCallRequestEvent', callsEvent, 'StreamedCalls', 'The tools that the model asks for'),
    streamed(
      'ApprovalRequestEvent',
      approvalRequest,
      'StreamedApprovalRequest',
      'The turn waits for a person',
    ),
    streamed(
      'ToolProgressEvent',
      toolProgress,
      'StreamedProgress',
      'How far a call is; the event has the cursor of the one before it',
    ),
    streamed('ToolCallExecutionEvent', resultsEvent, 'StreamedResults', 'What came of all of them'),
    streamed('TextMessage', textReply, 'StreamedMessage', 'The reply, as it is stored'),
    streamed(
      'ToolCallSummaryMessage',
      textReply,
      'StreamedSummary',
      'The reply, where it is what the tools gave',
    ),
    streamed(
      'StructuredMessage',
      objectReply,
      'StreamedObject',
      'The reply, where it has to follow a schema',
    ),
    streamed('HandoffMessage', textReply, 'StreamedHandoff', 'The reply, where another is to go on'),
    streamed(
      'restart',
      restart,
      'StreamedRestart',
      'What this turn streamed since the step began is void: it was begun again',
    ),
    streamed('error', turnProblem, 'StreamedError', 'Instead of the reply, if the turn failed'),
    streamed('done', done, 'StreamedEnd', 'The last event'),
  ])
  .openapi('StreamedEvent', {
    description:
      'One event of a stream. `event` is its name, `id` a cursor, `data` one line of JSON, shown here as what it holds. ' +
      'Lines that begin with a colon keep an idle stream open',
  });
