// Messages on the wire: what is said, as AutoGen's TextMessage, and what was thought and done in between.
import { z } from '@hono/zod-openapi';
import { callStatuses, decisions } from '../../words/tool-calls.ts';
import { answeredObject, exampleId, exampleTime, id, orNull, time } from './answer-fields.ts';
import { broken, metadata, text, uuid } from './fields.ts';

export const usage = z
  .object({ prompt_tokens: z.number().int().min(0), completion_tokens: z.number().int().min(0) })
  .openapi('Usage', {
    description: 'Tokens, as the model’s server counted them',
    example: { prompt_tokens: 18, completion_tokens: 7 },
  });

const fileReading = z
  .object({
    characters: z.number().int().openapi({ description: 'As many at most' }),
    cut: z.boolean().openapi({ description: 'Whether there is more in it, which is left out' }),
  })
  .openapi('FileReading', { description: 'How much of a file can be read' });

export const fileRef = z
  .object({
    id,
    name: z.string(),
    media_type: z.string().openapi({ description: 'What the bytes say, whatever was declared' }),
    size: z.number().int().openapi({ description: 'In bytes' }),
    text: orNull(fileReading)
      .optional()
      .openapi({ description: 'What models are given to read of it; null where there is nothing' }),
  })
  .openapi('FileRef', { description: 'A file that came with a message: GET /api/files/{id}' });

const mostFiles = 20;
const mostSaid = 262_144;
/** Empty only beside files, which the whole message says. */
const saidText = text(0, mostSaid, 1);

const saidImage = z
  .object({ data: z.string() })
  .openapi('Image', { description: 'PNG, JPEG, GIF or WebP in base64, as AutoGen has it' });

const saidParts = z
  .array(z.union([text(0, mostSaid), saidImage]))
  .refine(saysSomething, broken({ rule: 'says_something' }))
  .refine(
    (parts) =>
      parts.reduce((size, part) => size + (typeof part === 'string' ? part.length : 0), 0) <= mostSaid,
    broken({ rule: 'length', minimum: 1, maximum: mostSaid }),
  );

function saysSomething(parts: (string | { data: string })[]): boolean {
  const images = parts.filter((part) => typeof part !== 'string').length;
  return parts.length <= 100 && images <= mostFiles && (images > 0 || parts.some((part) => part !== ''));
}

export const newMessage = z
  .object({
    content: z.union([saidText, saidParts]).openapi({
      description:
        'What you say; with images in it, a list of texts and images, as AutoGen has it. Empty only with `files`',
      example: '你好！',
    }),
    files: z
      .array(uuid)
      .max(mostFiles)
      .nullish()
      .openapi({
        type: ['array', 'null'],
        items: { type: 'string', format: 'uuid' },
        maxItems: mostFiles,
        description: 'Files that were stored with POST /api/files, by their ids',
      }),
    // No `default` in the document: makers of types take what has one for always there, also in requests.
    source: text(1, 50).default('user').openapi({ description: 'Who says it; `user` if it is left out' }),
    type: z
      .enum(['TextMessage', 'MultiModalMessage'])
      .default('TextMessage')
      .openapi({
        type: 'string',
        enum: ['TextMessage', 'MultiModalMessage'],
        description: 'Nothing else is accepted; it may be left out',
      }),
    models_usage: orNull(usage).optional(),
    metadata: metadata
      .nullish()
      .openapi({ type: ['object', 'null'], description: 'An object of your own, stored with the message' }),
    agent: text(1, 100)
      .nullish()
      .openapi({
        type: ['string', 'null'],
        description: 'Who answers this one message; without it, who answers in the session',
      }),
    model: text(1, 200)
      .nullish()
      .openapi({
        type: ['string', 'null'],
        description:
          'The model for this one message, one of the agent’s `models`; without it, the first of them',
      }),
    parent_id: uuid
      .nullable()
      .optional()
      .openapi({
        type: ['string', 'null'],
        description:
          'Says something else in an old place: behind this message, or first for null; without it, behind what was said last',
      }),
  })
  .refine(({ content, files }) => content !== '' || (files ?? []).length > 0, {
    ...broken({ rule: 'length', minimum: 1, maximum: mostSaid }),
    path: ['content'],
  })
  .openapi('NewMessage', {
    description: 'An AutoGen TextMessage; only `content` is required',
    example: { content: '你好！' },
  });

export const functionCall = z
  .object({ id: z.string(), arguments: z.string(), name: z.string() })
  .openapi('FunctionCall', { description: 'A call as a model asks for it; `arguments` is JSON' });

export const functionResult = z
  .object({ content: z.string(), name: z.string(), call_id: z.string(), is_error: z.boolean() })
  .openapi('FunctionResult', { description: 'What came of a call' });

