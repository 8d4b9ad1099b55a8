// The messages of an imported state as history shows them: they were said elsewhere, before the session's first one.
import type { SessionDetailRow } from '../db/sessions.ts';
import { isoTime, type TextMessage } from './messages.ts';
import { assistantSource, stateMessages } from './state.ts';

/** A message with images, or a step between question and reply: `content` is as AutoGen has it. */
export type ImportedPart = Omit<TextMessage, 'type' | 'content'> & {
  type: 'MultiModalMessage' | 'ToolCallRequestEvent' | 'ToolCallExecutionEvent';
  content: unknown[];
};
export type ImportedMessage = TextMessage | ImportedPart;

type Session = Pick<SessionDetailRow, 'id' | 'createdAt' | 'agentState' | 'agentStateSeq'>;

/**
 * Oldest first; calls of tools and their results only where `events` asks for them, instructions never. Nothing where
 * the state is that of the stored messages, as in adopted sessions. Ids are always the same, and the time is the
 * session's.
 */
export function importedMessages(session: Session, events: boolean): ImportedMessage[] {
  if (session.agentStateSeq > 0) return [];
  let agent = assistantSource;
  return stateMessages(session.agentState).flatMap((message, place): ImportedMessage[] => {
    if (message.type === 'SystemMessage') return [];
    if (message.type === 'AssistantMessage') agent = message.source;
    const isUsers = message.type === 'UserMessage';
    const thought = message.type === 'AssistantMessage' ? message.thought : null;
    const common = {
      id: idOf(session.id, place),
      session_id: session.id,
      role: isUsers ? ('user' as const) : ('assistant' as const),
      source: isUsers ? message.source : agent,
      ...(thought === null ? {} : { thought }),
      created_at: isoTime(session.createdAt),
      models_usage: null,
      metadata: { imported: 'true' },
    };
    const { content } = message;
    if (typeof content === 'string') return [{ ...common, type: 'TextMessage', content }];
    if (isUsers) return [{ ...common, type: 'MultiModalMessage', content }];
    if (!events) return [];
    const type =
      message.type === 'AssistantMessage'
        ? ('ToolCallRequestEvent' as const)
        : ('ToolCallExecutionEvent' as const);
    return [{ ...common, type, content }];
  });
}

/** The session's own as a version 5 UUID that ends with the place: no stored message has it. */
const idOf = (sessionId: string, place: number): string =>
  `${sessionId.slice(0, 14)}5${sessionId.slice(15, 24)}${place.toString(16).padStart(12, '0')}`;
