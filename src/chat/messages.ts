// What a message is on the wire: AutoGen's TextMessage with the session it belongs to and its thought.
import { dataOf } from '../agent/said-step.ts';
import { contentOf } from '../agent/structured-reply.ts';
import type { MessageRow } from '../db/message-row.ts';
import type { Json, Role } from '../db/schema.ts';
import type { Relation } from '../db/versions/versions.ts';
import type { FileRef } from '../words/files.ts';
import type { CallOutcome, FunctionCall, FunctionResult, MemoryContent } from '../words/steps.ts';
import type { Usage } from '../words/usage.ts';
import { attachedOf } from './files/attached.ts';

export type TextMessage = {
  id: string;
  session_id: string;
  /** Whether it was said to the agent or by it; `source` is only a name. */
  role: Role;
  source: string;
  type: string;
  /** An object in a StructuredMessage. */
  content: string | Json;
  thought?: string;
  created_at: string;
  models_usage: Usage | null;
  metadata: Json;
  /** That came with it. */
  files?: FileRef[];
  /** Of a StructuredMessage: as which text people read it, with its keys in braces. */
  format_string?: string | null;
  /** Of a ToolCallSummaryMessage: what it sums up. */
  tool_calls?: FunctionCall[];
  results?: FunctionResult[];
  /** Of a HandoffMessage: who is to go on. */
  target?: string;
  context?: unknown[];
  /** In a history: the message that it stands behind, null for none. */
  parent_id?: string | null;
  /** All that was said there, this too, oldest first, where that is more than one. */
  versions?: { id: string; created_at: string }[];
};

/** What a history tells of where a message stands. */
export const relationOf = (relation: Relation | undefined): Pick<TextMessage, 'parent_id' | 'versions'> =>
  relation === undefined
    ? {}
    : {
        parent_id: relation.parentId,
        ...(relation.versions
          ? {
              versions: relation.versions.map(({ id, createdAt }) => ({
                id,
                created_at: isoTime(createdAt),
              })),
            }
          : {}),
      };

/** What metadata say where the session's agent is not there any more, and the default one answers. */
export const goneMetadata = (insteadOf: string | undefined): Record<string, string> =>
  insteadOf === undefined ? {} : { agent_gone: insteadOf };

/** Every time on the wire: ISO 8601, UTC, milliseconds. */
export const isoTime = (time: Date): string => time.toISOString();

/** A step between the question and the reply, as AutoGen has it: `content` is a list. */
export type StepEvent = Omit<TextMessage, 'type' | 'content'> &
  (
    | {
        type: 'ToolCallRequestEvent';
        content: FunctionCall[];
        /** What was said beside the calls, and thought before. */
        text?: string;
        reasoning?: string;
      }
    | { type: 'ToolCallExecutionEvent'; content: FunctionResult[]; outcomes?: CallOutcome[] }
    | { type: 'MemoryQueryEvent'; content: MemoryContent[] }
  );

/** What a row of messages is on the wire. */
export type StepMessage = TextMessage | StepEvent;

export function stepMessage(row: Omit<MessageRow, 'seq' | 'step' | 'attempt'>): StepMessage {
  const message = textMessage(row);
  const { memory = [], calls = [], results = [], outcomes } = dataOf(row);
  switch (row.type) {
    case 'ToolCallRequestEvent': {
      const text = row.content;
      const reasoning = message.thought;
      // What stands beside the calls is AutoGen's thought.
      const thought = text || reasoning;
      return {
        ...message,
        ...(thought ? { thought } : {}),
        ...(text ? { text } : {}),
        ...(reasoning ? { reasoning } : {}),
        type: row.type,
        content: calls,
      };
    }
    case 'MemoryQueryEvent':
      return { ...message, type: row.type, content: memory };
    case 'ToolCallExecutionEvent':
      return { ...message, type: row.type, content: results, ...(outcomes ? { outcomes } : {}) };
    default:
      return message;
  }
}

export const isEvent = (message: StepMessage): message is StepEvent => Array.isArray(message.content);

/** The message of a row that holds no step between question and reply. */
export function textMessage(row: Omit<MessageRow, 'seq' | 'step' | 'attempt'>): TextMessage {
  return {
    id: row.id,
    session_id: row.sessionId,
    role: row.role,
    source: row.source,
    type: row.type,
    content: row.content,
    ...(row.thought === null ? {} : { thought: row.thought }),
    created_at: isoTime(row.createdAt),
    models_usage: row.modelsUsage && {
      prompt_tokens: row.modelsUsage.prompt_tokens,
      completion_tokens: row.modelsUsage.completion_tokens,
    },
    metadata: row.metadata,
    ...moreOf(row),
  };
}

/** What one that is no plain text has besides. */
function moreOf(row: Pick<MessageRow, 'role' | 'type' | 'data' | 'content'>): Partial<TextMessage> {
  if (row.role === 'user') {
    const files = attachedOf(row)?.files;
    return files ? { files } : {};
  }
  if (row.type === 'ToolCallSummaryMessage') {
    const { calls = [], results = [] } = dataOf(row);
    return { tool_calls: calls, results };
  }
  if (row.type === 'HandoffMessage') {
    const { target = '', context = [] } = dataOf(row);
    return { target, context };
  }
  if (row.type === 'StructuredMessage') {
    const { name, json, format = null } = dataOf(row).structured ?? { name: '', json: row.content };
    return { type: `StructuredMessage[${name}]`, content: contentOf({ json }), format_string: format };
  }
  return {};
}

export type ThoughtEvent = {
  id: string;
  source: string;
  models_usage: null;
  metadata: Json;
  created_at: string;
  content: string;
  type: 'ThoughtEvent';
};

/** AutoGen's ThoughtEvent of a reply, or undefined when it came without reasoning. */
export function thoughtEvent(
  reply: Pick<TextMessage, 'id' | 'source' | 'created_at' | 'thought'>,
): ThoughtEvent | undefined {
  if (reply.thought === undefined) return undefined;
  return {
    id: thoughtId(reply.id),
    source: reply.source,
    models_usage: null,
    metadata: {},
    created_at: reply.created_at,
    content: reply.thought,
    type: 'ThoughtEvent',
  };
}

/** The event's own id, always the same for one reply: the reply's as a version 8 UUID, which no message has. */
function thoughtId(replyId: string): string {
  return `${replyId.slice(0, 14)}8${replyId.slice(15)}`;
}
