// The messages of an imported state as history shows them: they were said elsewhere, before the session's first one.
import type { ImportedPage } from '../db/imported-messages.ts';
import { llmMessage } from '../models/messages.ts';
import { isoTime, type StepEvent, type TextMessage } from './messages.ts';

/** A message with images, or a step between question and reply: `content` is as AutoGen has it. */
export type ImportedPart = Omit<TextMessage, 'type' | 'content'> & {
  type: 'MultiModalMessage' | StepEvent['type'];
  content: unknown[];
};
export type ImportedMessage = TextMessage | ImportedPart;

type Page = Pick<ImportedPage, 'rows' | 'createdAt'>;

/**
 * Oldest first. Calls of tools and their results are there only where they were asked for, instructions never; nor is
 * anything where the state is that of the stored messages, as in adopted sessions. Ids are always the same, and the
 * time is the session's.
 */
export function importedMessages(
  sessionId: string,
  speaker: string,
  { rows, createdAt }: Page,
): ImportedMessage[] {
  return rows.flatMap(({ place, agent, message: stored }): ImportedMessage[] => {
    const message = llmMessage.parse(stored);
    if (message.type === 'SystemMessage') return [];
    const isUsers = message.type === 'UserMessage';
    const thought = message.type === 'AssistantMessage' ? message.thought : null;
    const common = {
      id: `${idsOf(sessionId)}${place.toString(16).padStart(12, '0')}`,
      session_id: sessionId,
      role: isUsers ? ('user' as const) : ('assistant' as const),
      source: isUsers ? message.source : (agent ?? speaker),
      ...(thought === null ? {} : { thought }),
      created_at: isoTime(createdAt),
      models_usage: null,
      metadata: { imported: 'true' },
    };
    const { content } = message;
    if (typeof content === 'string') return [{ ...common, type: 'TextMessage', content }];
    if (isUsers) return [{ ...common, type: 'MultiModalMessage', content }];
    const type =
      message.type === 'AssistantMessage'
        ? ('ToolCallRequestEvent' as const)
        : ('ToolCallExecutionEvent' as const);
    return [{ ...common, type, content }];
  });
}

/** Where in its state a message stands, by its id; undefined for an id that no imported message of the session has. */
export function importedPlace(sessionId: string, id: string): number | undefined {
  const ids = idsOf(sessionId);
  const place = Number.parseInt(id.slice(ids.length), 16);
  return id.toLowerCase().startsWith(ids) && place <= mostPlaces ? place : undefined;
}

const mostPlaces = 2 ** 31 - 2;

/** How the ids begin, before the place: the session's own as a version 5 UUID, so that no stored message has it. */
const idsOf = (sessionId: string): string =>
  `${sessionId.slice(0, 14)}5${sessionId.slice(15, 24)}`.toLowerCase();