export const callOutcome = z
  .object({
    call_id: z.string().openapi({ description: 'The model’s name for the call' }),
    approval_id: id,
    status: z.enum(callStatuses),
    decision: orNull(z.enum(decisions)).openapi({ description: 'What a person said, if anybody' }),
    decided_by: orNull(z.string()).openapi({ description: 'Nobody did, where its time was over' }),
    arguments: orNull(z.string()).openapi({ description: 'JSON that a person gave instead of the model’s' }),
    started_at: orNull(time),
    finished_at: orNull(time),
  })
  .openapi('CallOutcome', { description: 'What became of a call' });

const version = z
  .object({ id, created_at: time })
  .openapi('Version', { description: 'One of what was said in the same place; oldest first' });

export const exampleReply = {
  id: exampleId,
  session_id: exampleId,
  role: 'assistant',
  source: 'assistant',
  type: 'TextMessage',
  content: 'Hi! How can I help?',
  thought: 'They greet me.',
  created_at: exampleTime,
  models_usage: { prompt_tokens: 18, completion_tokens: 7 },
  metadata: { model: 'gpt-4o-mini' },
};

export const message = z
  .object({
    id,
    session_id: id,
    role: z.enum(['user', 'assistant']).openapi({ description: 'Whether it was said to the agent or by it' }),
    source: z.string().openapi({ description: 'A name; whose it is, `role` says' }),
    type: z.string(),
    content: z
      .union([z.string(), z.record(z.string(), z.unknown())])
      .openapi({ description: 'A text; of a StructuredMessage the object' }),
    files: z.array(fileRef).optional().openapi({ description: 'What came with it; its images too' }),
    thought: z.string().optional().openapi({ description: 'The model’s reasoning, if it showed any' }),
    created_at: time,
    models_usage: orNull(usage),
    metadata: answeredObject.openapi({
      description: 'What the caller sent, and of a reply what the server adds',
    }),
    format_string: orNull(z.string()).optional().openapi({
      description: 'Of a StructuredMessage: as which text it is read, with its keys in braces',
    }),
    tool_calls: z.array(functionCall).optional().openapi({ description: 'Of a ToolCallSummaryMessage' }),
    results: z.array(functionResult).optional().openapi({ description: 'Of a ToolCallSummaryMessage' }),
    target: z.string().optional().openapi({ description: 'Of a HandoffMessage: who is to go on' }),
    context: z.array(z.unknown()).optional().openapi({ description: 'Of a HandoffMessage' }),
    parent_id: orNull(id).optional().openapi({
      description:
        'In a history: the message that it stands behind, null for the first; none of what was imported',
    }),
    versions: z
      .array(version)
      .optional()
      .openapi({ description: 'In a history, where there are several: all that was said in this place' }),
  })
  .openapi('Message', {
    description: 'What was said: an AutoGen TextMessage, and the session it belongs to',
    example: exampleReply,
  });

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
  .openapi('ThoughtEvent', { description: 'A whole thought, as AutoGen has it' });

export const calledServer = orNull(z.string()).openapi({
  description:
    'What the server is called that has the tool: its name in the agent’s file, or a host; null for none',
});

export const approvalRequest = z
  .object({
    source: z.string(),
    type: z.literal('ApprovalRequestEvent'),
    id,
    call: functionCall,
    server: calledServer,
    expires_at: time,
  })
  .openapi('ApprovalRequestEvent', {
    description: 'A call that a person has to allow: POST …/turns/{turn}/approvals/{id}',
  });

export const importedPart = z
  .object({
    ...message.shape,
    type: z.enum(['MultiModalMessage', 'MemoryQueryEvent', 'ToolCallRequestEvent', 'ToolCallExecutionEvent']),
    content: z.array(z.unknown()).openapi({ description: 'As AutoGen has it' }),
    text: z.string().optional().openapi({ description: 'What was said beside the calls' }),
    reasoning: z.string().optional().openapi({ description: 'What was thought before them' }),
    outcomes: z
      .array(callOutcome)
      .optional()
      .openapi({ description: 'What became of the calls, in the order of the results' }),
  })
  .openapi('ImportedPart', { description: 'Of an imported state: what is no plain text' });

/** With its metadata under the name that the FastAPI application had for it too. */
const alsoMetaData = { meta_data: answeredObject.openapi({ description: 'The same as `metadata`' }) };

export const legacyMessage = message.extend(alsoMetaData).openapi('LegacyMessage', {
  description: 'A message as the FastAPI application’s callers read it',
  example: { ...exampleReply, meta_data: exampleReply.metadata },
});
export const legacyThoughtEvent = thoughtEvent
  .extend(alsoMetaData)
  .openapi('LegacyThoughtEvent', { description: 'A thought as those callers read it' });
export const legacyApprovalRequest = approvalRequest
  .extend(alsoMetaData)
  .openapi('LegacyApprovalRequestEvent', {
    description: 'A call that a person had to allow, as those callers read it',
  });
export const legacyImportedPart = importedPart
  .extend(alsoMetaData)
  .openapi('LegacyImportedPart', { description: 'An imported part as those callers read it' });
