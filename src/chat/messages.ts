// What a message is on the wire: AutoGen's TextMessage with the session it belongs to and its thought.
import type { MessageRow } from '../db/messages.ts';
import type { Json, Role } from '../db/schema.ts';
import type { Usage } from '../words/usage.ts';

export type TextMessage = {
  id: string;
  session_id: string;
  /** Whether it was said to the agent or by it; `source` is only a name. */
  role: Role;
  source: string;
  type: string;
  content: string;
  thought?: string;
  created_at: string;
  models_usage: Usage | null;
  metadata: Json;
};

/** Every time on the wire: ISO 8601, UTC, milliseconds. */
export const isoTime = (time: Date): string => time.toISOString();

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
  };
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
